package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFunctions_RunOnSameRuntime(t *testing.T) {
	functions := theTemplate(t).ofType("AWS::Lambda::Function")
	if len(functions) != len(allFunctions()) {
		t.Errorf("the template has %d functions, want %d", len(functions), len(allFunctions()))
	}
	for _, f := range functions {
		got := plain(f.Properties).(object)
		name := strings.TrimPrefix(got["FunctionName"].(string), "data-lake-")
		want := object{
			"Handler": name, "Runtime": "provided.al2023", "Architectures": []any{"arm64"},
			"Layers": []any{"${ConfigurationLayer}"}, "TracingConfig": object{"Mode": "Active"},
		}
		for key := range want {
			if diff := cmp.Diff(want[key], got[key]); diff != "" {
				t.Errorf("function %s: %s (-want +got):\n%s", name, key, diff)
			}
		}
	}
}

func TestFunctions_HaveOnlyEnvironmentVariablesTheyRead(t *testing.T) {
	got := object{}
	for _, f := range theTemplate(t).properties("AWS::Lambda::Function") {
		environment, _ := f.(object)["Environment"].(object)
		got[f.(object)["Handler"].(string)] = environment["Variables"]
	}
	bucket := object{"BUCKET": "${LakeBucket}"}
	want := object{
		"findsnapshot": nil,
		"startexport":  object{"BUCKET": "${LakeBucket}", "EXPORT_ROLE_ARN": "${ExportRole.Arn}", "KMS_KEY_ARN": "${LakeKey.Arn}"},
		"checkexport":  bucket,
		"startcrawler": bucket,
		"checkcrawler": bucket,
		"createviews":  bucket,
		"prune":        bucket,
		"notify":       object{"TOPIC_ARN": "${Topic}"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environments (-want +got):\n%s", diff)
	}
}

func TestLogGroups_EncryptedAndRetainedAsConfigured(t *testing.T) {
	groups := theTemplate(t).ofType("AWS::Logs::LogGroup")
	if want := len(allFunctions()) + 1; len(groups) != want {
		t.Errorf("the template has %d log groups, want %d: one per function and one for the state machine", len(groups), want)
	}
	for _, g := range groups {
		if g.Properties["RetentionInDays"] != 30.0 || plain(g.Properties["KmsKeyId"]) != "${LakeKey.Arn}" {
			t.Errorf("log group %v has a retention of %v days and the key %v, want 30 days and the stack's key",
				g.Properties["LogGroupName"], g.Properties["RetentionInDays"], g.Properties["KmsKeyId"])
		}
	}
}

func TestTracing_CanBeTurnedOff(t *testing.T) {
	tmpl := existingTemplate(t)
	for _, f := range tmpl.ofType("AWS::Lambda::Function") {
		if tracing, ok := f.Properties["TracingConfig"]; ok {
			t.Errorf("function %v has the tracing configuration %v, want none", f.Properties["FunctionName"], tracing)
		}
	}
	machine := tmpl.one(t, "AWS::StepFunctions::StateMachine").Properties
	if diff := cmp.Diff(any(object{"Enabled": false}), machine["TracingConfiguration"]); diff != "" {
		t.Errorf("tracing of the state machine (-want +got):\n%s", diff)
	}
	for _, s := range tmpl.statements(t) {
		if strings.Contains(strings.Join(s.actions, " "), "xray:") {
			t.Error(s)
		}
	}
}
