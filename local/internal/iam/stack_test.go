package iam_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/iam"
)

// load returns a stack with these resources. They are written as a JSON object without its braces.
func load(t *testing.T, resources string) *cloudformation.Stack {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"manifest.json": `{"artifacts": {"lake": {"type": "aws:cloudformation:stack", "environment": "aws://123456789012/ap-northeast-1",
			"properties": {"templateFile": "lake.template.json"}}}}`,
		"lake.template.json": `{"Resources": {` + resources + `}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stack, err := cloudformation.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

func guard(t *testing.T, resources string, observe func(iam.Decision)) *iam.Guard {
	t.Helper()
	g, err := iam.New(load(t, resources), observe)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// role returns the JSON of the resource "Role": a role named "reader" with a policy of these statements.
func role(statements string) string {
	return `"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "AssumeRolePolicyDocument": ` + trust + `,
		"Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": ` + statements + `}}]}}`
}

const trust = `{"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}`

func TestNew_RejectsUnsupportedPolicies(t *testing.T) {
	statement := func(s string) string {
		return role(`[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, ` + s + `]`)
	}
	conditional := func(condition string) string {
		return statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {` + condition + `}}`)
	}
	for name, c := range map[string]struct{ resources, want string }{
		"incomplete ARN": {
			statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3"}`),
			`resource "arn:aws:s3" must be * or a complete ARN`,
		},
		"policy variable": {
			statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/${aws:username}/*"}`),
			"does not support policy variables",
		},
		"policy variable in a condition": {
			conditional(`"StringLike": {"s3:prefix": "${aws:username}/*"}`),
			"condition StringLike s3:prefix ${aws:username}/*: the local IAM does not support policy variables",
		},
		"element": {
			statement(`{"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "*"}`),
			`Role (AWS::IAM::Role): unsupported identity-based policy: json: unknown field "NotAction"`,
		},
		"condition operator": {
			conditional(`"NumericLessThan": {"s3:max-keys": "10"}`),
			"statement 2 of Role (AWS::IAM::Role): the local IAM does not support the condition operator NumericLessThan",
		},
		"condition key": {
			conditional(`"StringEquals": {"aws:PrincipalOrgID": "o-1"}`),
			"the local IAM does not support the condition key aws:PrincipalOrgID",
		},
		"single-valued operator for a multivalued key": {
			conditional(`"StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}`),
			"condition StringEquals aws:CalledVia athena.amazonaws.com: aws:CalledVia requires ForAnyValue",
		},
		"AWS managed policy": {
			`"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ` + trust + `,
				"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]}}`,
			`unknown field "ManagedPolicyArns"`,
		},
		"permissions boundary": {
			`"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ` + trust + `,
				"PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}`,
			`Role (AWS::IAM::Role): unsupported properties: json: unknown field "PermissionsBoundary"`,
		},
		"role without a trust policy": {
			`"Role": {"Type": "AWS::IAM::Role", "Properties": {}}`, "Role (AWS::IAM::Role): the role trust policy has no Statement",
		},
		"policy for a role outside the stack": {
			`"Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Roles": ["other"],
				"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}}}`,
			"Policy (AWS::IAM::Policy): the policy is for role other, which is not in the stack",
		},
		"policy for users": {
			`"Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Users": ["bob"],
				"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}}}`,
			`unknown field "Users"`,
		},
		"policy for a queue outside the stack": {
			`"Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["https://sqs/x"],
				"PolicyDocument": {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}}}`,
			`Policy (AWS::SQS::QueuePolicy): the policy is for AWS::SQS::Queue "https://sqs/x", which is not in the stack`,
		},
		"Lambda permission with an unknown property": {
			`"F": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "f"}},
			 "P": {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": "f", "Action": "lambda:InvokeFunction",
				"Principal": "s3.amazonaws.com", "PrincipalOrgID": "o-1"}}`,
			`unknown field "PrincipalOrgID"`,
		},
		"Lambda permission for an account": {
			`"F": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "f"}},
			 "P": {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": "f", "Action": "lambda:InvokeFunction",
				"Principal": "123456789012"}}`,
			`supports only service principals, not "123456789012"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := iam.New(load(t, c.resources), nil)
			if err == nil || g != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestNew_ReportsAllErrors(t *testing.T) {
	_, err := iam.New(load(t, role(`[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "here"},
		{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "there"}]`)), nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`"here"`, `"there"`, "statement 2"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s in it", err, want)
		}
	}
}
