package stepfunctions_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"snaplake/local/internal/iam"
)

// listing is a state machine whose first state decides whether the execution waits.
const listing = `{"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [{"Variable": "$.do", "StringEquals": "fail", "Next": "T"}], "Default": "W"},
	"W": {"Type": "Wait", "SecondsPath": "$.seconds", "End": true},
	"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload": {}}, "End": true}}}`

func TestListExecutions_ReturnsTheNewestFirstInPages(t *testing.T) {
	s := newService(t, fails("Broken"))
	s.create(listing)
	for i := range 5 {
		do := []string{"wait", "fail"}[i%2]
		s.wait(s.start(fmt.Sprint("e", i), `{"do": "`+do+`", "seconds": 1}`))
	}
	list := func(s testService, filter types.ExecutionStatus) string {
		client := s.client(iam.Caller{})
		var names []string
		pages := sfn.NewListExecutionsPaginator(client, &sfn.ListExecutionsInput{
			StateMachineArn: aws.String(machineARN), MaxResults: 2, StatusFilter: filter,
		})
		for pages.HasMorePages() {
			for _, e := range must[*sfn.ListExecutionsOutput](t)(pages.NextPage(t.Context())).Executions {
				names = append(names, *e.Name)
			}
			names = append(names, "|")
		}
		return strings.Join(names, " ")
	}
	equal(t, "e4 e3 | e2 e1 | e0 |", list(s, ""))
	equal(t, "e3 e1 |", list(s, types.ExecutionStatusFailed))
	equal(t, "|", list(s, types.ExecutionStatusRunning))

	saved := must[[]byte](t)(s.Save())
	loaded := newService(t, nil)
	loaded.create(oneWait)
	if err := loaded.Load(saved); err != nil {
		t.Fatal(err)
	}
	loaded.wait(loaded.start("e5", `{"seconds": 1}`))
	equal(t, "e5 e4 | e3 e2 | e1 e0 |", list(loaded, ""))
}

func TestListExecutions_ReturnsMembersOfAPI(t *testing.T) {
	s := newService(t, fails("Broken"))
	e := s.redrive(s.run(invokeTask, "").ARN)
	_, out := s.call("ListExecutions", `{"stateMachineArn": "`+machineARN+`"}`)
	start := float64(evening().UnixMilli()) / 1000
	equal(t, map[string]any{"executions": []any{map[string]any{
		"executionArn": e.ARN, "stateMachineArn": machineARN, "name": "e", "status": "FAILED", "startDate": start, "stopDate": start,
		"redriveCount": 1.0, "redriveDate": start,
	}}}, out)
}

func TestListExecutions_RefusesWhatAWSRefuses(t *testing.T) {
	s := newService(t, nil)
	s.create(oneWait)
	const machine, wrong = `"stateMachineArn": "` + machineARN + `"`, "ValidationException: 1 validation error detected: Value "
	for body, want := range map[string]string{
		machine + `, "redriveFilter": "REDRIVEN"`: "ValidationException: redriveFilter is not supported together with stateMachineArn",
		machine + `, "statusFilter": "succeeded"`: wrong + "'succeeded' at 'statusFilter' failed to satisfy constraint: " +
			"Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
		machine + `, "maxResults": 1001`: wrong + "at 'maxResults' failed to satisfy constraint: Member must have a value from 0 to 1000",
		machine + `, "nextToken": "x"`:   "InvalidToken: Invalid Token: 'x'",
		`"stateMachineArn": "x"`:         "StateMachineDoesNotExist: State Machine Does Not Exist: 'x'",
		`"mapRunArn": "x"`:               `SerializationException: the local AWS cannot decode this request: json: unknown field "mapRunArn"`,
	} {
		status, out := s.call("ListExecutions", "{"+body+"}")
		equal(t, []any{400, want}, []any{status, fmt.Sprint(out["__type"], ": ", out["message"])})
	}
}
