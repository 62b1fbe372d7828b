// Package iamtest builds Guards for tests of services, with roles and policies written as short strings.
package iamtest

import (
	"path"
	"strings"
	"testing"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/iam"
)

// These are the account and Region of all resources in tests.
const (
	account = "123456789012"
	region  = "ap-northeast-1"
)

// NewGuard returns the Guard of a stack with the given resources. It passes the function observe to [iam.New].
func NewGuard(t *testing.T, observe func(iam.Decision), resources ...cloudformation.Resource) *iam.Guard {
	t.Helper()
	stack := &cloudformation.Stack{Resources: map[string]cloudformation.Resource{}}
	stack.Account, stack.Region = account, region
	for _, r := range resources {
		stack.Resources[r.LogicalID] = r
	}
	guard, err := iam.New(stack, observe)
	if err != nil {
		t.Fatal(err)
	}
	return guard
}

// Role returns the role arn:aws:iam::123456789012:role/NAME. The string trusted is the service or the ARN that may assume the role, for
// example "lambda.amazonaws.com", optionally followed by conditions as in [Policy]. The statements form the role's policy.
func Role(name, trusted string, statements ...string) cloudformation.Resource {
	role := cloudformation.Resource{
		LogicalID: name, Type: "AWS::IAM::Role", PhysicalID: name,
		Attributes: map[string]string{"Arn": "arn:aws:iam::" + account + ":role/" + name},
		Properties: map[string]any{"AssumeRolePolicyDocument": Policy("sts:AssumeRole from " + trusted)},
	}
	if len(statements) > 0 {
		role.Properties["Policies"] = []any{map[string]any{"PolicyName": "policy", "PolicyDocument": Policy(statements...)}}
	}
	return role
}

// Policy returns a policy document with one statement for each string. The strings have this form:
//
//	[deny] ACTION [RESOURCE]... [from PRINCIPAL] [if OPERATOR KEY VALUE [and OPERATOR KEY VALUE]...]
//
// A PRINCIPAL is a service or an ARN. A RESOURCE that is neither "*" nor an ARN becomes the last part of an ARN for the action's service.
func Policy(texts ...string) map[string]any {
	statements := make([]any, len(texts))
	for i, text := range texts {
		statements[i] = statement(text)
	}
	return map[string]any{"Statement": statements}
}

func statement(text string) map[string]any {
	s := map[string]any{"Effect": "Allow"}
	text, denies := strings.CutPrefix(text, "deny ")
	if denies {
		s["Effect"] = "Deny"
	}
	text, conditions, conditional := strings.Cut(text, " if ")
	if conditional {
		s["Condition"] = condition(conditions)
	}
	text, principal, hasPrincipal := strings.Cut(text, " from ")
	if hasPrincipal {
		kind := "Service"
		if strings.HasPrefix(principal, "arn:") {
			kind = "AWS"
		}
		s["Principal"] = map[string]any{kind: principal}
	}
	action, rest, _ := strings.Cut(text, " ")
	s["Action"] = action
	if resources := strings.Fields(rest); len(resources) > 0 {
		prefix, _, _ := strings.Cut(action, ":")
		for i, r := range resources {
			if r != "*" && !strings.HasPrefix(r, "arn:") {
				resources[i] = "arn:aws:" + prefix + ":" + region + ":" + account + ":" + r
			}
		}
		s["Resource"] = resources
	}
	return s
}

func condition(text string) map[string]map[string]string {
	all := map[string]map[string]string{}
	for one := range strings.SplitSeq(text, " and ") {
		words := strings.Fields(one)
		if len(words) != 3 {
			panic("iamtest: a condition must be OPERATOR KEY VALUE, not " + one)
		}
		if all[words[0]] == nil {
			all[words[0]] = map[string]string{}
		}
		all[words[0]][words[1]] = words[2]
	}
	return all
}

// Refusal returns AWS's access denied message for an action that no policy of the caller's role allows.
func Refusal(caller iam.Caller, action, resource string) string {
	session := "arn:aws:sts::" + account + ":assumed-role/" + path.Base(caller.Role) + "/" + caller.Session
	return "User: " + session + " is not authorized to perform: " + action + " on resource: " + resource +
		" because no identity-based policy allows the " + action + " action"
}
