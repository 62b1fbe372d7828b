package iam

import (
	"slices"
	"strings"
)

const assumeRole = "sts:AssumeRole"

// The kinds of policies, as AWS's refusals call them.
const (
	identityBased = "identity-based policy"
	resourceBased = "resource-based policy"
	trustPolicy   = "role trust policy"
)

// answer decides, tells the observer, and gives the refusal as an error.
func (g *Guard) answer(d Decision) error {
	if g == nil {
		return nil
	}
	d.By, d.Denied = g.decide(d)
	if g.observe != nil {
		g.observe(d)
	}
	if d.Denied != nil {
		return d.Denied
	}
	return nil
}

// decide follows the IAM guide's page "Policy evaluation logic" for one account: a deny wins; then it is enough that a policy of
// the caller's role allows the call, or one of the resource that names the caller.
func (g *Guard) decide(d Decision) (by []string, denied *Denied) {
	if d.Service == "" && d.Caller.Role == "" {
		return nil, nil
	}
	r := g.request(d)
	if d.Service != "" && strings.EqualFold(d.Call.Action, assumeRole) {
		return r.assume(g.roles[d.Call.Resource].trust)
	}
	identity := r.ask(g.roles[d.Caller.Role].identity)
	statements, known := g.policyOf(d.Call.Resource)
	resource := r.ask(statements)
	// A key's policy must allow, or leave it to IAM by allowing the account; one that is not of this stack counts as such (KMS
	// guide, "Key policies in AWS KMS").
	closed := isKMS(d.Call.Action) && known && len(resource.delegating) == 0
	switch {
	case identity.denied:
		return nil, r.forbidden("an " + identityBased)
	case resource.denied:
		return nil, r.forbidden("a " + resourceBased)
	case len(resource.allowing) > 0:
		return append(resource.allowing, identity.allowing...), nil
	case d.Service != "" || closed:
		return nil, r.notAllowed(resourceBased)
	case len(identity.allowing) == 0:
		return nil, r.notAllowed(identityBased)
	}
	return append(identity.allowing, resource.delegating...), nil
}

func isKMS(action string) bool { return strings.HasPrefix(strings.ToLower(action), "kms:") }

// policyOf is the policy of the resource, or of the one that it is a part of: an object's bucket, a function's version.
func (g *Guard) policyOf(resource string) (statements []statement, known bool) {
	for owner, policy := range g.attached {
		if rest, ok := strings.CutPrefix(resource, owner); ok && (rest == "" || rest[0] == '/' || rest[0] == ':') {
			return policy, true
		}
	}
	return nil, false
}

// request is a call as the statements of policies see it.
type request struct {
	// principal is the session's ARN, or the service's name.
	principal string
	// role is "" for a service.
	role, account string
	// foldedAction is action in lower case.
	action, foldedAction, resource string
	// keys have their names in lower case.
	keys map[string]string
}

// request adds the condition keys that every call has (IAM guide, "AWS global condition context keys"). The loopback stands for
// a network with TLS.
func (g *Guard) request(d Decision) request {
	r := request{principal: d.Service, role: d.Caller.Role, account: g.account, action: d.Call.Action, foldedAction: strings.ToLower(d.Call.Action), resource: d.Call.Resource}
	r.keys = map[string]string{"aws:securetransport": "true", "aws:requestedregion": g.region}
	if d.Service == "" {
		r.principal = d.Caller.arn()
		r.keys["aws:principalarn"] = d.Caller.Role
		r.keys["aws:principalaccount"] = g.account
		if isKMS(r.action) {
			r.keys["kms:calleraccount"] = g.account
		}
		if d.Caller.Via != "" {
			r.keys[calledVia] = d.Caller.Via
		}
	}
	for name, value := range d.Call.Keys {
		r.keys[strings.ToLower(name)] = value
	}
	return r
}

// verdict is what the policies of one kind say to a request.
type verdict struct {
	denied bool
	// allowing are the statements that allow it; delegating are those that allow it to the account, which leaves it to the
	// policies of the account's roles.
	allowing, delegating []string
}

func (r request) ask(statements []statement) verdict {
	var v verdict
	for _, s := range statements {
		reach := s.principals.reach(r)
		switch {
		case reach == nobody || !s.matches(r):
		case s.deny:
			v.denied = true
		case reach == wholeAccount:
			v.delegating = append(v.delegating, s.place)
		default:
			v.allowing = append(v.allowing, s.place)
		}
	}
	return v
}

// assume asks a role's trust policy, which alone decides.
func (r request) assume(trust []statement) (by []string, denied *Denied) {
	v := r.ask(trust)
	switch {
	case v.denied:
		return nil, r.forbidden("the " + trustPolicy)
	case len(v.allowing) == 0:
		return nil, r.notAllowed(trustPolicy)
	}
	return v.allowing, nil
}

func (r request) forbidden(in string) *Denied {
	return &Denied{Principal: r.principal, Action: r.action, Resource: r.resource, Explicit: true, Reason: "an explicit deny in " + in}
}

func (r request) notAllowed(by string) *Denied {
	return &Denied{Principal: r.principal, Action: r.action, Resource: r.resource, Reason: "no " + by + " allows the " + r.action + " action"}
}

// matches tells whether the statement is about the request's action and resource, and its conditions hold.
func (s statement) matches(r request) bool {
	return s.covers(r) && !slices.ContainsFunc(s.conditions, func(c condition) bool { return !c.holds(r.keys) })
}

// covers is matches without the conditions. Actions are compared without regard to case, resources with it.
func (s statement) covers(r request) bool {
	return glob(s.foldedAction, r.foldedAction) && glob(s.resource, r.resource)
}

// reach is how a statement names the caller.
type reach int

const (
	nobody reach = iota
	wholeAccount
	caller
)

// reach of a statement without principals, one of an identity-based policy, is whomever the policy is attached to.
func (p *principals) reach(r request) reach {
	switch {
	case p == nil, slices.Contains(p.AWS, "*"):
		return caller
	case r.role == "":
		if slices.Contains(p.Service, r.principal) {
			return caller
		}
	case slices.Contains(p.AWS, r.role), slices.Contains(p.AWS, r.principal):
		return caller
	case slices.ContainsFunc(p.AWS, func(name string) bool {
		return name == r.account || strings.HasSuffix(name, ":iam::"+r.account+":root")
	}):
		return wholeAccount
	}
	return nobody
}
