package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSameInputGivesTheSameTemplateInAnotherFolder(t *testing.T) {
	again, err := synthesizeIn(t.TempDir(), "testdata/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// An asset's S3 key is its hash.
	if diff := cmp.Diff(theTemplate(t), again); diff != "" {
		t.Errorf("templates of two synths (-first +second):\n%s", diff)
	}
}

func TestOnlyAPersonDeletesTheStack(t *testing.T) {
	if !theTemplate(t).TerminationProtection {
		t.Error("the stack has no termination protection by default")
	}
	if existingTemplate(t).TerminationProtection {
		t.Error("the stack has termination protection, which its configuration switches off")
	}
}

func TestTagsAreOnWhatCanHaveSome(t *testing.T) {
	want := any([]any{object{"Key": "cost-center", "Value": "4711"}, object{"Key": "team", "Value": "data"}})
	for _, kind := range []string{
		"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::Logs::LogGroup", "AWS::SQS::Queue",
		"AWS::SNS::Topic", "AWS::Athena::WorkGroup", "AWS::StepFunctions::StateMachine", "AWS::Events::Rule", "AWS::CloudWatch::Alarm",
	} {
		for _, r := range theTemplate(t).ofType(kind) {
			if diff := cmp.Diff(want, r.Properties["Tags"]); diff != "" {
				t.Errorf("tags of a %s (-want +got):\n%s", kind, diff)
			}
		}
	}
}
