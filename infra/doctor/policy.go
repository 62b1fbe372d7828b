package main

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// policy is a resource's: of a bucket or of a key.
type policy struct{ Statement list[statement] }

type statement struct {
	Effect    string
	Principal principal
	Action    list[string]
	// Condition is not worked out, and gets the benefit of the doubt: an Allow with one allows, a Deny with one does not deny.
	Condition map[string]any
}

// list is one value, or several (IAM guide, "Grammar of the IAM JSON policy language").
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

// principal holds whom a statement is about: ARNs, account numbers, services, or "*".
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

func parsePolicy(text string) (policy, error) {
	var p policy
	err := json.Unmarshal([]byte(text), &p)
	return p, err
}

// denies tells whether a statement keeps the principal from the action, whatever else allows it.
func (p policy) denies(principal, action string) bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Deny" && len(s.Condition) == 0 && s.isAbout(principal) && s.covers(action)
	})
}

// admits tells whether the policy names the principal for the action, or leaves that to the IAM policies of its account (KMS
// guide, "Default key policy").
func (p policy) admits(principal, action string) bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Allow" && s.isAbout(principal) && s.covers(action)
	})
}

// isAbout tells whether the statement names the principal, everybody, or the account that the principal is in.
func (s statement) isAbout(principal string) bool {
	if slices.Contains(s.Principal, principal) || slices.Contains(s.Principal, "*") {
		return true
	}
	part := strings.Split(principal, ":") // arn:aws:iam::ACCOUNT:role/NAME
	return len(part) > 5 && (slices.Contains(s.Principal, part[4]) || slices.Contains(s.Principal, strings.Join(part[:5], ":")+":root"))
}

// covers tells whether the statement is about the action, which policies may write with wildcards and in any case.
func (s statement) covers(action string) bool {
	return slices.ContainsFunc(s.Action, func(pattern string) bool {
		matched, err := path.Match(strings.ToLower(pattern), strings.ToLower(action))
		return err == nil && matched
	})
}
