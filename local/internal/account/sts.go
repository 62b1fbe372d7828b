package account

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
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

// These are the limits of AssumeRole (API reference).
const (
	minSession = 15 * time.Minute
	maxChained = time.Hour // if a role's session assumes a role
	minLength  = 2         // for the session's name and the external ID
)

// allowed matches the characters of external IDs and session names.
var allowed = regexp.MustCompile(`^[\w+=,.@:/-]*$`)

func (a *Account) assumeRole(ctx context.Context, p *wire.Parameters) (any, error) {
	role, name, external := p.Required("RoleArn"), p.Required("RoleSessionName"), p.Text("ExternalId")
	checkText(p, "roleSessionName", name)
	if external != "" {
		checkText(p, "externalId", external)
	}
	duration := p.Text("DurationSeconds")
	if err := p.Err(); err != nil {
		return nil, err
	}
	caller := iam.CallerOf(ctx)
	if err := a.options.Guard.AssumeAsCaller(ctx, role, external); err != nil {
		return nil, err
	}
	valid, err := a.sessionDuration(caller, role, duration)
	if err != nil {
		return nil, err
	}
	type credentials struct{ AccessKeyId, SecretAccessKey, SessionToken, Expiration string }
	type user struct{ AssumedRoleId, Arn string }
	session := iam.Caller{Role: role, Session: name}
	expires := a.options.Clock.Now().Add(valid).Truncate(time.Second)
	key, secret, token := a.options.NewSession(session, expires)
	return struct {
		Credentials     credentials
		AssumedRoleUser user
	}{
		credentials{key, secret, token, expires.UTC().Format(time.RFC3339)},
		user{sessionID(session), session.ARN(a.options.Stack.Account)},
	}, nil
}

// checkText records an error if a parameter is too short or contains a character that is not allowed.
func checkText(p *wire.Parameters, name, value string) {
	constraint := "satisfy regular expression pattern: " + strings.Trim(allowed.String(), "^$")
	if len(value) < minLength {
		constraint = "have length greater than or equal to " + strconv.Itoa(minLength)
	} else if allowed.MatchString(value) {
		return
	}
	p.Fail(invalidParameter, "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must %s",
		value, name, constraint)
}

// sessionDuration returns the duration of a new session of a role. seconds is the requested duration, or "".
func (a *Account) sessionDuration(caller iam.Caller, role, seconds string) (time.Duration, error) {
	longest := a.options.Guard.MaxSession(role)
	if seconds == "" {
		return time.Hour, nil
	}
	n, err := strconv.Atoi(seconds)
	wanted := time.Duration(n) * time.Second
	switch {
	case err != nil:
		return 0, wire.Errorf("MalformedInput", "DurationSeconds must be a whole number, not %q", seconds)
	case wanted < minSession:
		return 0, wire.Errorf(invalidParameter, "1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: "+
			"Member must have value greater than or equal to %d", n, int(minSession.Seconds()))
	case caller.Role != "" && wanted > maxChained:
		return 0, wire.Errorf(invalidParameter,
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	case wanted > longest:
		return 0, wire.Errorf(invalidParameter, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return wanted, nil
}
