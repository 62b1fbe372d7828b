package stepfunctions_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

// client returns an SDK client whose calls are made by c.
func (s testService) client(c iam.Caller) *sfn.Client {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(out, r.WithContext(iam.WithCaller(r.Context(), c)))
	}))
	s.t.Cleanup(server.Close)
	return sfn.New(sfn.Options{
		Region: "ap-northeast-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})
}

// call calls the API without the SDK.
func (s testService) call(operation, body string) (int, map[string]any) {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	out := httptest.NewRecorder()
	s.ServeHTTP(out, r)
	return out.Code, decoded(s.t, out.Body.String())
}

func TestAPI_RunsAnExecution(t *testing.T) {
	s := newService(t, fails("Broken"))
	s.create(invokeTask)
	ctx, client := t.Context(), s.client(iam.Caller{})
	started := must[*sfn.StartExecutionOutput](t)(client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machineARN), Name: aws.String("e"), Input: aws.String(`{"a":1}`),
	}))
	arn := started.ExecutionArn
	equal(t, "arn:aws:states:ap-northeast-1:123456789012:execution:m:e", *arn)
	s.wait(*arn)

	e := must[*sfn.DescribeExecutionOutput](t)(client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: arn}))
	equal(t, []any{types.ExecutionStatusFailed, "Broken", `{"a":1}`, types.ExecutionRedriveStatusRedrivable, int32(0)},
		[]any{e.Status, *e.Error, *e.Input, e.RedriveStatus, *e.RedriveCount})
	redriven := must[*sfn.RedriveExecutionOutput](t)(client.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: arn}))
	equal(t, evening(), redriven.RedriveDate.UTC())
	s.wait(*arn)

	pages := sfn.NewGetExecutionHistoryPaginator(client, &sfn.GetExecutionHistoryInput{ExecutionArn: arn, ReverseOrder: true, MaxResults: 4})
	var events []types.HistoryEvent
	for pages.HasMorePages() {
		events = append(events, must[*sfn.GetExecutionHistoryOutput](t)(pages.NextPage(ctx)).Events...)
	}
	equal(t, 11, len(events))
	equal(t, types.HistoryEventTypeExecutionFailed, events[0].Type)
	equal(t, int32(1), *events[4].ExecutionRedrivenEventDetails.RedriveCount)
	equal(t, "T", *events[9].StateEnteredEventDetails.Name)
	equal(t, role, *events[10].ExecutionStartedEventDetails.RoleArn)
}

// seconds returns a time in the format of the protocol.
func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

func TestDescribeExecution_ReturnsMembersOfAPI(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	calls := 0
	s := newService(t, func(context.Context, string, []byte) (lambda.Invocation, error) {
		if calls++; calls == 1 {
			return failure("Broken", "x")
		}
		close(begun)
		<-release
		return answer(`7`)
	})
	const selector = `"ResultSelector": {"n.$": "$.Payload"}`
	arn := s.run(strings.Replace(invokeTask, `"End"`, selector+`, "End"`, 1), `{"a": 1}`).ARN
	describe := func() map[string]any {
		t.Helper()
		status, out := s.call("DescribeExecution", `{"executionArn": "`+arn+`"}`)
		equal(t, http.StatusOK, status)
		return out
	}
	at := seconds(evening())
	want := map[string]any{
		"executionArn": arn, "stateMachineArn": machineARN, "name": "e", "input": `{"a": 1}`, "status": "FAILED", "startDate": at, "stopDate": at,
		"error": "Broken", "cause": `{"errorMessage":"x","errorType":"Broken"}`, "redriveCount": 0.0, "redriveStatus": "REDRIVABLE",
	}
	equal(t, want, describe())

	s.clock.Advance(time.Hour)
	if err := s.RedriveExecution(arn, ""); err != nil {
		t.Fatal(err)
	}
	<-begun
	for _, name := range []string{"error", "cause", "stopDate"} {
		delete(want, name)
	}
	maps.Copy(want, map[string]any{
		"status": "RUNNING", "redriveCount": 1.0, "redriveDate": at + 3600, "redriveStatus": "NOT_REDRIVABLE",
		"redriveStatusReason": "Execution is RUNNING and cannot be redriven",
	})
	equal(t, want, describe())

	close(release)
	s.wait(arn)
	maps.Copy(want, map[string]any{
		"status": "SUCCEEDED", "stopDate": at + 3600, "output": `{"n":7}`,
		"redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
	})
	equal(t, want, describe())
}

func TestStartExecution_IsIdempotentWhileExecutionRuns(t *testing.T) {
	s, begun, release := hanging(t)
	s.create(invokeTask)
	start := func(input string) (int, map[string]any) {
		t.Helper()
		return s.call("StartExecution", fmt.Sprintf(`{"stateMachineArn": %q, "name": "e", "input": %q}`, machineARN, input))
	}
	status, first := start(`{}`)
	<-begun
	s.clock.Advance(time.Minute)
	_, again := start(`{}`)
	equal(t, []any{http.StatusOK, first}, []any{status, again})
	_, other := start(`{ }`)
	equal(t, any("ExecutionAlreadyExists"), other["__type"])
	release()
	s.wait(first["executionArn"].(string))
	_, late := start(`{}`)
	equal(t, any("ExecutionAlreadyExists"), late["__type"])
}

func TestAPI_ReturnsErrorCodesOfAWS(t *testing.T) {
	s := newService(t, answers(`{}`))
	e := s.run(invokeTask, `{}`)
	start := func(name, input string) string {
		return fmt.Sprintf(`{"stateMachineArn": %q, "name": %q, "input": %q}`, machineARN, name, input)
	}
	const invalid, must = "ValidationException: 1 validation error detected: Value at ", " failed to satisfy constraint: Member must "
	large := `"` + strings.Repeat("é", 131072) + `"` // has more bytes than characters
	of := `{"executionArn": "` + e.ARN + `", `
	for _, c := range []struct{ operation, body, want string }{
		{"StartExecution", start("e", "{}"), "ExecutionAlreadyExists: Execution Already Exists: '" + e.ARN + "'"},
		{"StartExecution", start("a b", "{}"), "InvalidName: Invalid Name: 'a b'"},
		{"StartExecution", start("", "{}"), "InvalidName: Invalid Name: ''"},
		{"StartExecution", start(strings.Repeat("n", 81), "{}"), "InvalidName: Invalid Name: '" + strings.Repeat("n", 81) + "'"},
		{"StartExecution", start("n", large), invalid + "'input'" + must + "have size less than or equal to 262144 bytes in UTF-8 encoding"},
		{"StartExecution", start("n", ""), "InvalidExecutionInput: Invalid State Machine Execution Input: 'the JSON text is empty'"},
		{"StartExecution", start("n", "{}{}"),
			"InvalidExecutionInput: Invalid State Machine Execution Input: 'unexpected data after the JSON value'"},
		{"StartExecution", `{"stateMachineArn": "x"}`, "StateMachineDoesNotExist: State Machine Does Not Exist: 'x'"},
		{"ListStateMachines", `{}`, "UnknownOperationException: the local AWS does not support the operation AWSStepFunctions.ListStateMachines"},
		{"DescribeExecution", `{"executionArn": "x"}`, "ExecutionDoesNotExist: Execution Does Not Exist: 'x'"},
		{"RedriveExecution", `{"executionArn": "x"}`, "ExecutionDoesNotExist: Execution Does Not Exist: 'x'"},
		{"GetExecutionHistory", of + `"maxResults": 1001}`, invalid + "'maxResults'" + must + "have a value from 0 to 1000"},
		{"GetExecutionHistory", of + `"nextToken": "8"}`, "InvalidToken: Invalid Token: '8'"},
	} {
		status, out := s.call(c.operation, c.body)
		equal(t, []any{http.StatusBadRequest, c.want}, []any{status, fmt.Sprint(out["__type"], ": ", out["message"])})
	}
}

func TestCreateStateMachine_ReturnsErrorCodesOfAWS(t *testing.T) {
	s := newService(t, nil)
	s.create(oneWait)
	_, err := s.CreateStateMachine(stepfunctions.StateMachine{Name: "m", RoleARN: role, Definition: `{"X": 1}`})
	equal(t, "InvalidDefinition: Invalid State Machine Definition: 'field X is not supported'", fmt.Sprint(err))
}

func TestGetExecutionHistory_HasPagesInBothOrders(t *testing.T) {
	s := newService(t, answers(`{}`))
	e := s.run(invokeTask, `{}`)
	for parameters, want := range map[string][]float64{"": {1, 2, 3, 4, 5, 6, 7}, `, "reverseOrder": true`: {7, 6, 5, 4, 3, 2, 1}} {
		var got []float64
		token, sizes := "", []int{}
		for range 3 {
			_, answer := s.call("GetExecutionHistory", `{"executionArn": "`+e.ARN+`", "maxResults": 3`+parameters+token+`}`)
			events := answer["events"].([]any)
			sizes = append(sizes, len(events))
			for _, event := range events {
				got = append(got, event.(map[string]any)["id"].(float64))
			}
			token = fmt.Sprintf(`, "nextToken": %q`, answer["nextToken"])
			if last := answer["nextToken"] == nil; last != (len(events) < 3) {
				t.Errorf("after %v: the next token is %v", got, answer["nextToken"])
			}
		}
		equal(t, want, got)
		equal(t, []int{3, 3, 1}, sizes)
	}
}

func TestGetExecutionHistory_OmitsExecutionData(t *testing.T) {
	s := newService(t, answers(`{}`))
	e := s.run(invokeTask, `{}`)
	_, out := s.call("GetExecutionHistory", `{"executionArn": "`+e.ARN+`", "includeExecutionData": false}`)
	var details [][]string
	for _, event := range out["events"].([]any) {
		for _, value := range event.(map[string]any) {
			if members, ok := value.(map[string]any); ok {
				details = append(details, slices.Sorted(maps.Keys(members)))
			}
		}
	}
	call := []string{"resource", "resourceType"}
	equal(t, [][]string{{"roleArn"}, {"name"}, {"region", "resource", "resourceType", "timeoutInSeconds"}, call, call, {"name"}, nil}, details)
	if s.history(e.ARN)[1].Details.Input == "" {
		t.Error("the stored history has no data")
	}
}

// apiError returns the code and message of an error of the API.
func apiError(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return fmt.Sprint(err)
}
