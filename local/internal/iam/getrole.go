package iam

import (
	"context"
	"net/url"
	"strings"

	"snaplake/local/internal/wire"
)

type roleInfo struct {
	Path     string
	RoleName string
	RoleID   string `xml:"RoleId"`
	Arn      string
	// AssumeRolePolicyDocument is URL-encoded, by RFC 3986.
	AssumeRolePolicyDocument string
}

func (g *Guard) getRole(ctx context.Context, p *wire.Parameters) (any, error) {
	name := p.Text("RoleName")
	if err := p.Err(); err != nil {
		return nil, err
	}
	for arn, role := range g.roles {
		if role.name != name {
			continue
		}
		if err := g.Check(ctx, Call{Action: "iam:GetRole", Resource: arn}); err != nil {
			return nil, err
		}
		// QueryEscape writes a space as +, which RFC 3986 does not know.
		document := strings.ReplaceAll(url.QueryEscape(role.trustPolicy), "+", "%20")
		return struct{ Role roleInfo }{roleInfo{role.path, role.name, role.id, arn, document}}, nil
	}
	return nil, noSuchEntity("The role with name " + name + " cannot be found.")
}
