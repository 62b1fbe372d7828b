package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// policyStatement is a statement as written in a policy (IAM guide, "Grammar of the IAM JSON policy language"). A statement with any other
// element is rejected, since that element could change the meaning of the others.
type policyStatement struct {
	Sid, Effect      string
	Principal        *principals
	Action, Resource list[string]
	Condition        map[string]map[string]list[string]
}

// statement is the part of a policyStatement that applies to one action on one resource.
type statement struct {
	deny bool
	// principals is nil in an identity-based policy.
	principals *principals
	// action and resource are patterns.
	action, resource string
	conditions       []condition
}

// list is a list that a policy may also write as a single value.
type list[T any] []T

// UnmarshalJSON decodes a single value or an array.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return strict(b, (*[]T)(l))
	}
	*l = make(list[T], 1)
	return strict(b, &(*l)[0])
}

// principals lists the callers to which a statement of a resource-based policy or a trust policy applies.
type principals struct {
	// AWS holds the ARNs and account IDs in the element "AWS", or "*" for everyone.
	AWS list[string]
	// Service holds the service principals in the element "Service", for example "states.amazonaws.com".
	Service list[string]
}

// UnmarshalJSON decodes "*", or an object with a list for each kind of principal.
func (p *principals) UnmarshalJSON(b []byte) error {
	if string(b) == `"*"` {
		p.AWS = list[string]{"*"}
		return nil
	}
	type named principals
	return strict(b, (*named)(p))
}

// strict decodes JSON. If the JSON has a field that the Go type does not have, strict returns an error.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// parse decodes a policy of the given kind. The parameter owner identifies the resource in error messages.
func parse(owner, kind string, policy any) ([]statement, error) {
	var document struct {
		Version   string
		ID        string `json:"Id"`
		Statement list[policyStatement]
	}
	b, err := json.Marshal(policy)
	if err == nil {
		err = strict(b, &document)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: unsupported %s: %w", owner, kind, err)
	}
	if len(document.Statement) == 0 {
		return nil, fmt.Errorf("%s: the %s has no Statement", owner, kind)
	}
	var all []statement
	var errs []error
	for i, e := range document.Statement {
		statements, err := e.statements(kind)
		if err != nil {
			errs = append(errs, fmt.Errorf("statement %d of %s: %w", i+1, owner, err))
		}
		all = append(all, statements...)
	}
	return all, errors.Join(errs...)
}

// statements returns one statement for each action and resource.
func (e policyStatement) statements(kind string) ([]statement, error) {
	conditions, err := conditionsOf(e.Condition)
	if err := errors.Join(e.check(), err); err != nil {
		return nil, err
	}
	resources := e.Resource
	if kind == trustPolicy {
		resources = list[string]{"*"} // the role itself
	}
	var all []statement
	for _, action := range e.Action {
		for _, resource := range resources {
			all = append(all, statement{e.Effect == "Deny", e.Principal, action, resource, conditions})
		}
	}
	return all, nil
}

// check returns an error for a resource that the local IAM cannot match. The CDK checks the other elements when it synthesizes the
// template.
func (e policyStatement) check() error {
	var errs []error
	for _, resource := range e.Resource {
		switch {
		case resource != "*" && !isARN(resource):
			errs = append(errs, fmt.Errorf("resource %q must be * or a complete ARN", resource))
		case strings.Contains(resource, "${"):
			errs = append(errs, fmt.Errorf("resource %q: the local IAM does not support policy variables", resource))
		}
	}
	return errors.Join(errs...)
}
