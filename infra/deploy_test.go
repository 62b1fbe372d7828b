//go:build deploy

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const stackName = "lake"

// firstConfig has no tags and no termination protection, because moto 5.2.1 supports neither keys with tags nor termination protection.
const firstConfig = `account: "` + motoAccount + `"
region: ap-northeast-1
name: lake
notify: [data-team@example.com]
termination_protection: false
sources:
  billing: {instance: billing-prod, schedule: cron(0 4 * * ? *), on_snapshot: true}
  shop: {cluster: shop-prod, schedule: cron(30 3 * * ? *), time_zone: Asia/Tokyo}
`

// secondConfig replaces the source billing with ledger, and changes the schedule of shop.
var secondConfig = strings.NewReplacer(
	"billing: {instance: billing-prod", "ledger: {cluster: ledger-prod",
	"cron(30 3", "cron(45 3",
).Replace(firstConfig)

// TestDeploy creates, updates and deletes a stack with the make targets, starting with an account without CDK bootstrap. It tests the CDK
// CLI and the Makefile. It does not test the properties of resources, because moto drops many of them.
func TestDeploy(t *testing.T) {
	m := startMoto(t)
	first, second := m.config(t, "first.yaml", firstConfig), m.config(t, "second.yaml", secondConfig)

	out, err := m.make("deploy", first, "--require-approval", "never")
	if err == nil || !strings.Contains(out, "Has the environment been bootstrapped? Please run 'cdk bootstrap'") {
		t.Fatalf("deployment without bootstrap: %v\n%s", err, out)
	}
	m.must(t, "bootstrap", first)
	m.must(t, "diff", first, "--method", "template")
	m.deploy(t, first)

	out = m.must(t, "diff", second, "--method", "template")
	for _, change := range []string{
		"[-] AWS::Scheduler::Schedule billing/Schedule", "[+] AWS::Scheduler::Schedule ledger/Schedule",
		"[~] AWS::Scheduler::Schedule shop/Schedule", "cron(30 3 * * ? *)", "cron(45 3 * * ? *)",
	} {
		if !strings.Contains(out, change) {
			t.Errorf("make diff does not show %q:\n%s", change, out)
		}
	}
	m.deploy(t, second)
	bucket, key := m.physicalID(t, "AWS::S3::Bucket"), m.physicalID(t, "AWS::KMS::Key")

	out = m.must(t, "destroy", second, "--force")
	if text := "the bucket with all exports"; !strings.Contains(out, text) {
		t.Errorf("make destroy does not print %q:\n%s", text, out)
	}
	m.checkLeft(t, bucket, key)
}

func (m *moto) config(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(m.dir, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// deploy deploys the stack and checks its outputs.
func (m *moto) deploy(t *testing.T, config string) {
	t.Helper()
	// In moto, a stack that a change set created has no outputs, and a parameter with a default has no previous value.
	out := m.must(t, "deploy", config, "--method", "direct", "--previous-parameters=false", "--require-approval", "never")
	for _, output := range []string{"lake.StateMachineArn = arn:aws:states:", "lake.Bucket = lake-lakebucket", "lake.Version = 0."} {
		if !strings.Contains(out, output) {
			t.Errorf("make deploy does not print %q:\n%s", output, out)
		}
	}
	var want template
	if err := readJSON(filepath.Join(m.cdkOut(), stackName+".template.json"), &want); err != nil {
		t.Fatal(err)
	}
	client := cloudformation.NewFromConfig(m.sdk())
	stack := ask(t, client.DescribeStacks, &cloudformation.DescribeStacksInput{StackName: aws.String(stackName)}).Stacks[0]
	if !strings.HasSuffix(string(stack.StackStatus), "_COMPLETE") || len(stack.Outputs) != len(want.Outputs) {
		t.Errorf("the stack is %s and has %d outputs, want %d", stack.StackStatus, len(stack.Outputs), len(want.Outputs))
	}
}

func (m *moto) cdkOut() string { return filepath.Join(m.dir, "cdk.out") }

// physicalID returns the physical ID of the only resource of the type.
func (m *moto) physicalID(t *testing.T, kind string) string {
	t.Helper()
	in := &cloudformation.DescribeStackResourcesInput{StackName: aws.String(stackName)}
	for _, r := range ask(t, cloudformation.NewFromConfig(m.sdk()).DescribeStackResources, in).StackResources {
		if aws.ToString(r.ResourceType) == kind {
			return aws.ToString(r.PhysicalResourceId)
		}
	}
	t.Fatalf("moto has no %s", kind)
	return ""
}

// checkLeft checks that the stack is deleted, and that the bucket and the key still exist.
func (m *moto) checkLeft(t *testing.T, bucket, key string) {
	t.Helper()
	in := &cloudformation.DescribeStacksInput{StackName: aws.String(stackName)}
	if out, err := cloudformation.NewFromConfig(m.sdk()).DescribeStacks(t.Context(), in); err == nil {
		t.Errorf("the stack still exists, with the status %s", out.Stacks[0].StackStatus)
	}
	usePaths := func(o *s3.Options) { o.UsePathStyle = true }
	ask(t, s3.NewFromConfig(m.sdk(), usePaths).HeadBucket, &s3.HeadBucketInput{Bucket: &bucket})
	ask(t, kms.NewFromConfig(m.sdk()).GetKeyRotationStatus, &kms.GetKeyRotationStatusInput{KeyId: &key})
}

// ask makes the call and returns the response. It ends the test if the call fails.
func ask[In, Out, Option any](t *testing.T, call func(context.Context, *In, ...func(*Option)) (*Out, error), in *In) *Out {
	t.Helper()
	out, err := call(t.Context(), in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}
