package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

// workflowErrors are the names of the types of workflow/errors.go that are a Failure.
func workflowErrors(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../workflow/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for n := range ast.Preorder(file) {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			continue
		}
		if s, ok := spec.Type.(*ast.StructType); ok && len(s.Fields.List) == 1 && len(s.Fields.List[0].Names) == 0 {
			names = append(names, spec.Name.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestKnowsWhatToDoAboutEachErrorOfTheWorkflowAndNoOther(t *testing.T) {
	var known []string
	for _, name := range slices.Sorted(maps.Keys(advices)) {
		if !strings.Contains(name, ".") { // those of AWS have a point
			known = append(known, name)
		}
	}
	if diff := cmp.Diff(workflowErrors(t), known); diff != "" {
		t.Errorf("-workflow +advices\n%s", diff)
	}
}

// retried are the names that the definition retries.
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

func TestEveryErrorThatTheDefinitionRetriesHasAdvice(t *testing.T) {
	for _, name := range retried(t) {
		if _, message := failed(name, "no").notify(t); strings.Contains(message, "What to do: "+other.text) {
			t.Errorf("%s has no advice of its own", name)
		}
	}
}

func TestKnowsWhatToDoAboutWhatStepFunctionsAndLambdaReport(t *testing.T) {
	for name, want := range map[string]string{
		"States.Timeout":                         "It took longer than it may",
		"States.DataLimitExceeded":               "A function answered with more than Step Functions passes on, 256 KiB",
		"States.Runtime":                         "The state machine's definition does not fit",
		"States.ParameterPathFailure":            "The state machine's definition does not fit",
		"States.ResultPathMatchFailure":          "The state machine's definition does not fit",
		"States.Permissions":                     "The state machine's role",
		"Sandbox.Timedout":                       "The function's time was over",
		"Runtime.ExitError":                      "The function's process ended",
		"Runtime.OutOfMemory":                    "The function's memory was not enough",
		"Function.ResponseSizeTooLarge":          "The function answered with more than Lambda passes on, 6 MB",
		"Lambda.Unknown":                         "The function's time or memory was over",
		"Lambda.ServiceException":                "Lambda could not run the function",
		"Lambda.TooManyRequestsException":        "Lambda could not run the function",
		"Lambda.ClientExecutionTimeoutException": "Lambda could not run the function",
		"Lambda.ResourceNotFoundException":       "Lambda could not run the function",
		"wrapError":                              "Do what the message says",
	} {
		_, message := failed(name, "no").notify(t)
		contains(t, message, "What to do: "+want)
	}
}

func TestSeesAMissingPermissionBehindAnyError(t *testing.T) {
	for name, message := range map[string]string{
		"wrapError":           "get crawler: AccessDeniedException: no",
		"ExportRefused":       "api error AccessDenied: User: arn:x is not authorized to perform: iam:PassRole",
		"ViewsFailed":         "User: arn:x is not authorized to perform: glue:GetTable on resource: arn:y",
		"AccessDenied":        "no",
		"Lambda.AWSException": "User: arn:x is not authorized to perform: lambda:InvokeFunction",
	} {
		_, body := failed(name, message).notify(t)
		contains(t, body, message, "What to do: A permission is missing", "choose Redrive")
	}
}

func TestNotify_SaysOnceWhetherARedriveHelps(t *testing.T) {
	const noRedrive = "A redrive does not help"
	for message, want := range map[string]string{
		`the input has the unknown key "date". A redrive does not help: start a new execution`:            noRedrive,
		`source "crm" is not configured. Add it to pipeline.yaml, deploy and redrive; or start a new one`: "Unless the message asks for a new execution",
		`RDS refuses to export it. A redrive does not help: start a new execution for another snapshot`:   noRedrive,
		`RDS gives no snapshot time. A redrive does not help: start a new execution without exportId`:     noRedrive,
	} {
		for _, name := range workflowErrors(t) {
			got := adviceFor(execution{errorName: name, cause: message}, nil).goOn(execution{})
			isNoRedrive := strings.Contains(got, noRedrive)
			if isNoRedrive != (want == noRedrive) || want != noRedrive && name == "InvalidInput" && !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s\nthe mail says %s", name, message, got)
			}
		}
	}
}
