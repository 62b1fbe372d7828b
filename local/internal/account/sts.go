package account

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"snaplake/local/internal/iam"
)

// sts tells callers who they are, which needs no permission.
func (a *Account) sts() http.Handler {
	return query{"https://sts.amazonaws.com/doc/2011-06-15/", "2011-06-15", map[string]operation{
		"GetCallerIdentity": {nil, a.callerIdentity},
	}}
}

func (a *Account) callerIdentity(ctx context.Context, _ url.Values) (any, error) {
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
