package iam_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/iam"
)

// load makes the stack lake of these resources, a JSON object without its braces.
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

// role is the resource Role, named reader, with a policy of these statements.
func role(statements string) string {
	return `"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "AssumeRolePolicyDocument": ` + trust + `,
		"Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": ` + statements + `}}]}}`
}

const trust = `{"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}`

func TestRefusesPoliciesThatItDoesNotUnderstand(t *testing.T) {
	statement := func(s string) string {
		return role(`[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, ` + s + `]`)
	}
	for name, c := range map[string]struct{ resources, want string }{
		"an effect": {
			statement(`{"Effect": "allow", "Action": "s3:GetObject", "Resource": "*"}`),
			`statement 2 of Role (AWS::IAM::Role): its Effect is "allow", and must be Allow or Deny`,
		},
		"no action":   {statement(`{"Effect": "Allow", "Resource": "*"}`), "it has no Action"},
		"no resource": {statement(`{"Effect": "Allow", "Action": "s3:GetObject"}`), "it has no Resource"},
		"an action without a service": {
			statement(`{"Effect": "Allow", "Action": "GetObject", "Resource": "*"}`), `the action "GetObject" must be * or SERVICE:ACTION`,
		},
		"half an ARN": {
			statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3"}`), `the resource "arn:aws:s3" must be * or a whole ARN`,
		},
		"a policy variable": {
			statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/${aws:username}/*"}`),
			`the resource "arn:aws:s3:::home/${aws:username}/*" has a policy variable`,
		},
		"a policy variable in a condition": {
			statement(`{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": "${aws:username}/*"}}}`),
			"the condition StringLike s3:prefix ${aws:username}/* has a policy variable",
		},
		"an element": {
			statement(`{"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "*"}`),
			`Role (AWS::IAM::Role): the local IAM does not take this identity-based policy: json: unknown field "NotAction"`,
		},
		"an operator": {
			statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"a:b": "c"}}}`),
			"statement 2 of Role (AWS::IAM::Role): the local IAM does not know the condition operator ForAllValues:StringEquals",
		},
		"an operator for one value where there is a list": {
			statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}}`),
			"the condition StringEquals aws:CalledVia athena.amazonaws.com compares a list, and must have an operator of ForAnyValue",
		},
		"a boolean that is none": {
			statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "yes"}}}`),
			"the condition Bool aws:SecureTransport yes must have true or false",
		},
		"a principal where there can be none": {
			statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"}`), "it has a Principal, and an identity-based policy",
		},
		"a policy of AWS's own": {
			`"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ` + trust + `, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]}}`,
			"Role (AWS::IAM::Role): the managed policy arn:aws:iam::aws:policy/AmazonS3FullAccess is not in the stack",
		},
		"a permissions boundary": {
			`"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ` + trust + `, "PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}`,
			`Role (AWS::IAM::Role): the local IAM does not take its properties: json: unknown field "PermissionsBoundary"`,
		},
		"a trust policy that trusts nobody": {
			`"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}}}`,
			"statement 1 of Role (AWS::IAM::Role): it has no Principal",
		},
		"a role without a trust policy": {
			`"Role": {"Type": "AWS::IAM::Role", "Properties": {}}`, "Role (AWS::IAM::Role): its role trust policy has no Statement",
		},
		"a policy for nobody's role": {
			`"Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Roles": ["other"],
				"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}}}`,
			"Policy (AWS::IAM::Policy): there is no role other in the stack to attach it to",
		},
		"a policy for users": {
			`"Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Users": ["bob"],
				"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}}}`,
			`unknown field "Users"`,
		},
		"a type": {`"User": {"Type": "AWS::IAM::User"}`, "User (AWS::IAM::User): the local IAM knows no resources of this type"},
		"a policy for nobody's queue": {
			`"Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["https://sqs/x"],
				"PolicyDocument": {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}}}`,
			`Policy (AWS::SQS::QueuePolicy): there is no AWS::SQS::Queue "https://sqs/x" in the stack for it`,
		},
		"a permission with more to it": {
			`"F": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "f"}},
			 "P": {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "*", "PrincipalOrgID": "o-1"}}`,
			`P (AWS::Lambda::Permission): the local IAM does not take its properties: json: unknown field "PrincipalOrgID"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := iam.New(load(t, c.resources), nil)
			if err == nil || g != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

func TestReportsAllThatIsWrong(t *testing.T) {
	_, err := iam.New(load(t, role(`[{"Effect": "Allow", "Action": "GetObject", "Resource": "here"}, {"Effect": "Allow", "Action": "s3:GetObject"}]`)+
		`, "User": {"Type": "AWS::IAM::User"}`), nil)
	if err == nil {
		t.Fatal("it is taken")
	}
	for _, want := range []string{`"GetObject"`, `"here"`, "statement 2", "AWS::IAM::User"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}
