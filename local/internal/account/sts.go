package account

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// sts serves GetCallerIdentity, which requires no permission, and AssumeRole.
func (a *Account) sts() http.Handler {
	return wire.QueryService{
		Name: "STS", Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/", InvalidParameter: invalidParameter,
		Operations: map[string]wire.QueryOperation{"GetCallerIdentity": a.callerIdentity, "AssumeRole": a.assumeRole},
	}
}

const invalidParameter = "ValidationError"

func (a *Account) callerIdentity(ctx context.Context, p *wire.Parameters) (any, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	type identity struct{ Arn, UserId, Account string }
	account := a.options.Stack.Account
	caller := iam.CallerOf(ctx)
	id := "AIDALOCALOPERATOR"
	if caller.Role != "" {
		id = sessionID(caller)
	}
	return identity{caller.ARN(account), id, account}, nil
}

// sessionID returns the unique ID of a role's session, which ends with the session's name.
func sessionID(c iam.Caller) string { return "AROALOCAL:" + c.Session }

// validText matches session names and external IDs (API reference, AssumeRole).
var validText = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)

func (a *Account) assumeRole(ctx context.Context, p *wire.Parameters) (any, error) {
	role, name, external := p.Required("RoleArn"), p.Required("RoleSessionName"), p.Text("ExternalId")
	for _, given := range [][2]string{{"roleSessionName", name}, {"externalId", external}} {
		if given[1] != "" && !validText.MatchString(given[1]) {
			p.Fail(invalidParameter, "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: "+
				"Member must satisfy regular expression pattern: %s", given[1], given[0], validText)
		}
	}
	// The roles of the stack do not set MaxSessionDuration, so their sessions last between 15 minutes and one hour.
	seconds, err := strconv.Atoi(cmp.Or(p.Text("DurationSeconds"), "3600"))
	if err != nil || seconds < 900 || seconds > 3600 {
		p.Fail(invalidParameter, "DurationSeconds must be a whole number from 900 to 3600")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := a.options.Guard.AssumeAsCaller(ctx, role, external); err != nil {
		return nil, err
	}
	type credentials struct{ AccessKeyId, SecretAccessKey, SessionToken, Expiration string }
	type user struct{ AssumedRoleId, Arn string }
	session := iam.Caller{Role: role, Session: name}
	expires := a.options.Clock.Now().Add(time.Duration(seconds) * time.Second).Truncate(time.Second)
	key, secret, token := a.options.NewSession(session, expires)
	return struct {
		Credentials     credentials
		AssumedRoleUser user
	}{
		credentials{key, secret, token, expires.UTC().Format(time.RFC3339)},
		user{sessionID(session), session.ARN(a.options.Stack.Account)},
	}, nil
}
