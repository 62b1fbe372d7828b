package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSameInputGivesTheSameTemplateInAnotherFolder(t *testing.T) {
	again, err := synthesizeIn(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	// An asset's S3 key is its hash.
	if diff := cmp.Diff(theTemplate(t), again); diff != "" {
		t.Errorf("templates of two synths (-first +second):\n%s", diff)
	}
}

func TestOutputsTellWhereToLook(t *testing.T) {
	got := object{}
	for name, output := range theTemplate(t).Outputs {
		got[name] = plain(output.Value)
	}
	want := object{"StateMachineArn": "${StateMachine}", "Bucket": "${LakeBucket}", "WorkGroup": "data-lake", "Databases": "billing,shop"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}
