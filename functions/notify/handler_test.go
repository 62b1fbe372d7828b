package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

const executionARN = "arn:aws:states:ap-northeast-1:123456789012:execution:snaplake:nightly-1"

// stopped is when the execution stopped, two hours after its start.
var stopped = time.Date(2026, 11, 21, 19, 31, 4, 218e6, time.UTC)

// fakeStepFunctions is a fake of the Step Functions API with one execution. It returns one event of the history per page.
type fakeStepFunctions struct {
	describe func() (*sfn.DescribeExecutionOutput, error)
	history  func() ([]types.HistoryEvent, error)
}

func (f fakeStepFunctions) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	if *in.ExecutionArn != executionARN {
		return nil, &types.ExecutionDoesNotExist{}
	}
	return f.describe()
}

func (f fakeStepFunctions) GetExecutionHistory(_ context.Context, in *sfn.GetExecutionHistoryInput, _ ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error) {
	events, err := f.history()
	if err != nil || !in.ReverseOrder || *in.ExecutionArn != executionARN {
		return nil, err
	}
	n := len(aws.ToString(in.NextToken))
	out := &sfn.GetExecutionHistoryOutput{Events: events[n : n+1]}
	if n+1 < len(events) {
		out.NextToken = aws.String(strings.Repeat("x", n+1))
	}
	return out, nil
}

// topic is a fake of the SNS API. It records messages.
type topic struct {
	published []*sns.PublishInput
	err       error
}

func (t *topic) Publish(_ context.Context, in *sns.PublishInput, _ ...func(*sns.Options)) (*sns.PublishOutput, error) {
	t.published = append(t.published, in)
	return &sns.PublishOutput{}, t.err
}

// end is the end of an execution: its event, and the later responses of Step Functions.
type end struct {
	event   Event
	states  fakeStepFunctions
	topic   topic
	metrics strings.Builder
}

// failed returns the end of an execution that failed in CheckExport, with the edits applied.
func failed(errorName, message string, edit ...func(*sfn.DescribeExecutionOutput)) *end {
	described := &sfn.DescribeExecutionOutput{
		Status: types.ExecutionStatusFailed, StartDate: aws.Time(stopped.Add(-2 * time.Hour)), StopDate: &stopped,
		Input: aws.String(`{"source":"shop"}`), Error: &errorName, Cause: aws.String(`{"errorMessage":"` + message + `","errorType":"` + errorName + `"}`),
		RedriveCount: aws.Int32(1), RedriveStatus: types.ExecutionRedriveStatusRedrivable,
	}
	for _, f := range edit {
		f(described)
	}
	return &end{
		event: Event{Detail{
			ExecutionARN: executionARN, Name: "nightly-1", Status: string(described.Status), StopDate: stopped.UnixMilli(),
			StartDate: stopped.Add(-2 * time.Hour).UnixMilli(), Input: *described.Input,
		}},
		states: fakeStepFunctions{
			describe: func() (*sfn.DescribeExecutionOutput, error) { return described, nil },
			history: func() ([]types.HistoryEvent, error) {
				return []types.HistoryEvent{{Type: types.HistoryEventTypeExecutionFailed}, {Type: types.HistoryEventTypeTaskFailed},
					entered("CheckExport", time.Minute), entered("WaitForExport", 2*time.Minute)}, nil
			},
		},
	}
}

// entered returns the event of entering a state some time before the stop.
func entered(state string, before time.Duration) types.HistoryEvent {
	return types.HistoryEvent{
		Type: types.HistoryEventTypeTaskStateEntered, Timestamp: aws.Time(stopped.Add(-before)),
		StateEnteredEventDetails: &types.StateEnteredEventDetails{Name: &state},
	}
}

// notify invokes the handler, and returns the subject and the message.
func (e *end) notify(t *testing.T) (subject, message string) {
	t.Helper()
	if _, err := e.handler().Handle(t.Context(), e.event); err != nil {
		t.Fatal(err)
	}
	if len(e.topic.published) != 1 || *e.topic.published[0].TopicArn != "arn:topic" {
		t.Fatalf("published %+v", e.topic.published)
	}
	return *e.topic.published[0].Subject, *e.topic.published[0].Message
}

func (e *end) handler() *Handler {
	return &Handler{
		Setup: setup.Setup{
			Config:  workflow.Config{Name: "snaplake", Region: "ap-northeast-1", Sources: []workflow.Source{{Name: "shop"}}},
			Metrics: metrics.Recorder{Pipeline: "snaplake", Out: &e.metrics, Now: func() time.Time { return stopped }},
		},
		StepFunctions: e.states, SNS: &e.topic, Topic: "arn:topic",
	}
}

func TestNotify_SendsAMailAboutAFailedRun(t *testing.T) {
	e := failed("ExportCanceled", `source \"shop\": export shop-20261121-1705-0 was canceled`)
	subject, message := e.notify(t)
	if want := "Snaplake snaplake: run of shop failed in CheckExport"; subject != want {
		t.Errorf("subject %q, want %q", subject, want)
	}
	const want = `The run of shop failed in CheckExport.

Error: ExportCanceled
source "shop": export shop-20261121-1705-0 was canceled

What to do: Find out who canceled the export. If you redrive, you pay for another export. Then redrive the execution, in the console or with the command below; it resumes in CheckExport. You can redrive until 2026-12-05 19:31 UTC.

aws stepfunctions redrive-execution --execution-arn arn:aws:states:ap-northeast-1:123456789012:execution:snaplake:nightly-1 --region ap-northeast-1

https://ap-northeast-1.console.aws.amazon.com/states/home?region=ap-northeast-1#/v2/executions/details/arn:aws:states:ap-northeast-1:123456789012:execution:snaplake:nightly-1

Execution: nightly-1
Started:   2026-11-21 17:31 UTC
Stopped:   2026-11-21 19:31 UTC
Redrives:  1
Input:     {"source":"shop"}
`
	if diff := cmp.Diff(want, message); diff != "" {
		t.Errorf("message: -want +got\n%s", diff)
	}
	const metric = `{"Execution":"nightly-1","Failed":1,"Pipeline":"snaplake","Source":"shop",`
	if got := e.metrics.String(); !strings.HasPrefix(got, metric) {
		t.Errorf("recorded %s\nwant %s", got, metric)
	}
}

func TestNotify_NamesTheStateOfATimeoutOrAnAbort(t *testing.T) {
	for status, want := range map[types.ExecutionStatus][]string{
		types.ExecutionStatusTimedOut: {"The run of shop timed out in WaitForExport.", "The run took too long", "Error: unnamed\nThere is no message.\n"},
		types.ExecutionStatusAborted:  {"The run of shop was aborted in WaitForExport.", "A user stopped the execution."},
	} {
		e := failed("", "", func(d *sfn.DescribeExecutionOutput) { d.Status, d.Error, d.Cause = status, nil, nil })
		e.states.history = func() ([]types.HistoryEvent, error) {
			return []types.HistoryEvent{{Type: types.HistoryEventTypeExecutionTimedOut}, entered("WaitForExport", 0)}, nil
		}
		_, message := e.notify(t)
		contains(t, message, append(want, "the command below; it resumes in WaitForExport")...)
	}
}

func TestNotify_ShowsTheMessageInACause(t *testing.T) {
	for cause, want := range map[string]string{
		`{"errorMessage":"2024 Error: Task timed out after 60.00 seconds","errorType":"Sandbox.Timedout","stackTrace":[]}`: "Error: Sandbox.Timedout\n2024 Error: Task timed out after 60.00 seconds\n",
		"The state/task 'x' returned a result with a size exceeding the maximum":                                           "\nThe state/task 'x' returned a result with a size exceeding the maximum\n",
		`{"other":"shape"}`: "\n{\"other\":\"shape\"}\n",
	} {
		e := failed("Sandbox.Timedout", "", func(d *sfn.DescribeExecutionOutput) { d.Cause = &cause })
		_, message := e.notify(t)
		contains(t, message, want)
	}
}

func TestNotify_AdvisesANewRunIfARedriveDoesNotHelp(t *testing.T) {
	for _, test := range []struct {
		name string
		end  *end
		want string
	}{
		{"not redrivable", failed("CrawlFailed", "no", func(d *sfn.DescribeExecutionOutput) {
			d.RedriveStatus, d.RedriveStatusReason = types.ExecutionRedriveStatusNotRedrivable, aws.String("Execution history event limit exceeded")
		}), "The execution cannot be redriven (Execution history event limit exceeded). Start a new run."},
		{"an error that a redrive repeats", failed("InvalidInput", "no"), "A redrive does not help: start a new run."},
		{"redriven since", failed("CrawlFailed", "no", func(d *sfn.DescribeExecutionOutput) { d.RedriveStatus = types.ExecutionRedriveStatusNotRedrivable }).redriven(),
			"The execution has been redriven since. Its status is now RUNNING."},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, message := test.end.notify(t)
			contains(t, message, test.want)
			if strings.Contains(message, "redrive-execution") {
				t.Errorf("advises to redrive:\n%s", message)
			}
		})
	}
}

// redriven changes the end to that of an execution that was redriven before Notify ran.
func (e *end) redriven() *end {
	out, _ := e.states.describe()
	out.Status, out.StopDate, out.Error, out.Cause = types.ExecutionStatusRunning, nil, nil, nil
	e.event.Detail.Error = "CrawlFailed"
	e.states.history = func() ([]types.HistoryEvent, error) {
		return []types.HistoryEvent{entered("CreateViews", -time.Minute), entered("CheckCrawler", time.Minute)}, nil
	}
	return e
}

func TestNotify_ReportsTheEndInTheEventAfterARedrive(t *testing.T) {
	subject, message := failed("", "").redriven().notify(t)
	contains(t, subject, "failed in CheckCrawler")
	contains(t, message, "Error: CrawlFailed\n", "Stopped:   2026-11-21 19:31 UTC")
}

func TestNotify_ReportsAnUnknownSource(t *testing.T) {
	for input, want := range map[string]string{
		`{"source":"crm"}`:       "Snaplake snaplake: run of crm failed in CheckExport",
		`{"source":"\u00e9\nx"}`: "Snaplake snaplake: run of ? x failed in CheckExport",
		`{"source":`:             "Snaplake snaplake: run of an unknown source failed in CheckExport",
		`[1]`:                    "Snaplake snaplake: run of an unknown source failed in CheckExport",
		`{"source":"` + strings.Repeat("x", 3000) + `"}`: "Snaplake snaplake: run of " + strings.Repeat("x", 73),
	} {
		e := failed("wrapError", "no such source", func(d *sfn.DescribeExecutionOutput) { d.Input = &input })
		subject, message := e.notify(t)
		if subject != want {
			t.Errorf("%.30s: subject %q, want %q", input, subject, want)
		}
		contains(t, message, "no such source")
		if names := !strings.Contains(subject, "an unknown source"); names != strings.Contains(message, "names a source that is not in pipeline.yaml") {
			t.Errorf("%.30s: %s", input, message)
		}
		if len(message) > 7000 || e.metrics.Len() > 0 {
			t.Errorf("%.30s: a message of %d bytes, recorded %s", input, len(message), &e.metrics)
		}
	}
}

func TestNotify_SendsAMailWithoutStepFunctions(t *testing.T) {
	refusal := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: arn:x is not authorized to perform: states:DescribeExecution"}
	e := failed("", "")
	e.states.describe = func() (*sfn.DescribeExecutionOutput, error) { return nil, refusal }
	e.states.history = func() ([]types.HistoryEvent, error) {
		return nil, &types.ExecutionDoesNotExist{Message: aws.String("gone")}
	}
	e.event.Detail.Error, e.event.Detail.Cause = "ViewsFailed", "no view"
	subject, message := e.notify(t)
	if subject != "Snaplake snaplake: run of shop failed" {
		t.Errorf("subject %q", subject)
	}
	contains(t, message, "Error: ViewsFailed\nno view\n", "the command below. You can redrive until 2026-12-05 19:31 UTC.",
		"\nSome details could not be read:\ndescribe execution: api error AccessDeniedException: User: arn:x is not authorized to perform: states:DescribeExecution\n"+
			"get execution history: ExecutionDoesNotExist: gone\n")
	if strings.Contains(message, "Redrives:") {
		t.Errorf("contains a number of redrives:\n%s", message)
	}
}

func TestNotify_SendsAMailForAMinimalEvent(t *testing.T) {
	e := failed("CrawlFailed", "no")
	e.event = Event{Detail{ExecutionARN: executionARN, Status: "FAILED"}}
	subject, message := e.notify(t)
	if subject != "Snaplake snaplake: run of shop failed in CheckExport" {
		t.Errorf("subject %q", subject)
	}
	contains(t, message, "Execution: nightly-1\nStarted:   2026-11-21 17:31 UTC\nStopped:   2026-11-21 19:31 UTC\n")
}

func TestNotify_ReturnsErrorsOfSNS(t *testing.T) {
	e := failed("CrawlFailed", "no")
	e.topic.err = &smithy.GenericAPIError{Code: "AuthorizationError", Message: "User: arn:x is not authorized to perform: SNS:Publish"}
	_, err := e.handler().Handle(t.Context(), e.event)
	const want = "publish to arn:topic that execution nightly-1 ended with status FAILED: api error AuthorizationError: User: arn:x is not authorized to perform: SNS:Publish"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if e.metrics.Len() == 0 {
		t.Error("the metric is missing")
	}
}

func TestNotify_RejectsAnEventWithoutAnExecution(t *testing.T) {
	_, err := new(Handler).Handle(t.Context(), Event{})
	const want = `the event has no executionArn; send a "Step Functions Execution Status Change" event from EventBridge`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestLink_UsesTheConsoleOfThePartition(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1":     "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/arn:e",
		"cn-north-1":    "https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1#/v2/executions/details/arn:e",
		"us-gov-west-1": "https://us-gov-west-1.console.amazonaws-us-gov.com/states/home?region=us-gov-west-1#/v2/executions/details/arn:e",
	} {
		if got := link(workflow.Config{Region: region}, "arn:e"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nlacks %q", text, want)
		}
	}
}
