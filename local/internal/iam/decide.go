package iam

import (
	"cmp"
	"slices"
	"strings"
)

const assumeRole = "sts:AssumeRole"

// These are the kinds of policies in AWS's access denied errors.
const (
	identityBased = "identity-based policy"
	resourceBased = "resource-based policy"
	trustPolicy   = "role trust policy"
)

// answer decides whether a call is allowed and informs the observer. If the call is denied, it returns the denial as an error.
func (g *Guard) answer(d Decision) error {
	if g == nil {
		return nil
	}
	d.Denied = g.decide(d)
	if g.observe != nil {
		g.observe(d)
	}
	if d.Denied != nil {
		return d.Denied
	}
	return nil
}

// decide evaluates policies for a single account (IAM guide, "Policy evaluation logic"). An explicit deny takes precedence. Otherwise, the
// call must be allowed by a policy of the caller's role, or by a resource policy that names the caller.
func (g *Guard) decide(d Decision) *Denied {
	r := g.request(d)
	switch {
	case strings.EqualFold(d.Call.Action, assumeRole) && d.Service == "":
		return g.decideAssume(d, r)
	case strings.EqualFold(d.Call.Action, assumeRole):
		switch trust := r.evaluate(g.roles[d.Call.Resource].trust); {
		case trust.denied:
			return r.denied("an explicit deny in the " + trustPolicy)
		case !trust.allowed:
			return r.notAllowed(trustPolicy)
		}
		return nil
	case d.Service == "" && d.Caller.Role == "":
		return nil
	}
	identity := r.evaluate(g.roles[d.Caller.Role].identity)
	statements, known := g.policyOf(d.Call.Resource)
	resource := r.evaluate(statements)
	// A key's policy must allow the call, or delegate to IAM policies by allowing the account (KMS guide, "Key policies in AWS KMS"). We
	// assume that a key outside the stack delegates.
	closed := strings.HasPrefix(strings.ToLower(d.Call.Action), "kms:") && known && !resource.delegated
	switch {
	case identity.denied:
		return r.denied("an explicit deny in an " + identityBased)
	case resource.denied:
		return r.denied("an explicit deny in a " + resourceBased)
	case resource.allowed:
		return nil
	case d.Service != "" || closed:
		return r.notAllowed(resourceBased)
	case !identity.allowed:
		return r.notAllowed(identityBased)
	}
	return nil
}

// decideAssume decides whether a caller may assume a role. STS does not state the reason for a denial.
func (g *Guard) decideAssume(d Decision, r request) *Denied {
	trust := g.roles[d.Call.Resource].trust
	resource, identity := r.evaluate(trust), r.evaluate(g.roles[d.Caller.Role].identity)
	if d.Caller.Role == "" {
		identity.allowed = true
		for _, principal := range g.outside(trust) {
			as := r
			as.role = principal
			v := as.evaluate(trust)
			resource.allowed = resource.allowed || v.allowed && !v.denied
		}
	}
	if resource.denied || identity.denied || !resource.allowed && !(resource.delegated && identity.allowed) {
		return r.denied("")
	}
	return nil
}

// outside returns the users, roles and accounts outside the stack that the statements name.
func (g *Guard) outside(statements []statement) []string {
	var all []string
	for _, s := range statements {
		for _, principal := range s.principals.AWS {
			if _, known := g.roles[principal]; !known {
				all = append(all, principal)
			}
		}
	}
	return all
}

// policyOf returns the policy of a resource, or of the resource that contains it, such as an object's bucket.
func (g *Guard) policyOf(resource string) (statements []statement, known bool) {
	for owner, policy := range g.attached {
		if rest, ok := strings.CutPrefix(resource, owner); ok && (rest == "" || rest[0] == '/' || rest[0] == ':') {
			return policy, true
		}
	}
	return nil, false
}

// request is a call, in the form in which it is matched against policies.
type request struct {
	// principal is the ARN of the caller's session, or the name of the calling service.
	principal string
	// role is the ARN of the caller's role, or "" if the caller is a service.
	role, account    string
	action, resource string
	// keys holds the condition keys. Their names are in lower case.
	keys map[string]string
}

// request converts a call to a request. It adds the condition keys that every call has (IAM guide, "AWS global condition context keys").
// Calls over the loopback interface count as calls over TLS.
func (g *Guard) request(d Decision) request {
	r := request{
		principal: d.Service, role: d.Caller.Role, account: g.account, action: d.Call.Action, resource: d.Call.Resource,
		keys: map[string]string{"aws:securetransport": "true"},
	}
	if d.Service == "" {
		r.principal = d.Caller.ARN(g.account)
		r.role = cmp.Or(d.Caller.Role, r.principal)
		r.keys["aws:principalarn"] = r.role
		if d.Caller.Via != "" {
			r.keys[strings.ToLower(calledVia)] = d.Caller.Via
		}
	}
	for name, value := range d.Call.Keys {
		r.keys[strings.ToLower(name)] = value
	}
	return r
}

// verdict is the result for the policies of one kind. delegated means that a resource's policy leaves the decision to the policies of the
// account's roles.
type verdict struct{ denied, allowed, delegated bool }

func (r request) evaluate(statements []statement) verdict {
	var v verdict
	for _, s := range statements {
		reach := s.principals.reach(r)
		switch {
		case reach == nobody || !s.matches(r):
		case s.deny:
			v.denied = true
		case reach == wholeAccount:
			v.delegated = true
		default:
			v.allowed = true
		}
	}
	return v
}

func (r request) denied(reason string) *Denied {
	return &Denied{Principal: r.principal, Action: r.action, Resource: r.resource, Reason: reason}
}

func (r request) notAllowed(by string) *Denied {
	return r.denied("no " + by + " allows the " + r.action + " action")
}

// matches reports whether the statement applies to the request and its conditions hold. Resources are case-sensitive, but actions are not.
func (s statement) matches(r request) bool {
	return glob(strings.ToLower(s.action), strings.ToLower(r.action)) && glob(s.resource, r.resource) &&
		!slices.ContainsFunc(s.conditions, func(c condition) bool { return !c.holds(r.keys) })
}

// reach tells whether the principals of a statement include the caller, or the caller's whole account.
type reach int

const (
	nobody reach = iota
	wholeAccount
	caller
)

// If the statement has no principals, reach returns caller, since an identity-based policy applies to the role it is attached to.
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
	case slices.Contains(p.AWS, r.account), slices.Contains(p.AWS, "arn:aws:iam::"+r.account+":root"):
		return wholeAccount
	}
	return nobody
}
