package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/infra/internal/externalpolicy"

	"snaplake/workflow"
)

func TestExistingBucketAndKey_NotChanged(t *testing.T) {
	for id, r := range existingTemplate(t).Resources {
		if strings.HasPrefix(r.Type, "AWS::S3::") || strings.HasPrefix(r.Type, "AWS::KMS::") {
			t.Errorf("the template contains %s (%s)", id, r.Type)
		}
	}
}

// The statements for an existing bucket and key must allow exactly the actions that the stack's roles allow.
func TestExistingBucketAndKey_StatementsAllowSameAsRoles(t *testing.T) {
	outputs := existingTemplate(t).Outputs
	allowed := map[string]bool{}
	for _, name := range []string{"BucketPolicyToAdd", "KeyPolicyToAdd"} {
		var policy []externalpolicy.Statement
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
			add(used, s.actions, []string{"*"}) // the key itself, in a key policy
		}
	}
	// The wildcards that RDS requires, for example s3:GetObject*, include the actions of the other roles.
	maps.DeleteFunc(used, func(what string, _ bool) bool {
		action, resource, _ := strings.Cut(what, " on ")
		return used[action+"* on "+resource]
	})
	if diff := cmp.Diff(slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(allowed))); diff != "" {
		t.Errorf("actions (-used by roles +allowed by owner):\n%s", diff)
	}
}

// add adds each action on each resource. It widens resources as the owner's policy does, to all query results and all exports.
func add(set map[string]bool, actions, resources []string) {
	whole := strings.NewReplacer(workflow.PipelineResults, workflow.ResultsPrefix, workflow.AnalystsResults, workflow.ResultsPrefix,
		publications, workflow.ExportsPrefix+"*", announcements, workflow.ExportsPrefix+"*")
	for _, action := range actions {
		for _, resource := range resources {
			set[action+" on "+whole.Replace(resource)] = true
		}
	}
}
