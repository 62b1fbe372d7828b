package iam

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
)

type getRole struct {
	XMLName   xml.Name `xml:"https://iam.amazonaws.com/doc/2010-05-08/ GetRoleResponse"`
	Role      roleInfo `xml:"GetRoleResult>Role"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

type roleInfo struct {
	Path     string
	RoleName string
	RoleID   string `xml:"RoleId"`
	Arn      string
	// AssumeRolePolicyDocument is URL-encoded, by RFC 3986.
	AssumeRolePolicyDocument string
}

func (g *Guard) getRole(r *http.Request, form url.Values, requestID string) (any, error) {
	name := take(form, "RoleName")
	if err := rest(form); err != nil {
		return nil, err
	}
	for arn, role := range g.roles {
		if role.name != name {
			continue
		}
		if err := g.Check(r.Context(), Call{Action: "iam:GetRole", Resource: arn}); err != nil {
			return nil, err
		}
		// QueryEscape writes a space as +, which RFC 3986 does not know.
		document := strings.ReplaceAll(url.QueryEscape(role.trustPolicy), "+", "%20")
		return getRole{Role: roleInfo{role.path, role.name, role.id, arn, document}, RequestID: requestID}, nil
	}
	return nil, &failure{http.StatusNotFound, "NoSuchEntity", "The role with name " + name + " cannot be found."}
}
