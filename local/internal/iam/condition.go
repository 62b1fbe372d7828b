package iam

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// condition compares one condition key.
type condition struct {
	// operator and key are as they stand in the policy.
	operator, key string
	values        []string
	comparison
	// ifExists lets a condition hold whose key the request does not have; anyValue keeps it from holding then, also where not
	// would let it.
	ifExists, anyValue bool
}

// calledVia is the key, in lower case, that holds the services by way of which a call is made (IAM guide, "AWS global condition
// context keys").
const calledVia = "aws:calledvia"

// comparison is what a condition operator does.
type comparison struct {
	// same compares the request's value with one of the policy's; nil for Null, which looks whether there is a value.
	same func(got, want string) bool
	// not makes it an operator that holds when no value is the same.
	not bool
}

// comparisonOf knows the operators of the IAM guide's page "IAM JSON policy elements: Condition operators" that compare texts,
// ARNs and booleans.
func comparisonOf(operator string) (c comparison, known bool) {
	switch operator {
	case "StringEquals":
		return comparison{same: equal}, true
	case "StringNotEquals":
		return comparison{same: equal, not: true}, true
	case "StringEqualsIgnoreCase", "Bool":
		return comparison{same: strings.EqualFold}, true
	case "StringLike":
		return comparison{same: like}, true
	case "StringNotLike":
		return comparison{same: like, not: true}, true
	case "ArnEquals", "ArnLike": // they are the same
		return comparison{same: likeARN}, true
	case "Null":
		return comparison{}, true
	default:
		return comparison{}, false
	}
}

func equal(got, want string) bool   { return got == want }
func like(got, want string) bool    { return glob(want, got) }
func likeARN(got, want string) bool { return globARN(want, got) }

// conditionsOf reads the element Condition: its operators, keys and values. All of the conditions must hold.
func conditionsOf(operators map[string]map[string]list[value]) ([]condition, error) {
	var all []condition
	var errs []error
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys := operators[operator]
		name, ifExists := strings.CutSuffix(operator, "IfExists")
		name, anyValue := strings.CutPrefix(name, "ForAnyValue:")
		comparison, known := comparisonOf(name)
		if !known || (ifExists || anyValue) && comparison.same == nil {
			errs = append(errs, fmt.Errorf("the local IAM does not know the condition operator %s", operator))
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			c := condition{operator: operator, key: key, comparison: comparison, ifExists: ifExists, anyValue: anyValue}
			for _, v := range keys[key] {
				c.values = append(c.values, string(v))
			}
			all = append(all, c)
			errs = append(errs, c.check(name))
		}
	}
	return all, errors.Join(errs...)
}

// check looks for values that the operator cannot compare.
func (c condition) check(operator string) error {
	if len(c.values) == 0 {
		return fmt.Errorf("the condition %s has no value", c)
	}
	if strings.EqualFold(c.key, calledVia) && c.same != nil && !c.anyValue {
		return fmt.Errorf("the condition %s compares a list, and must have an operator of ForAnyValue", c)
	}
	for _, v := range c.values {
		switch {
		case strings.Contains(v, "${"):
			return fmt.Errorf("the condition %s has a policy variable, and the local IAM knows none", c)
		case strings.HasPrefix(operator, "Arn") && !isARN(v):
			return fmt.Errorf("the condition %s must have whole ARNs", c)
		case (operator == "Bool" || operator == "Null") && v != "true" && v != "false":
			return fmt.Errorf("the condition %s must have true or false", c)
		}
	}
	return nil
}

// holds compares the key of a request; keys have lower-case names. A key that is not there is like none of the values. One that
// is there has one value here, also where IAM has a list of them.
func (c condition) holds(keys map[string]string) bool {
	got, exists := keys[strings.ToLower(c.key)]
	switch {
	case c.same == nil:
		return slices.Contains(c.values, map[bool]string{true: "false", false: "true"}[exists])
	case !exists:
		return c.ifExists || c.not && !c.anyValue
	}
	return slices.ContainsFunc(c.values, func(want string) bool { return c.same(got, want) }) != c.not
}

// String is the condition in one line: "StringLike s3:prefix exports/*".
func (c condition) String() string {
	return c.operator + " " + c.key + " " + strings.Join(c.values, " or ")
}
