package iam_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/iam"
)

const (
	reader  = "arn:aws:iam::123456789012:role/reader"
	session = "arn:aws:sts::123456789012:assumed-role/reader/run"
)

// asReader returns a context for calls that the role "reader" makes.
func asReader(t *testing.T) context.Context {
	return iam.WithCaller(t.Context(), iam.Caller{Role: reader, Session: "run"})
}

// refusal returns why a call was denied, or "" if err is nil.
func refusal(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	denied, ok := errors.AsType[*iam.Denied](err)
	if !ok {
		t.Fatalf("got error %v, want a *Denied", err)
	}
	return denied.Reason
}

func TestGuard_NamesCallerAndCall(t *testing.T) {
	g := guard(t, role(`{"Effect": "Allow", "Action": "glue:GetTable", "Resource": "*"}`), nil)
	err := g.Check(asReader(t),
		iam.Call{Action: "glue:GetTable", Resource: "arn:aws:glue:ap-northeast-1:123456789012:catalog"},
		iam.Call{Action: "glue:DeleteTable", Resource: "arn:aws:glue:ap-northeast-1:123456789012:table/a/b"})
	want := &iam.Denied{
		Principal: session, Action: "glue:DeleteTable", Resource: "arn:aws:glue:ap-northeast-1:123456789012:table/a/b",
		Reason: "no identity-based policy allows the glue:DeleteTable action",
	}
	if diff := cmp.Diff(error(want), err); diff != "" {
		t.Fatal(diff)
	}
	const text = "User: " + session + " is not authorized to perform: glue:DeleteTable on resource: " +
		"arn:aws:glue:ap-northeast-1:123456789012:table/a/b because no identity-based policy allows the glue:DeleteTable action"
	if err.Error() != text {
		t.Error(err)
	}
}

func TestGuard_NamesExplicitDeny(t *testing.T) {
	g := guard(t, role(`[{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]`), nil)
	err := g.Check(asReader(t), iam.Call{Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/a"})
	const text = "User: " + session + " is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::lake/a " +
		"with an explicit deny in an identity-based policy"
	if err == nil || err.Error() != text {
		t.Error(err)
	}
}

func TestGuard_MatchesActionsAndResources(t *testing.T) {
	const object = "arn:aws:s3:::lake/exports/shop/1.parquet"
	for _, c := range []struct {
		action, resource string // in the policy
		call             iam.Call
		allowed          bool
	}{
		{"s3:GetObject", object, iam.Call{Action: "s3:GetObject", Resource: object}, true},
		{"s3:getobject", object, iam.Call{Action: "S3:GetObject", Resource: object}, true},
		{"s3:Get*", object, iam.Call{Action: "s3:GetObjectTagging", Resource: object}, true},
		{"s3:Get*", object, iam.Call{Action: "s3:PutObject", Resource: object}, false},
		{"s3:GetObjec?", object, iam.Call{Action: "s3:GetObject", Resource: object}, true},
		{"s3:GetObject?", object, iam.Call{Action: "s3:GetObject", Resource: object}, false},
		{"*", "*", iam.Call{Action: "s3:GetObject", Resource: object}, true},
		{"s3:GetObject", "arn:aws:s3:::lake/exports/*", iam.Call{Action: "s3:GetObject", Resource: object}, true},
		{"s3:GetObject", "arn:aws:s3:::lake/*/1.parquet", iam.Call{Action: "s3:GetObject", Resource: object}, true},
		{"s3:GetObject", "arn:aws:s3:::lake/*/2.parquet", iam.Call{Action: "s3:GetObject", Resource: object}, false},
		{"s3:GetObject", "arn:aws:s3:::lake/*shop/?.parquet", iam.Call{Action: "s3:GetObject", Resource: object}, true},
		{"s3:GetObject", "arn:aws:s3:::lake/Exports/*", iam.Call{Action: "s3:GetObject", Resource: object}, false},
		{"s3:GetObject", "arn:aws:s3:::lake", iam.Call{Action: "s3:GetObject", Resource: object}, false},
		{"rds:DescribeExportTasks", "*", iam.Call{Action: "rds:DescribeExportTasks", Resource: "*"}, true},
		{"rds:DescribeExportTasks", "arn:aws:rds:*:*:*", iam.Call{Action: "rds:DescribeExportTasks", Resource: "*"}, false},
	} {
		g := guard(t, role(`{"Effect": "Allow", "Action": "`+c.action+`", "Resource": ["`+c.resource+`"]}`), nil)
		if err := g.Check(asReader(t), c.call); (err == nil) != c.allowed {
			t.Errorf("%s on %s: %v", c.action, c.resource, err)
		}
	}
}

func TestGuard_ComparesConditionKeys(t *testing.T) {
	const rule = "arn:aws:events:ap-northeast-1:123456789012:rule/failed"
	rds, glue := map[string]string{"iam:PassedToService": "rds.amazonaws.com"}, map[string]string{"IAM:passedtoservice": "glue.amazonaws.com"}
	for _, c := range []struct {
		condition string
		keys      map[string]string
		allowed   bool
	}{
		{`"StringEquals": {"iam:PassedToService": "rds.amazonaws.com"}`, rds, true},
		{`"StringEquals": {"iam:PassedToService": "rds.amazonaws.com"}`, glue, false},
		{`"StringEquals": {"iam:PassedToService": "rds.amazonaws.com"}`, nil, false},
		{`"StringEquals": {"iam:PassedToService": "RDS.amazonaws.com"}`, rds, false},
		{`"StringEquals": {"iam:PassedToService": ["rds.amazonaws.com", "glue.amazonaws.com"]}`, glue, true},
		{`"StringEquals": {"iam:PassedToService": "rds.amazonaws.com", "aws:SourceAccount": "1"}`, rds, false},
		{`"StringLike": {"s3:prefix": "exports/*"}`, map[string]string{"s3:prefix": "exports/shop/"}, true},
		{`"StringLike": {"s3:prefix": "exports/*"}`, map[string]string{"s3:prefix": ""}, false},
		{`"ArnLike": {"aws:SourceArn": "arn:aws:events:*:123456789012:rule/*"}`, map[string]string{"aws:SourceArn": rule}, true},
		{`"ArnLike": {"aws:SourceArn": "arn:aws:events:*:rule/*:"}`, map[string]string{"aws:SourceArn": rule}, false},
		{`"ArnLike": {"aws:SourceArn": "arn:aws:events:*:123456789012:rule/*"}`, map[string]string{"aws:SourceArn": "failed"}, false},
		{`"Bool": {"kms:GrantIsForAWSResource": "true"}`, map[string]string{"kms:GrantIsForAWSResource": "true"}, true},
		{`"Bool": {"kms:GrantIsForAWSResource": "true"}`, map[string]string{"kms:GrantIsForAWSResource": "false"}, false},
		{`"Bool": {"kms:GrantIsForAWSResource": "true"}`, nil, false},
		{`"ArnLike": {"aws:PrincipalArn": "` + reader + `"}`, nil, true},
		{`"Bool": {"aws:SecureTransport": "true"}`, nil, true},
	} {
		g := guard(t, role(`{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": {`+c.condition+`}}`), nil)
		if err := g.Check(asReader(t), iam.Call{Action: "a:B", Resource: "*", Keys: c.keys}); (err == nil) != c.allowed {
			t.Errorf("%s with %v: %v", c.condition, c.keys, err)
		}
	}
}

func TestGuard_ComparesCalledVia(t *testing.T) {
	g := guard(t, role(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
		"Condition": {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}}`), nil)
	for via, want := range map[string]string{
		"athena.amazonaws.com":         "",
		"cloudformation.amazonaws.com": "no identity-based policy allows the s3:GetObject action",
		"":                             "no identity-based policy allows the s3:GetObject action",
	} {
		ctx := iam.WithCaller(t.Context(), iam.Caller{Role: reader, Session: "run", Via: via})
		if got := refusal(t, g.Check(ctx, iam.Call{Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/a"})); got != want {
			t.Errorf("via %q: got %q, want %q", via, got, want)
		}
	}
}

func TestGuard_EvaluatesBucketPolicy(t *testing.T) {
	const object = "arn:aws:s3:::lake/a"
	identity := role(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}`)
	nothing := role(`{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}`)
	for name, c := range map[string]struct{ role, bucket, want string }{
		"denies everyone": {
			identity, `"Effect": "Deny", "Principal": {"AWS": "*"}`, "an explicit deny in a resource-based policy",
		},
		"denies the account": {
			identity, `"Effect": "Deny", "Principal": {"AWS": "123456789012"}`, "an explicit deny in a resource-based policy",
		},
		"denies another role": {identity, `"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}`, ""},
		"denies plain HTTP":   {identity, `"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}`, ""},
		"allows the role":     {nothing, `"Effect": "Allow", "Principal": {"AWS": "` + reader + `"}`, ""},
		"allows the session":  {nothing, `"Effect": "Allow", "Principal": {"AWS": ["` + session + `"]}`, ""},
		"allows the account": {
			nothing, `"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}`,
			"no identity-based policy allows the s3:GetObject action",
		},
		"allows a service": {
			nothing, `"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}`,
			"no identity-based policy allows the s3:GetObject action",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := guard(t, c.role+`, "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "lake"}},
				"BucketPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [
					{`+c.bucket+`, "Action": "s3:*", "Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]}]}}}`, nil)
			if got := refusal(t, g.Check(asReader(t), iam.Call{Action: "s3:GetObject", Resource: object})); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestGuard_EvaluatesKeyPolicy(t *testing.T) {
	const (
		root = `"Principal": {"AWS": "arn:aws:iam::123456789012:root"}`
		some = `"Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}`
	)
	decrypt := role(`{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}`)
	nothing := role(`{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}`)
	for name, c := range map[string]struct{ role, policy, want string }{
		"delegates to IAM, which allows":         {decrypt, root, ""},
		"delegates to IAM, which does not allow": {nothing, root, "no identity-based policy allows the kms:Decrypt action"},
		"does not delegate":                      {decrypt, some, "no resource-based policy allows the kms:Decrypt action"},
		"allows the role":                        {nothing, `"Principal": {"AWS": "` + reader + `"}`, ""},
		"allows the role via a service": {
			nothing, `"Principal": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.ap-northeast-1.amazonaws.com"}}`, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack := load(t, c.role+`, "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [
				{"Effect": "Allow", `+c.policy+`, "Action": "kms:*", "Resource": "*"}]}}}`)
			g, err := iam.New(stack, nil)
			if err != nil {
				t.Fatal(err)
			}
			call := iam.Call{
				Action: "kms:Decrypt", Resource: stack.Resources["Key"].Attributes["Arn"],
				Keys: map[string]string{"kms:ViaService": "s3.ap-northeast-1.amazonaws.com"},
			}
			if got := refusal(t, g.Check(asReader(t), call)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestGuard_UsesOnlyIAMPoliciesForKeyOutsideStack(t *testing.T) {
	const key = "arn:aws:kms:ap-northeast-1:123456789012:key/11111111-2222-3333-4444-555555555555"
	g := guard(t, role(`{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "`+key+`"}`), nil)
	if err := g.Check(asReader(t), iam.Call{Action: "kms:Decrypt", Resource: key}); err != nil {
		t.Error(err)
	}
	got := refusal(t, g.Check(asReader(t), iam.Call{Action: "kms:Encrypt", Resource: key}))
	if want := "no identity-based policy allows the kms:Encrypt action"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGuard_AssumesRoleByTrustPolicyAlone(t *testing.T) {
	g := guard(t, `"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "Path": "/lake/",
		"AssumeRolePolicyDocument": {"Statement": [
			{"Effect": "Allow", "Principal": {"Service": "export.rds.amazonaws.com"}, "Action": "sts:AssumeRole",
			 "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
			{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
			 "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:rds:::bad"}}}]}}}`, nil)
	const role = "arn:aws:iam::123456789012:role/lake/reader"
	here := map[string]string{"aws:SourceAccount": "123456789012"}
	for _, c := range []struct {
		service, role string
		keys          map[string]string
		want          string
	}{
		{"export.rds.amazonaws.com", role, here, ""},
		{"export.rds.amazonaws.com", role, nil, "no role trust policy allows the sts:AssumeRole action"},
		{"glue.amazonaws.com", role, here, "no role trust policy allows the sts:AssumeRole action"},
		{"export.rds.amazonaws.com", role + "2", here, "no role trust policy allows the sts:AssumeRole action"},
		{
			"export.rds.amazonaws.com", role, map[string]string{"aws:SourceAccount": "123456789012", "aws:SourceArn": "arn:aws:rds:::bad"},
			"an explicit deny in the role trust policy",
		},
	} {
		if got := refusal(t, g.Assume(c.service, c.role, c.keys)); got != c.want {
			t.Errorf("%s assumes %s with %v: got %q, want %q", c.service, c.role, c.keys, got, c.want)
		}
	}
}

func TestGuard_ChecksServiceByResourceBasedPolicy(t *testing.T) {
	const (
		rule     = "arn:aws:events:ap-northeast-1:123456789012:rule/failed"
		function = "arn:aws:lambda:ap-northeast-1:123456789012:function:notify"
		queue    = "arn:aws:sqs:ap-northeast-1:123456789012:letters"
		topic    = "arn:aws:sns:ap-northeast-1:123456789012:news"
	)
	g := guard(t, `
		"Notify": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "notify"}},
		"MayNotify": {"Type": "AWS::Lambda::Permission", "Properties": {
			"Action": "lambda:InvokeFunction", "FunctionName": {"Fn::GetAtt": ["Notify", "Arn"]},
			"Principal": "events.amazonaws.com", "SourceArn": "`+rule+`"}},
		"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "letters"}},
		"QueuePolicy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": {
			"Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com"]}, "Action": "sqs:SendMessage",
			"Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}}}},
		"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}},
		"TopicPolicy": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": {"Statement": {
			"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": {"Ref": "Topic"}}}}}`, nil)
	from := map[string]string{"aws:SourceArn": rule}
	for _, c := range []struct {
		service string
		call    iam.Call
		want    string
	}{
		{"events.amazonaws.com", iam.Call{Action: "lambda:InvokeFunction", Resource: function, Keys: from}, ""},
		{
			"events.amazonaws.com", iam.Call{Action: "lambda:InvokeFunction", Resource: function},
			"no resource-based policy allows the lambda:InvokeFunction action",
		},
		{
			"s3.amazonaws.com", iam.Call{Action: "lambda:InvokeFunction", Resource: function, Keys: from},
			"no resource-based policy allows the lambda:InvokeFunction action",
		},
		{
			"events.amazonaws.com", iam.Call{Action: "lambda:InvokeFunction", Resource: function + "2", Keys: from},
			"no resource-based policy allows the lambda:InvokeFunction action",
		},
		{"events.amazonaws.com", iam.Call{Action: "sqs:SendMessage", Resource: queue}, ""},
		{
			"scheduler.amazonaws.com", iam.Call{Action: "sqs:SendMessage", Resource: queue},
			"no resource-based policy allows the sqs:SendMessage action",
		},
		{"cloudwatch.amazonaws.com", iam.Call{Action: "sns:Publish", Resource: topic}, ""},
		{"events.amazonaws.com", iam.Call{Action: "sns:Publish", Resource: topic}, "no resource-based policy allows the sns:Publish action"},
	} {
		if got := refusal(t, g.CheckService(c.service, c.call)); got != c.want {
			t.Errorf("%s calls %s: got %q, want %q", c.service, c.call.Resource, got, c.want)
		}
	}
}

func TestGuard_AttachesPoliciesToRoles(t *testing.T) {
	allow := func(action string) string {
		return `{"Statement": {"Effect": "Allow", "Action": "` + action + `", "Resource": "*"}}`
	}
	g := guard(t, `
		"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "AssumeRolePolicyDocument": `+trust+`,
			"Policies": [{"PolicyName": "p", "PolicyDocument": `+allow("a:Inline")+`}]}},
		"Policy": {"Type": "AWS::IAM::Policy", "Properties": {
			"PolicyName": "q", "Roles": [{"Ref": "Role"}], "PolicyDocument": `+allow("a:Resource")+`}},
		"Other": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": `+allow("a:Other")+`}}`, nil)
	var got []string
	for _, p := range g.Allowed() {
		got = append(got, p.String())
	}
	want := []string{"reader may a:Inline on *", "reader may a:Resource on *"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGuard_AllowsOperatorEverything(t *testing.T) {
	g := guard(t, role(`{"Effect": "Deny", "Action": "*", "Resource": "*"}`), nil)
	if err := g.Check(t.Context(), iam.Call{Action: "s3:DeleteObject", Resource: "arn:aws:s3:::lake/a"}); err != nil {
		t.Error(err)
	}
	var none *iam.Guard
	if err := none.Check(asReader(t), iam.Call{Action: "s3:DeleteObject", Resource: "arn:aws:s3:::lake/a"}); err != nil {
		t.Errorf("nil Guard: %v", err)
	}
}

func TestGuard_InformsObserver(t *testing.T) {
	var got []iam.Decision
	g := guard(t, role(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}`), func(d iam.Decision) { got = append(got, d) })
	may := iam.Call{Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/a"}
	mayNot := iam.Call{Action: "s3:PutObject", Resource: "arn:aws:s3:::lake/a"}
	_ = g.Check(asReader(t), may, mayNot)
	_ = g.Assume("lambda.amazonaws.com", reader, nil)
	caller := iam.Caller{Role: reader, Session: "run"}
	want := []iam.Decision{
		{Caller: caller, Call: may},
		{Caller: caller, Call: mayNot, Denied: &iam.Denied{
			Principal: session, Action: "s3:PutObject", Resource: "arn:aws:s3:::lake/a",
			Reason: "no identity-based policy allows the s3:PutObject action",
		}},
		{Service: "lambda.amazonaws.com", Call: iam.Call{Action: "sts:AssumeRole", Resource: reader}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
