package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// document is a policy, by the IAM guide's page "Grammar of the IAM JSON policy language". What it does not have is refused by
// name: a policy is understood whole, or not at all.
type document struct {
	Version   string
	ID        string `json:"Id"`
	Statement list[element]
}

type element struct {
	Sid, Effect      string
	Principal        *principals
	Action, Resource list[string]
	Condition        map[string]map[string]list[value]
}

// statement is what a policy's statement says about one action on one resource. A statement with several of them becomes
// several.
type statement struct {
	// place is where it stands, for people: "statement 1 of LakeKey (AWS::KMS::Key)".
	place string
	deny  bool
	// principals are nil in an identity-based policy, which is about whom it is attached to.
	principals *principals
	// action and resource are patterns; foldedAction is action in lower case.
	action, foldedAction, resource string
	conditions                     []condition
}

// list is one value, or an array of them.
type list[T any] []T

// UnmarshalJSON reads either form.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return strict(b, (*[]T)(l))
	}
	*l = make(list[T], 1)
	return strict(b, &(*l)[0])
}

// value is one that a condition key is compared with.
type value string

// UnmarshalJSON reads a string, or a boolean without quotes.
func (v *value) UnmarshalJSON(b []byte) error {
	if text := string(b); text == "true" || text == "false" {
		*v = value(text)
		return nil
	}
	return json.Unmarshal(b, (*string)(v))
}

// principals are those that a statement of a resource's or a trust policy is about.
type principals struct {
	// AWS are ARNs, account numbers, or "*" for everybody.
	AWS list[string]
	// Service are names: "states.amazonaws.com".
	Service list[string]
}

// UnmarshalJSON reads "*", or the names by their kinds.
func (p *principals) UnmarshalJSON(b []byte) error {
	if string(b) == `"*"` {
		p.AWS = list[string]{"*"}
		return nil
	}
	type named principals
	return strict(b, (*named)(p))
}

// strict decodes what has no name that the type does not know.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// parse reads a policy of a kind. of is whose it is, for people.
func parse(of, kind string, policy json.RawMessage) ([]statement, error) {
	var doc document
	if len(policy) > 0 {
		if err := strict(policy, &doc); err != nil {
			return nil, fmt.Errorf("%s: the local IAM does not take this %s: %w", of, kind, err)
		}
	}
	if len(doc.Statement) == 0 {
		return nil, fmt.Errorf("%s: its %s has no Statement", of, kind)
	}
	var all []statement
	var errs []error
	for i, e := range doc.Statement {
		statements, err := e.statements(fmt.Sprintf("statement %d of %s", i+1, of), kind)
		all, errs = append(all, statements...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// statements takes a policy's statement apart, or says all that is wrong with it.
func (e element) statements(place, kind string) ([]statement, error) {
	conditions, err := conditionsOf(e.Condition)
	if err := errors.Join(e.check(kind), err); err != nil {
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	resources := e.Resource
	if kind == trustPolicy {
		resources = list[string]{"*"} // the role itself
	}
	var all []statement
	for _, action := range e.Action {
		for _, resource := range resources {
			all = append(all, statement{
				place: place, deny: e.Effect == "Deny", principals: e.Principal,
				action: action, foldedAction: strings.ToLower(action), resource: resource, conditions: conditions,
			})
		}
	}
	return all, nil
}

func (e element) check(kind string) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if e.Effect != "Allow" && e.Effect != "Deny" {
		wrong("its Effect is %q, and must be Allow or Deny", e.Effect)
	}
	switch {
	case kind == identityBased && e.Principal != nil:
		wrong("it has a Principal, and an %s is about whom it is attached to", kind)
	case kind != identityBased && (e.Principal == nil || len(e.Principal.AWS)+len(e.Principal.Service) == 0):
		wrong("it has no Principal")
	case kind == trustPolicy && len(e.Resource) > 0:
		wrong("it has a Resource, and a %s is about its role", kind)
	case kind != trustPolicy && len(e.Resource) == 0:
		wrong("it has no Resource")
	}
	if len(e.Action) == 0 {
		wrong("it has no Action")
	}
	for _, action := range e.Action {
		if action != "*" && !strings.Contains(action, ":") {
			wrong("the action %q must be * or SERVICE:ACTION", action)
		}
	}
	for _, resource := range e.Resource {
		switch {
		case resource != "*" && !isARN(resource):
			wrong("the resource %q must be * or a whole ARN", resource)
		case strings.Contains(resource, "${"):
			wrong("the resource %q has a policy variable, and the local IAM knows none", resource)
		}
	}
	return errors.Join(errs...)
}
