package stepfunctions_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/stepfunctions"
)

// seconds is a time as the protocol writes it.
func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

func TestDescribeExecutionHasWhatAWSHasAndNothingElse(t *testing.T) {
	fails := true
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
		if fails {
			return failure("Broken", "x")
		}
		return answer(`7`)
	})
	arn := w.start(w.create("m", strings.Replace(invokeTask, `"TimeoutSeconds"`, `"ResultSelector": {"n.$": "$.Payload"}, "TimeoutSeconds"`, 1)), "e", `{"a": 1}`)
	w.wait(arn)
	describe := func(parameters string) map[string]any {
		t.Helper()
		status, out := w.call("DescribeExecution", `{"executionArn": "`+arn+`"`+parameters+`}`)
		equal(t, http.StatusOK, status)
		return out
	}
	at := seconds(evening())
	want := map[string]any{
		"executionArn": arn, "stateMachineArn": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:m", "name": "e",
		"status": "FAILED", "startDate": at, "stopDate": at, "input": `{"a": 1}`, "inputDetails": map[string]any{"included": true},
		"error": "Broken", "cause": `{"errorMessage":"x","errorType":"Broken"}`, "redriveCount": 0.0, "redriveStatus": "REDRIVABLE",
	}
	equal(t, want, describe(""))
	equal(t, want, describe(`, "includedData": "ALL_DATA"`))

	metadata := maps.Clone(want)
	for _, name := range []string{"input", "error", "cause"} {
		delete(metadata, name)
	}
	metadata["inputDetails"] = map[string]any{"included": false}
	equal(t, metadata, describe(`, "includedData": "METADATA_ONLY"`))

	w.clock.Advance(time.Hour)
	fails = false
	w.redriven(arn)
	for _, name := range []string{"error", "cause"} {
		delete(want, name)
	}
	maps.Copy(want, map[string]any{
		"status": "SUCCEEDED", "stopDate": at + 3600, "output": `{"n":7}`, "outputDetails": map[string]any{"included": true},
		"redriveCount": 1.0, "redriveDate": at + 3600, "redriveStatus": "NOT_REDRIVABLE",
		"redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
	})
	equal(t, want, describe(""))
}

func TestARunningExecutionHasNoEndAndCannotBeRedriven(t *testing.T) {
	w, begun := hangs(t)
	arn := w.start(w.create("m", invokeTask), "e", `{}`)
	<-begun
	if err := w.StopExecution(arn, "Manual", "probe"); err != nil {
		t.Fatal(err)
	}
	if err := w.RedriveExecution(arn, ""); err != nil {
		t.Fatal(err)
	}
	<-begun
	_, out := w.call("DescribeExecution", `{"executionArn": "`+arn+`"}`)
	equal(t, map[string]any{
		"executionArn": arn, "stateMachineArn": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:m", "name": "e",
		"status": "RUNNING", "startDate": seconds(evening()), "input": `{}`, "inputDetails": map[string]any{"included": true},
		"redriveCount": 1.0, "redriveDate": seconds(evening()), "redriveStatus": "NOT_REDRIVABLE",
		"redriveStatusReason": "Execution is RUNNING and cannot be redriven",
	}, out)
}

func TestTheSameStartGetsTheSameAnswerWhileTheExecutionRuns(t *testing.T) {
	w, begun := hangs(t)
	arn := w.create("m", invokeTask)
	start := func(input string) (int, map[string]any) {
		t.Helper()
		return w.call("StartExecution", fmt.Sprintf(`{"stateMachineArn": %q, "name": "e", "input": %q}`, arn, input))
	}
	status, first := start(`{}`)
	<-begun
	w.clock.Advance(time.Minute)
	_, again := start(`{}`)
	equal(t, []any{http.StatusOK, first}, []any{status, again})
	refused := map[string]any{"__type": "ExecutionAlreadyExists", "message": "Execution Already Exists: 'arn:aws:states:ap-northeast-1:123456789012:execution:m:e'"}
	status, out := start(`{ }`)
	equal(t, []any{http.StatusBadRequest, refused}, []any{status, out})
	if err := w.StopExecution(first["executionArn"].(string), "", ""); err != nil {
		t.Fatal(err)
	}
	status, out = start(`{}`)
	equal(t, []any{http.StatusBadRequest, refused}, []any{status, out})
}

func TestParametersAreCheckedInAWSsOrder(t *testing.T) {
	const prefix = "arn:aws:states:ap-northeast-1:123456789012:"
	w := newWorld(t, nil)
	e := w.run(succeed, `{}`)
	long := strings.Repeat("é", 81)
	large := `"` + strings.Repeat("é", 131072) + `"` // fewer characters than bytes
	start := func(arn, name, input string) string {
		return fmt.Sprintf(`{"stateMachineArn": %q, "name": %q, "input": %q}`, arn, name, input)
	}
	const validation = "ValidationException: 1 validation error detected: Value "
	const unmet = " failed to satisfy constraint: Member must "
	for _, c := range []struct{ operation, body, want string }{
		{"StartExecution", start(prefix+"stateMachine:none", long, "{}"), validation + "'" + long + "' at 'name'" + unmet + "have length less than or equal to 80"},
		{"StartExecution", start(e.StateMachineARN, "", "{}"), validation + "'' at 'name'" + unmet + "have length greater than or equal to 1"},
		{"StartExecution", start(e.StateMachineARN, "n", large), validation + "at 'input'" + unmet + "have size less than or equal to 262144 bytes in UTF-8 encoding"},
		{"StartExecution", start(prefix+"stateMachine:none", "a b", "{"), "StateMachineDoesNotExist: State Machine Does Not Exist: '" + prefix + "stateMachine:none'"},
		{"StartExecution", start(e.StateMachineARN, "a/b", "{"), "InvalidName: Invalid Name: 'a/b'"},
		{"StartExecution", start(e.StateMachineARN, "a\u0080b", "{"), "InvalidName: Invalid Name: 'a\u0080b'"},
		{"StartExecution", start(e.StateMachineARN, "e", "{"), "InvalidExecutionInput: Invalid State Machine Execution Input: 'unexpected EOF'"},
		{"StartExecution", `{"name": "n"}`, validation + "null at 'stateMachineArn'" + unmet + "not be null"},
		{"StartExecution", `{"stateMachineArn": "arn:aws:s3:::b"}`, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: arn:aws:s3:::b'"},
		{"DescribeExecution", `{}`, validation + "null at 'executionArn'" + unmet + "not be null"},
		{"DescribeExecution", `{"executionArn": "` + e.ARN + `", "includedData": "SOME"}`, validation + "'SOME' at 'includedData'" + unmet + "satisfy enum value set: [ALL_DATA, METADATA_ONLY]"},
		{"StopExecution", `{"executionArn": "` + e.ARN + `", "error": "` + strings.Repeat("x", 257) + `"}`, validation + "at 'error'" + unmet + "have length less than or equal to 256"},
		{"StopExecution", `{"executionArn": "` + e.ARN + `", "cause": "` + strings.Repeat("x", 32769) + `"}`, validation + "at 'cause'" + unmet + "have length less than or equal to 32768"},
		{"RedriveExecution", `{"executionArn": "` + e.ARN + `", "clientToken": "a b"}`, validation + "'a b' at 'clientToken'" + unmet + "satisfy regular expression pattern: [!-~]+"},
		{"RedriveExecution", `{"executionArn": "` + e.ARN + `"}`, "ExecutionNotRedrivable: Execution " + e.ARN + " invalid for redrive as: Execution is SUCCEEDED and cannot be redriven"},
		{"GetExecutionHistory", `{"executionArn": "` + e.ARN + `", "maxResults": -1}`, validation + "'-1' at 'maxResults'" + unmet + "have value greater than or equal to 0"},
		{"ListExecutions", `{"stateMachineArn": "` + e.StateMachineARN + `", "statusFilter": "PENDING_REDRIVE"}`, "ValidationException: statusFilter PENDING_REDRIVE is for the executions of a Map Run"},
		{"DescribeStateMachine", `{"stateMachineArn": "` + e.StateMachineARN + `x"}`, "StateMachineDoesNotExist: State Machine Does Not Exist: '" + e.StateMachineARN + "x'"},
	} {
		status, out := w.call(c.operation, c.body)
		equal(t, []any{http.StatusBadRequest, c.want}, []any{status, fmt.Sprint(out["__type"], ": ", out["message"])})
	}
}

func TestMetadataOfAStateMachineHasNoDefinition(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(succeed, `{}`)
	_, machine := w.call("DescribeStateMachine", `{"stateMachineArn": "`+e.StateMachineARN+`", "includedData": "METADATA_ONLY"}`)
	_, of := w.call("DescribeStateMachineForExecution", `{"executionArn": "`+e.ARN+`", "includedData": "METADATA_ONLY"}`)
	equal(t, []any{"{}", role, "{}", role}, []any{machine["definition"], machine["roleArn"], of["definition"], of["roleArn"]})
}

func TestHistoriesComeInPagesInBothOrdersForADay(t *testing.T) {
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return answer(`{}`) })
	e := w.run(invokeTask, `{}`)
	page := func(parameters string) (ids []float64, answer map[string]any) {
		t.Helper()
		_, answer = w.call("GetExecutionHistory", `{"executionArn": "`+e.ARN+`", "maxResults": 3`+parameters+`}`)
		for _, event := range answer["events"].([]any) {
			ids = append(ids, event.(map[string]any)["id"].(float64))
		}
		return ids, answer
	}
	for parameters, want := range map[string][]float64{"": {1, 2, 3, 4, 5, 6, 7}, `, "reverseOrder": true`: {7, 6, 5, 4, 3, 2, 1}} {
		first, answer := page(parameters)
		w.clock.Advance(24 * time.Hour)
		second, answer := page(fmt.Sprintf(`%s, "nextToken": %q`, parameters, answer["nextToken"]))
		token := answer["nextToken"]
		third, answer := page(fmt.Sprintf(`%s, "nextToken": %q`, parameters, token))
		equal(t, [][]float64{want[:3], want[3:6], want[6:]}, [][]float64{first, second, third})
		if answer["nextToken"] != nil {
			t.Errorf("there is a page after the last: %v", answer["nextToken"])
		}
		w.clock.Advance(24*time.Hour + 1)
		status, answer := w.call("GetExecutionHistory", fmt.Sprintf(`{"executionArn": %q, "nextToken": %q}`, e.ARN, token))
		equal(t, []any{http.StatusBadRequest, "InvalidToken"}, []any{status, answer["__type"]})
	}
}

func TestAHistoryWithoutDataHasNoInputsOutputsAndParameters(t *testing.T) {
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return answer(`{}`) })
	e := w.run(invokeTask, `{}`)
	_, out := w.call("GetExecutionHistory", `{"executionArn": "`+e.ARN+`", "includeExecutionData": false}`)
	var details [][]string
	for _, event := range out["events"].([]any) {
		for _, value := range event.(map[string]any) {
			if members, ok := value.(map[string]any); ok {
				details = append(details, slices.Sorted(maps.Keys(members)))
			}
		}
	}
	equal(t, [][]string{{"roleArn"}, {"name"}, {"region", "resource", "resourceType", "timeoutInSeconds"}, {"resource", "resourceType"}, {"resource", "resourceType"}, {"name"}, nil}, details)
}
