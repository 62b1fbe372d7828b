package account

import (
	"context"
	"net/http"
	"strings"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// sts serves GetCallerIdentity, which requires no permission.
func (a *Account) sts() http.Handler {
	return wire.QueryService{
		Name: "STS", Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/", InvalidParameter: "ValidationError",
		Operations: map[string]wire.QueryOperation{"GetCallerIdentity": a.callerIdentity},
	}
}

func (a *Account) callerIdentity(ctx context.Context, p *wire.Parameters) (any, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	type identity struct{ Arn, UserId, Account string }
	account := a.options.Stack.Account
	caller := iam.CallerOf(ctx)
	if caller.Role == "" {
		return identity{"arn:aws:iam::" + account + ":user/operator", "AIDALOCALOPERATOR", account}, nil
	}
	name := caller.Role[strings.LastIndex(caller.Role, "/")+1:]
	session := name + "/" + caller.Session
	return identity{"arn:aws:sts::" + account + ":assumed-role/" + session, "AROALOCAL:" + caller.Session, account}, nil
}
