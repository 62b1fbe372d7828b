//go:build deploy

package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

const stackName = "lake"

// firstConfig leaves out tags, and switches off termination protection: see motoCannot.
const firstConfig = `account: "123456789012"
region: ap-northeast-1
name: lake
notify: [data-team@example.com]
termination_protection: false
sources:
  billing: {instance: billing-prod, schedule: cron(0 4 * * ? *), on_snapshot: true}
  shop: {cluster: shop-prod, schedule: cron(30 3 * * ? *), time_zone: Asia/Tokyo}
`

// In secondConfig billing is gone, ledger is new, and shop begins later.
var secondConfig = strings.NewReplacer(
	"billing: {instance: billing-prod", "ledger: {cluster: ledger-prod",
	"cron(30 3", "cron(45 3",
).Replace(firstConfig)

// TestDeploy goes the way of a stack, from an account that knows nothing of the CDK to one that is left with the data.
func TestDeploy(t *testing.T) {
	m := startMoto(t)
	first, second := m.config(t, "first.yaml", firstConfig), m.config(t, "second.yaml", secondConfig)

	out, err := m.make("deploy", first, "--require-approval", "never")
	if err == nil || !strings.Contains(out, "Has the environment been bootstrapped? Please run 'cdk bootstrap'") {
		t.Fatalf("a deployment into an account that is not prepared: %v\n%s", err, out)
	}
	m.must(t, "bootstrap", first)

	m.must(t, "diff", first, "--method", "template")
	m.deploy(t, first).compare(t, unmade, lost)
	m.motoCannot(t)

	out = m.must(t, "diff", second, "--method", "template")
	for _, change := range []string{
		"[-] AWS::Scheduler::Schedule billing/Schedule", "[+] AWS::Scheduler::Schedule ledger/Schedule", "[~] AWS::Scheduler::Schedule shop/Schedule",
		"cron(30 3 * * ? *)", "cron(45 3 * * ? *)",
	} {
		if !strings.Contains(out, change) {
			t.Errorf("make diff does not show %q:\n%s", change, out)
		}
	}
	changed := m.deploy(t, second)
	changed.compare(t, append(unmade, "AWS::Lambda::LayerVersion"), lost) // moto forgets what it cannot update
	if diff := cmp.Diff([]string{"lake-failed", "lake-ledger-snapshot"}, m.ruleNames(t)); diff != "" {
		t.Errorf("rules after the change (-want +got):\n%s", diff)
	}

	out = m.must(t, "destroy", second, "--force")
	if text := "the bucket with all exports"; !strings.Contains(out, text) {
		t.Errorf("make destroy does not say that it leaves %q behind:\n%s", text, out)
	}
	m.compareLeft(t, changed)
}

func (m *moto) config(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(m.dir, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// deploy deploys, and checks that what was synthesized is what CloudFormation has now.
func (m *moto) deploy(t *testing.T, config string) *deployment {
	t.Helper()
	// Stacks made by change sets have no outputs in moto, and it does not know the previous value of a parameter's default.
	out := m.must(t, "deploy", config, "--method", "direct", "--previous-parameters=false", "--require-approval", "never")
	for _, output := range []string{"lake.StateMachineArn = arn:aws:states:", "lake.Bucket = lake-lakebucket", "lake.RedashRoleArn = arn:aws:iam::"} {
		if !strings.Contains(out, output) {
			t.Errorf("make deploy does not print %q:\n%s", output, out)
		}
	}
	var tmpl template
	if err := readJSON(filepath.Join(m.cdkOut(), stackName+".template.json"), &tmpl); err != nil {
		t.Fatal(err)
	}
	client := cloudformation.NewFromConfig(m.sdk())
	stack := ask(t, client.DescribeStacks, &cloudformation.DescribeStacksInput{StackName: aws.String(stackName)}).Stacks[0]
	if !strings.HasSuffix(string(stack.StackStatus), "_COMPLETE") || len(stack.Outputs) != len(tmpl.Outputs) {
		t.Errorf("the stack is %s and has %d outputs, want %d", stack.StackStatus, len(stack.Outputs), len(tmpl.Outputs))
	}
	var have template
	body := ask(t, client.GetTemplate, &cloudformation.GetTemplateInput{StackName: aws.String(stackName)}).TemplateBody
	if err := json.Unmarshal([]byte(aws.ToString(body)), &have); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tmpl, have); diff != "" {
		t.Errorf("CloudFormation's template (-synthesized +deployed):\n%s", diff)
	}
	return m.deployment(t, tmpl)
}

func (m *moto) cdkOut() string { return filepath.Join(m.dir, "cdk.out") }

func (m *moto) ruleNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, rule := range ask(t, eventbridge.NewFromConfig(m.sdk()).ListRules, &eventbridge.ListRulesInput{}).Rules {
		names = append(names, aws.ToString(rule.Name))
	}
	return names
}

// compareLeft looks at what is there without the stack: the bucket and its key.
func (m *moto) compareLeft(t *testing.T, d *deployment) {
	t.Helper()
	_, err := cloudformation.NewFromConfig(m.sdk()).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String(stackName)})
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "ValidationError" {
		t.Errorf("the deleted stack: %v, want a ValidationError", err)
	}
	for id, r := range d.Resources {
		switch r.Type {
		case "AWS::S3::Bucket":
			ask(t, m.s3().HeadBucket, &s3.HeadBucketInput{Bucket: aws.String(d.physical[id])})
		case "AWS::KMS::Key":
			if m.keyARN(t, d.physical[id]) == "" {
				t.Errorf("the key %s is gone", d.physical[id])
			}
			if rotation := ask(t, kms.NewFromConfig(m.sdk()).GetKeyRotationStatus, &kms.GetKeyRotationStatusInput{KeyId: aws.String(d.physical[id])}); !rotation.KeyRotationEnabled {
				t.Errorf("the key %s does not rotate any more", d.physical[id])
			}
		}
	}
	left := m.ruleNames(t)
	for _, f := range ask(t, lambda.NewFromConfig(m.sdk()).ListFunctions, &lambda.ListFunctionsInput{}).Functions {
		left = append(left, aws.ToString(f.FunctionName))
	}
	for _, r := range ask(t, iam.NewFromConfig(m.sdk()).ListRoles, &iam.ListRolesInput{}).Roles {
		if !strings.HasPrefix(aws.ToString(r.RoleName), "cdk-") { // the bootstrap's
			left = append(left, aws.ToString(r.RoleName))
		}
	}
	for _, g := range ask(t, cloudwatchlogs.NewFromConfig(m.sdk()).DescribeLogGroups, &cloudwatchlogs.DescribeLogGroupsInput{}).LogGroups {
		left = append(left, aws.ToString(g.LogGroupName))
	}
	if len(left) > 0 {
		t.Errorf("the deleted stack leaves behind %s", strings.Join(left, ", "))
	}
}
