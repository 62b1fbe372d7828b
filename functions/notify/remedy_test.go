package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"snaplake/workflow"
)

// retried returns the names of the errors that the definition retries.
func retried(t *testing.T) []string {
	t.Helper()
	var d struct {
		States map[string]struct {
			Retry []struct{ ErrorEquals []string }
		}
	}
	if err := json.Unmarshal([]byte(workflow.Definition), &d); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, state := range d.States {
		for _, retry := range state.Retry {
			names = append(names, retry.ErrorEquals...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestRemedyFor_KnowsEveryErrorInTheDefinition(t *testing.T) {
	for _, name := range retried(t) {
		if _, message := failed(name, "no").notify(t); strings.Contains(message, "What to do: "+other.Text) {
			t.Errorf("%s has no remedy", name)
		}
	}
}

func TestRemedyFor_KnowsTheErrorsOfStepFunctionsAndLambda(t *testing.T) {
	for name, want := range map[string]workflow.Remedy{
		"States.Timeout":                         awsRemedies["States.Timeout"],
		"States.ParameterPathFailure":            mismatch,
		"Lambda.Unknown":                         awsRemedies["Lambda.Unknown"],
		"Lambda.ServiceException":                ofLambda,
		"Lambda.ClientExecutionTimeoutException": ofLambda,
		"wrapError":                              other,
	} {
		_, message := failed(name, "no").notify(t)
		contains(t, message, "What to do: "+want.Text)
	}
}

func TestRemedyFor_DetectsAMissingPermissionInAnyError(t *testing.T) {
	for name, message := range map[string]string{
		"wrapError":           "get crawler: AccessDeniedException: no",
		"ExportRefused":       "api error AccessDenied: User: arn:x is not authorized to perform: iam:PassRole",
		"ViewsFailed":         "User: arn:x is not authorized to perform: glue:GetTable on resource: arn:y",
		"AccessDenied":        "no",
		"Lambda.AWSException": "User: arn:x is not authorized to perform: lambda:InvokeFunction",
	} {
		_, body := failed(name, message).notify(t)
		contains(t, body, message, "What to do: A permission is missing", "aws stepfunctions redrive-execution ")
	}
}

func TestNotify_AdvisesANewRunIfTheMessageDoes(t *testing.T) {
	_, message := failed("SnapshotNotFound", "RDS gives no snapshot time; "+workflow.NoRedrive+" without exportId").notify(t)
	contains(t, message, "What to do: Do what the message says. A redrive does not help: start a new run.\n")
}
