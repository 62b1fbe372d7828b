// Package iam is the local AWS's IAM: it knows the roles and policies of the stack, and decides who may do what. Everything is
// denied that no policy allows.
package iam

import (
	"context"
	"path"
	"strings"
)

// Caller is who makes a call.
type Caller struct {
	// Role is the ARN of the role that the caller has assumed; "" is the operator, who may do everything.
	Role string
	// Session names what assumed it: the function, the execution, the crawler. It is the end of the caller's ARN.
	Session string
	// Via is the service that makes the call in the caller's name, "athena.amazonaws.com"; "" when the caller makes it itself. Here
	// no call goes by way of two services.
	Via string
}

// arn is the ARN of the role's session. A role's path is no part of it.
func (c Caller) arn() string {
	account, role, _ := strings.Cut(c.Role, ":role/")
	return strings.Replace(account, ":iam:", ":sts:", 1) + ":assumed-role/" + path.Base(role) + "/" + c.Session
}

type callerKey struct{}

// WithCaller makes a context whose calls are the caller's.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf is the caller of a context, or the operator.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// Call is one action on one resource, as policies see it.
type Call struct {
	// Action is a service's prefix and an action: "glue:GetTable".
	Action string
	// Resource is an ARN, or "*" for an action that knows no resource.
	Resource string
	// Keys are the condition keys of this call, beyond those that every call has.
	Keys map[string]string
}

// Guard decides about calls. It never changes, and can be used from several goroutines. A nil Guard allows everything, for
// services that are tested alone.
type Guard struct {
	account, region string
	roles           map[string]role // by ARN
	// attached are the policies of resources, by the resource's ARN.
	attached map[string][]statement
	observe  func(Decision)
}

// role is a role of the stack.
type role struct {
	name, path, id string
	// trustPolicy is the document that trust was read from.
	trustPolicy string
	trust       []statement
	// identity is what all of the policies on the role say, inline and managed.
	identity []statement
}

// Check returns nil when the caller of the context may make all of the calls, and else a *Denied about the first that it may
// not.
func (g *Guard) Check(ctx context.Context, calls ...Call) error {
	for _, call := range calls {
		if err := g.answer(Decision{Caller: CallerOf(ctx), Call: call}); err != nil {
			return err
		}
	}
	return nil
}

// Assume returns nil when the role exists and its trust policy lets the service assume it. keys are condition keys:
// aws:SourceAccount, aws:SourceArn. Which of them a service sends is the service's own; none is there that is not given.
func (g *Guard) Assume(service, role string, keys map[string]string) error {
	return g.answer(Decision{Service: service, Call: Call{Action: assumeRole, Resource: role, Keys: keys}})
}

// CheckService returns nil when the policy of the resource (a function, a queue, a topic, a key) lets a service make the call in
// its own name, without any role. The call's keys are as in [Guard.Assume].
func (g *Guard) CheckService(service string, call Call) error {
	return g.answer(Decision{Service: service, Call: call})
}

// HasRole tells whether there is such a role, given by its ARN.
func (g *Guard) HasRole(arn string) bool {
	if g == nil {
		return true
	}
	_, found := g.roles[arn]
	return found
}

// Decision is what a Guard was asked, and what it answered.
type Decision struct {
	// Caller asked, unless a Service did: a service's principal name, as "export.rds.amazonaws.com".
	Caller  Caller
	Service string
	// Call is sts:AssumeRole on the role where the question was [Guard.Assume].
	Call Call
	// Denied is the refusal; nil when the call was allowed.
	Denied *Denied
	// By names the statements that allowed it, for people. The operator needs none.
	By []string
}

// Denied is AWS's refusal, in the words of the IAM guide's page "Troubleshoot access denied error messages".
type Denied struct {
	// Principal is the caller's ARN, or the service's name: "arn:aws:sts::123456789012:assumed-role/ROLE/SESSION".
	Principal string
	Action    string
	Resource  string
	// Explicit is set when a statement denies the call, and not when none allows it.
	Explicit bool
	// Reason is the end of AWS's sentence: "no identity-based policy allows the glue:GetTable action", or, when it is explicit,
	// "an explicit deny in a resource-based policy".
	Reason string
}

func (d *Denied) Error() string {
	link := " because "
	if d.Explicit {
		link = " with "
	}
	return "User: " + d.Principal + " is not authorized to perform: " + d.Action + " on resource: " + d.Resource + link + d.Reason
}

// Refused makes a Denied a refusal as package wire knows it, so that each service answers with it in its own protocol.
func (d *Denied) Refused() {}
