package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStack_SynthesisIsReproducible(t *testing.T) {
	again, err := synthesizeIn(t.TempDir(), "testdata/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// The templates contain the hashes of assets.
	if diff := cmp.Diff(theTemplate(t), again); diff != "" {
		t.Errorf("templates of two synthesis runs (-first +second):\n%s", diff)
	}
}

func TestStack_TerminationProtection(t *testing.T) {
	if !theTemplate(t).TerminationProtection {
		t.Error("termination protection is off by default")
	}
	if existingTemplate(t).TerminationProtection {
		t.Error("termination protection is on, but the configuration turns it off")
	}
}

func TestStack_TagsResources(t *testing.T) {
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
