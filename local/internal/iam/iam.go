// Package iam implements IAM for the local AWS: it authorizes each call by the roles and policies of the stack.
//
// It supports the policy elements, condition operators and condition keys that the templates and docs/deploy.md use. It rejects any other
// element, operator or key with an error that names it, since ignoring it could change which calls are allowed.
package iam

import (
	"context"
	"path"
	"strings"
)

// Caller identifies the caller of an operation.
type Caller struct {
	// Role is the ARN of the assumed role. If empty, the caller is the operator, who may do everything.
	Role string
	// Session is the name of the function, execution or crawler that assumed the role. It is the last part of the caller's ARN.
	Session string
	// Via is the service that makes the call on behalf of the caller, for example "athena.amazonaws.com", or "".
	Via string
}

// ARN returns the ARN of the role's session, which does not contain the role's path, or the ARN of the operator in the given account.
func (c Caller) ARN(ofAccount string) string {
	if c.Role == "" {
		return "arn:aws:iam::" + ofAccount + ":user/operator"
	}
	account, role, _ := strings.Cut(c.Role, ":role/")
	return strings.Replace(account, ":iam:", ":sts:", 1) + ":assumed-role/" + path.Base(role) + "/" + c.Session
}

type callerKey struct{}

// WithCaller returns a context for calls that the given caller makes.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf returns the caller in the context, or the operator if the context has no caller.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

type deniedKey struct{}

// WithDenied returns a context in which Check passes each denial to f as well.
func WithDenied(ctx context.Context, f func(*Denied)) context.Context {
	return context.WithValue(ctx, deniedKey{}, f)
}

// Call is an action on a resource. Both are written as in IAM policies.
type Call struct {
	// Action is the action with its service's prefix, for example "glue:GetTable".
	Action string
	// Resource is an ARN, or "*" for an action without resource-level permissions.
	Resource string
	// Keys holds the condition keys that are specific to this call.
	Keys map[string]string
}

// Guard authorizes calls. It is immutable and therefore safe for concurrent use. A nil Guard allows everything.
type Guard struct {
	account string
	roles   map[string]role // by ARN
	// attached maps the ARN of a resource to the statements of the resource's policy.
	attached map[string][]statement
	observe  func(Decision)
}

// role holds the statements in the trust policy of a role, and the statements in all its identity-based policies.
type role struct {
	trust, identity []statement
}

// Check returns nil if the context's caller may make all calls. Otherwise, it returns a *Denied for the first call that is denied.
func (g *Guard) Check(ctx context.Context, calls ...Call) error {
	for _, call := range calls {
		if err := g.answer(Decision{Caller: CallerOf(ctx), Call: call}); err != nil {
			if f, ok := ctx.Value(deniedKey{}).(func(*Denied)); ok {
				f(err.(*Denied))
			}
			return err
		}
	}
	return nil
}

// Assume returns nil if the role exists and its trust policy allows the service to assume the role with the given condition keys.
func (g *Guard) Assume(service, role string, keys map[string]string) error {
	return g.answer(Decision{Service: service, Call: Call{Action: assumeRole, Resource: role, Keys: keys}})
}

// AssumeAsCaller returns nil if the context's caller may assume the role. externalID may be empty.
//
// The operator can also assume a role whose trust policy names a user, role or account outside the stack, because only the operator's key
// can act for that principal in the local AWS.
func (g *Guard) AssumeAsCaller(ctx context.Context, role, externalID string) error {
	keys := map[string]string{}
	if externalID != "" {
		keys["sts:ExternalId"] = externalID
	}
	return g.Check(ctx, Call{Action: assumeRole, Resource: role, Keys: keys})
}

// CheckService returns nil if the policy of the resource (a function, queue, topic or key) allows the service to make the call itself.
func (g *Guard) CheckService(service string, call Call) error {
	return g.answer(Decision{Service: service, Call: call})
}

// Decision is the Guard's answer to a call.
type Decision struct {
	// Caller identifies who makes the call. It is empty if Service is set.
	Caller Caller
	// Service is the service principal that makes the call, for example "export.rds.amazonaws.com".
	Service string
	// Call is the call that is allowed or denied. For [Guard.Assume], it is sts:AssumeRole on the role.
	Call Call
	// Denied is nil if the call is allowed.
	Denied *Denied
}

// Denied is AWS's access denied error (IAM guide, "Troubleshoot access denied error messages").
type Denied struct {
	// Principal is the caller's ARN, "arn:aws:sts::123456789012:assumed-role/ROLE/SESSION", or the service's name.
	Principal string
	Action    string
	Resource  string
	// Reason is the last part of AWS's message, for example "an explicit deny in a resource-based policy", or "" for [Guard.AssumeAsCaller].
	Reason string
}

func (d *Denied) Error() string {
	text := "User: " + d.Principal + " is not authorized to perform: " + d.Action + " on resource: " + d.Resource
	switch {
	case d.Reason == "":
		return text
	case strings.HasPrefix(d.Reason, "an explicit deny"):
		return text + " with " + d.Reason
	}
	return text + " because " + d.Reason
}
