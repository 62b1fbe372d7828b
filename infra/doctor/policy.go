package main

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"snaplake/infra/internal/externalpolicy"
)

// policy is a key policy.
type policy struct{ Statement list[statement] }

// statement is one of a policy. Conditions are ignored: a statement with one counts as if it were met.
type statement struct {
	Effect    string
	Principal principal
	Action    list[string]
}

// list is one value or several (IAM guide, "Grammar of the IAM JSON policy language").
type list[T any] []T

// UnmarshalJSON reads either form.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(b)), "[") {
		return json.Unmarshal(b, (*[]T)(l))
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*l = list[T]{one}
	return nil
}

// principal holds ARNs, account numbers, services, or "*".
type principal []string

// UnmarshalJSON reads "*", {"AWS": ...} and {"Service": ...}.
func (p *principal) UnmarshalJSON(b []byte) error {
	var everyone string
	if json.Unmarshal(b, &everyone) == nil {
		*p = principal{everyone}
		return nil
	}
	var kinds struct{ AWS, Service list[string] }
	if err := json.Unmarshal(b, &kinds); err != nil {
		return err
	}
	*p = append(principal(kinds.AWS), kinds.Service...)
	return nil
}

// missing returns the statements of which the policy does not allow each action to each principal.
func (p policy) missing(statements []externalpolicy.Statement) []externalpolicy.Statement {
	return slices.DeleteFunc(statements, func(s externalpolicy.Statement) bool {
		for _, principal := range s.Principal {
			if slices.ContainsFunc(s.Action, func(action string) bool { return !p.allows(principal, action) }) {
				return false
			}
		}
		return true
	})
}

// allows reports whether the policy allows the principal the action, or leaves that to the IAM policies of its account (KMS guide,
// "Default key policy").
func (p policy) allows(principal, action string) bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Allow" && s.appliesTo(principal) && s.covers(action)
	})
}

// appliesTo reports whether the statement names the principal, everyone, or the account of the principal.
func (s statement) appliesTo(principal string) bool {
	if slices.Contains(s.Principal, principal) || slices.Contains(s.Principal, "*") {
		return true
	}
	part := strings.Split(principal, ":") // arn:aws:iam::ACCOUNT:role/NAME
	return len(part) > 5 && (slices.Contains(s.Principal, part[4]) || slices.Contains(s.Principal, strings.Join(part[:5], ":")+":root"))
}

// covers reports whether the statement is about the action. Policies write actions with wildcards and in any case.
func (s statement) covers(action string) bool {
	return slices.ContainsFunc(s.Action, func(pattern string) bool {
		matched, err := path.Match(strings.ToLower(pattern), strings.ToLower(action))
		return err == nil && matched
	})
}
