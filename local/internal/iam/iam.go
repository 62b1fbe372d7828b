// Package iam is the local AWS's IAM: it reads the roles and policies of the stack, and decides on each call. It denies what no
// policy allows.
//
// It supports the policy elements, condition operators and condition keys that the templates and docs/deploy.md use, and refuses
// others by name when it reads a policy: to ignore one would allow, or deny, what AWS does not. Of IAM's API it has
// SimulatePrincipalPolicy, which make doctor calls.
package iam

import (
	"context"
	"path"
	"strings"
)

// Caller makes a call.
type Caller struct {
	// Role is the ARN of the assumed role; "" stands for the operator, who may do everything.
	Role string
	// Session is the function, execution or crawler that assumed the role, and the end of the caller's ARN.
	Session string
	// Via is the service that makes the call on behalf of the caller, for example "athena.amazonaws.com", or "".
	Via string
}

// arn returns the ARN of the role's session. It does not contain the role's path.
func (c Caller) arn() string {
	account, role, _ := strings.Cut(c.Role, ":role/")
	return strings.Replace(account, ":iam:", ":sts:", 1) + ":assumed-role/" + path.Base(role) + "/" + c.Session
}

type callerKey struct{}

// WithCaller returns a context for calls of the caller.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf returns the caller of a context, or the operator.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// Call is one action on one resource, as policies see it.
type Call struct {
	// Action is a service's prefix and an action, for example "glue:GetTable".
	Action string
	// Resource is an ARN, or "*" for an action without resource-level permissions.
	Resource string
	// Keys are the condition keys of this call, without those of every call.
	Keys map[string]string
}

// Guard decides on calls. It never changes, so that several goroutines can use it. A nil Guard allows everything, for tests of a
// single service.
type Guard struct {
	account string
	roles   map[string]role // by ARN
	// attached are the policies of resources, by the resource's ARN.
	attached map[string][]statement
	observe  func(Decision)
}

// role is a role of the stack. identity are the statements of all its policies.
type role struct{ trust, identity []statement }

// Check returns nil when the caller of the context may make all calls, or a *Denied for the first refused one.
func (g *Guard) Check(ctx context.Context, calls ...Call) error {
	for _, call := range calls {
		if err := g.answer(Decision{Caller: CallerOf(ctx), Call: call}); err != nil {
			return err
		}
	}
	return nil
}

// Assume returns nil when the role exists and its trust policy lets the service assume it. keys are all the condition keys that the
// service sends, for example aws:SourceAccount.
func (g *Guard) Assume(service, role string, keys map[string]string) error {
	return g.answer(Decision{Service: service, Call: Call{Action: assumeRole, Resource: role, Keys: keys}})
}

// CheckService returns nil when the policy of the resource (a function, queue, topic or key) lets a service make the call without a
// role. The call's keys are as in [Guard.Assume].
func (g *Guard) CheckService(service string, call Call) error {
	return g.answer(Decision{Service: service, Call: call})
}

// HasRole reports whether the stack has the role with this ARN.
func (g *Guard) HasRole(arn string) bool {
	if g == nil {
		return true
	}
	_, found := g.roles[arn]
	return found
}

// Decision is a question to a Guard, and the answer.
type Decision struct {
	// Caller asks, unless a Service does: a principal name, for example "export.rds.amazonaws.com".
	Caller  Caller
	Service string
	// Call is sts:AssumeRole on the role when the question was [Guard.Assume].
	Call Call
	// Denied is nil when the call is allowed.
	Denied *Denied
}

// Denied is AWS's refusal, in the words of the IAM guide's page "Troubleshoot access denied error messages".
type Denied struct {
	// Principal is the caller's ARN, "arn:aws:sts::123456789012:assumed-role/ROLE/SESSION", or the service's name.
	Principal string
	Action    string
	Resource  string
	// Reason is the end of AWS's sentence: "no identity-based policy allows the glue:GetTable action", or "an explicit deny in a
	// resource-based policy".
	Reason string
}

func (d *Denied) Error() string {
	link := " because "
	if strings.HasPrefix(d.Reason, "an explicit deny") {
		link = " with "
	}
	return "User: " + d.Principal + " is not authorized to perform: " + d.Action + " on resource: " + d.Resource + link + d.Reason
}

// Refused implements wire.Refusal, so that each service answers in its own protocol.
func (d *Denied) Refused() {}
