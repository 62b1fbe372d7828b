package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/infra/internal/owner"
	"snaplake/workflow"
	"snaplake/workflow/config"
)

func TestNothingOfAnExistingBucketOrKeyIsChanged(t *testing.T) {
	for id, r := range existingTemplate(t).Resources {
		if strings.HasPrefix(r.Type, "AWS::S3::") || strings.HasPrefix(r.Type, "AWS::KMS::") {
			t.Errorf("the template has %s (%s)", id, r.Type)
		}
	}
}

func TestOutputsHoldWhatTheOwnerMustAdd(t *testing.T) {
	config, err := config.Load("testdata/existing/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"BucketPolicyToAdd": owner.JSON(owner.BucketPolicy(config)),
		"KeyPolicyToAdd":    owner.JSON(owner.KeyPolicy(config)),
	}
	for name, text := range want {
		if diff := cmp.Diff(any(text), existingTemplate(t).Outputs[name].Value); diff != "" {
			t.Errorf("output %s (-want +got):\n%s", name, diff)
		}
	}
}

// A bucket or key of another account needs to allow what a role does as well, and has no reason to allow more.
func TestOwnerAllowsWhatTheRolesDoAndNothingElse(t *testing.T) {
	outputs := existingTemplate(t).Outputs
	allowed := map[string]bool{}
	for _, name := range []string{"BucketPolicyToAdd", "KeyPolicyToAdd"} {
		var policy []owner.Statement
		if err := json.Unmarshal([]byte(outputs[name].Value.(string)), &policy); err != nil {
			t.Fatal(err)
		}
		for _, s := range policy {
			if s.Effect == "Allow" && s.Principal["AWS"] != "" {
				add(allowed, s.Action, s.Resource)
			}
		}
	}
	used := map[string]bool{}
	for _, s := range existingTemplate(t).statements(t) {
		switch resource := s.resources[0]; {
		case strings.HasPrefix(resource, "arn:aws:s3:::"):
			add(used, s.actions, s.resources)
		case strings.HasPrefix(resource, "arn:aws:kms:"):
			add(used, s.actions, []string{"*"}) // in a key policy, the key
		}
	}
	// RDS's wildcards, as s3:GetObject*, cover what the other roles do with exports.
	maps.DeleteFunc(used, func(what string, _ bool) bool {
		action, resource, _ := strings.Cut(what, " on ")
		return used[action+"* on "+resource]
	})
	if diff := cmp.Diff(slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(allowed))); diff != "" {
		t.Errorf("what the roles do and the owner allows (-used +allowed):\n%s", diff)
	}
}

// add notes each action on each resource. The owner allows all query results and all of the exports at once, a role those results
// of its own workgroup, and maybe only the publications.
func add(set map[string]bool, actions, resources []string) {
	whole := strings.NewReplacer("/athena/pipeline/", "/athena/", "/athena/analysts/", "/athena/", "/"+publications, "/"+workflow.ExportsPrefix+"*", "/"+announcements, "/"+workflow.ExportsPrefix+"*")
	for _, action := range actions {
		for _, resource := range resources {
			set[action+" on "+whole.Replace(resource)] = true
		}
	}
}
