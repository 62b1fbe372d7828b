package iam

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// condition requires that the value of a condition key in the request matches one of the listed values.
type condition struct {
	operator, key string
	values        []string
	same          func(want, got string) bool
}

// operators maps the supported condition operators to comparison functions (IAM guide, "IAM JSON policy elements: Condition operators").
// The local AWS sends a single value per key, so ForAnyValue does not affect the comparison.
var operators = map[string]func(want, got string) bool{
	"ArnLike":                  globARN,
	"Bool":                     strings.EqualFold,
	"ForAnyValue:StringEquals": equal,
	"StringEquals":             equal,
	"StringLike":               glob,
}

func equal(want, got string) bool { return want == got }

// calledVia lists the services that made a call on behalf of the caller (IAM guide, "AWS global condition context keys").
const calledVia = "aws:CalledVia"

// knownKeys lists the condition keys that the local AWS sends with its calls.
var knownKeys = []string{
	calledVia, "aws:PrincipalArn", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn", "iam:PassedToService",
	"kms:EncryptionContext:aws:logs:arn", "kms:GrantIsForAWSResource", "kms:ViaService", "s3:prefix", "sts:ExternalId",
}

// conditionsOf returns the conditions in a statement's Condition element. A request must satisfy all of them.
func conditionsOf(element map[string]map[string]list[string]) ([]condition, error) {
	var all []condition
	var errs []error
	for _, operator := range slices.Sorted(maps.Keys(element)) {
		for _, key := range slices.Sorted(maps.Keys(element[operator])) {
			c := condition{operator, key, element[operator][key], operators[operator]}
			all, errs = append(all, c), append(errs, c.check())
		}
	}
	return all, errors.Join(errs...)
}

// check returns an error if the local IAM cannot evaluate the condition.
func (c condition) check() error {
	isList := strings.EqualFold(c.key, calledVia)
	switch {
	case c.same == nil:
		return fmt.Errorf("the local IAM does not support the condition operator %s", c.operator)
	case !slices.ContainsFunc(knownKeys, func(known string) bool { return strings.EqualFold(known, c.key) }):
		return fmt.Errorf("the local IAM does not support the condition key %s", c.key)
	case isList != strings.HasPrefix(c.operator, "ForAnyValue:"):
		return fmt.Errorf("condition %s: %s requires ForAnyValue; the local IAM does not support ForAnyValue for other keys", c, calledVia)
	case strings.Contains(c.String(), "${"):
		return fmt.Errorf("condition %s: the local IAM does not support policy variables", c)
	}
	return nil
}

// holds reports whether a request with these condition keys satisfies the condition. The names of the keys must be in lower case.
func (c condition) holds(keys map[string]string) bool {
	got, exists := keys[strings.ToLower(c.key)]
	return exists && slices.ContainsFunc(c.values, func(want string) bool { return c.same(want, got) })
}

// String returns the condition on one line, for example "StringLike s3:prefix exports/*".
func (c condition) String() string {
	return c.operator + " " + c.key + " " + strings.Join(c.values, " or ")
}
