package stepfunctions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/stepfunctions"
)

// client is the SDK's, against the service on a loopback port.
func (w world) client() *sfn.Client { return w.clientAs(iam.Caller{}) }

// clientAs is a client with the credentials of a caller.
func (w world) clientAs(c iam.Caller) *sfn.Client {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.ServeHTTP(out, r.WithContext(iam.WithCaller(r.Context(), c)))
	}))
	w.t.Cleanup(server.Close)
	return sfn.New(sfn.Options{
		Region: "ap-northeast-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const succeed = `{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}`

func TestTheSDKRunsAnExecution(t *testing.T) {
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return failure("Broken", "x") })
	ctx, client := t.Context(), w.client()
	created := must[*sfn.CreateStateMachineOutput](t)(client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("m"), RoleArn: aws.String(role), Definition: aws.String(invokeTask),
	}))
	equal(t, "arn:aws:states:ap-northeast-1:123456789012:stateMachine:m", *created.StateMachineArn)
	equal(t, evening(), created.CreationDate.UTC())
	started := must[*sfn.StartExecutionOutput](t)(client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: created.StateMachineArn, Name: aws.String("e"), Input: aws.String(`{"a":1}`)}))
	equal(t, "arn:aws:states:ap-northeast-1:123456789012:execution:m:e", *started.ExecutionArn)
	w.wait(*started.ExecutionArn)

	e := must[*sfn.DescribeExecutionOutput](t)(client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn}))
	equal(t, []any{types.ExecutionStatusFailed, "Broken", `{"a":1}`, types.ExecutionRedriveStatusRedrivable, int32(0)},
		[]any{e.Status, *e.Error, *e.Input, e.RedriveStatus, *e.RedriveCount})
	if e.Output != nil || e.RedriveDate != nil || e.RedriveStatusReason != nil {
		t.Errorf("a failed execution has %v, %v, %v", e.Output, e.RedriveDate, e.RedriveStatusReason)
	}
	redriven := must[*sfn.RedriveExecutionOutput](t)(client.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: started.ExecutionArn}))
	equal(t, evening(), redriven.RedriveDate.UTC())
	w.wait(*started.ExecutionArn)

	h := must[*sfn.GetExecutionHistoryOutput](t)(client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: started.ExecutionArn, ReverseOrder: true}))
	equal(t, types.HistoryEventTypeExecutionFailed, h.Events[0].Type)
	equal(t, int32(1), *h.Events[4].ExecutionRedrivenEventDetails.RedriveCount)
	equal(t, "T", *h.Events[len(h.Events)-2].StateEnteredEventDetails.Name)
	equal(t, role, *h.Events[len(h.Events)-1].ExecutionStartedEventDetails.RoleArn)
	h = must[*sfn.GetExecutionHistoryOutput](t)(client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: started.ExecutionArn, IncludeExecutionData: aws.Bool(false)}))
	if d := h.Events[1].StateEnteredEventDetails; *d.Name != "T" || d.Input != nil {
		t.Errorf("without data the event has %v", d)
	}
}

func TestTheSDKDescribesStateMachines(t *testing.T) {
	w := newWorld(t, nil)
	ctx, client := t.Context(), w.client()
	arn := w.create("m", succeed)
	e := w.wait(w.start(arn, "e", ""))
	other := strings.Replace(succeed, "{", `{"Comment": "other", `, 1)
	if err := w.clock.Sleep(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
	updated := must[*sfn.UpdateStateMachineOutput](t)(client.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &arn, Definition: &other}))
	m := must[*sfn.DescribeStateMachineOutput](t)(client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &arn}))
	equal(t, []any{"m", other, role, *updated.RevisionId, types.StateMachineStatusActive, types.StateMachineTypeStandard, evening()},
		[]any{*m.Name, *m.Definition, *m.RoleArn, *m.RevisionId, m.Status, m.Type, m.CreationDate.UTC()})
	of := must[*sfn.DescribeStateMachineForExecutionOutput](t)(client.DescribeStateMachineForExecution(ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &e.ARN}))
	equal(t, []any{succeed, evening()}, []any{*of.Definition, of.UpdateDate.UTC()})
	group := types.LogDestination{CloudWatchLogsLogGroup: &types.CloudWatchLogsLogGroup{LogGroupArn: aws.String("arn:aws:logs:ap-northeast-1:123456789012:log-group:/m2:*")}}
	created := must[*sfn.CreateStateMachineOutput](t)(client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("m2"), RoleArn: aws.String(role), Definition: aws.String(succeed), TracingConfiguration: &types.TracingConfiguration{Enabled: true},
		LoggingConfiguration: &types.LoggingConfiguration{Level: types.LogLevelAll, Destinations: []types.LogDestination{group}},
	}))
	m2 := must[*sfn.DescribeStateMachineOutput](t)(client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: created.StateMachineArn}))
	equal(t, []any{types.LogLevelAll, *group.CloudWatchLogsLogGroup.LogGroupArn, true},
		[]any{m2.LoggingConfiguration.Level, *m2.LoggingConfiguration.Destinations[0].CloudWatchLogsLogGroup.LogGroupArn, m2.TracingConfiguration.Enabled})
	equal(t, []any{types.LogLevelOff, false}, []any{m.LoggingConfiguration.Level, m.TracingConfiguration.Enabled})
	list := must[*sfn.ListStateMachinesOutput](t)(client.ListStateMachines(ctx, &sfn.ListStateMachinesInput{}))
	equal(t, []string{"m", "m2"}, []string{*list.StateMachines[0].Name, *list.StateMachines[1].Name})
}

func TestExecutionsAreListedInPagesTheLatestFirst(t *testing.T) {
	w := newWorld(t, func(_ context.Context, _ string, payload []byte) (stepfunctions.Invocation, error) {
		if string(payload) == "3" {
			return failure("Broken", "x")
		}
		return answer(`{}`)
	})
	ctx, client := t.Context(), w.client()
	arn := w.create("m", invokeTask)
	for i := range 5 {
		w.wait(w.start(arn, fmt.Sprintf("e%d", i), fmt.Sprint(i)))
	}
	if err := w.RedriveExecution("arn:aws:states:ap-northeast-1:123456789012:execution:m:e3", ""); err != nil {
		t.Fatal(err)
	}
	names := func(in sfn.ListExecutionsInput) []string {
		t.Helper()
		in.StateMachineArn = &arn
		var names []string
		for p := sfn.NewListExecutionsPaginator(client, &in); p.HasMorePages(); {
			page := must[*sfn.ListExecutionsOutput](t)(p.NextPage(ctx))
			for _, e := range page.Executions {
				names = append(names, *e.Name)
			}
			names = append(names, "|")
		}
		return names
	}
	equal(t, []string{"e4", "e3", "|", "e2", "e1", "|", "e0", "|"}, names(sfn.ListExecutionsInput{MaxResults: 2}))
	equal(t, []string{"e4", "e2", "e1", "e0", "|"}, names(sfn.ListExecutionsInput{StatusFilter: types.ExecutionStatusSucceeded}))
	equal(t, []string{"e3", "|"}, names(sfn.ListExecutionsInput{RedriveFilter: types.ExecutionRedriveFilterRedriven}))
}

func TestRefusalsHaveAWSsCodes(t *testing.T) {
	w := newWorld(t, nil)
	ctx, client := t.Context(), w.client()
	arn := w.create("m", succeed)
	e := w.wait(w.start(arn, "taken", ""))
	start := func(in sfn.StartExecutionInput) error {
		if in.StateMachineArn == nil {
			in.StateMachineArn = &arn
		}
		_, err := client.StartExecution(ctx, &in)
		return err
	}
	list := func(in sfn.ListExecutionsInput) error {
		in.StateMachineArn = &arn
		_, err := client.ListExecutions(ctx, &in)
		return err
	}
	for want, err := range map[string]error{
		"ExecutionAlreadyExists: Execution Already Exists: '" + e.ARN + "'":                               start(sfn.StartExecutionInput{Name: aws.String("taken")}),
		"InvalidName: Invalid Name: 'a b'":                                                                start(sfn.StartExecutionInput{Name: aws.String("a b")}),
		"InvalidExecutionInput: Invalid State Machine Execution Input: 'there is no JSON text'":           start(sfn.StartExecutionInput{Input: aws.String("")}),
		"InvalidExecutionInput: Invalid State Machine Execution Input: 'something follows the JSON text'": start(sfn.StartExecutionInput{Input: aws.String("{}{}")}),
		"ValidationException: 1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have size less than or equal to 262144 bytes in UTF-8 encoding": start(sfn.StartExecutionInput{Input: aws.String(`"` + strings.Repeat("x", 262143) + `"`)}),
		"InvalidArn: Invalid Arn: 'Invalid ARN prefix: m'":                              start(sfn.StartExecutionInput{StateMachineArn: aws.String("m")}),
		"InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'": start(sfn.StartExecutionInput{StateMachineArn: &e.ARN}),
		"StateMachineDoesNotExist: State Machine Does Not Exist: '" + arn + "x'":        start(sfn.StartExecutionInput{StateMachineArn: aws.String(arn + "x")}),
		"ValidationException: 1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]": list(sfn.ListExecutionsInput{StatusFilter: "succeeded"}),
		"InvalidToken: Invalid Token: 'x' is no token that this operation has given":                                                                                     list(sfn.ListExecutionsInput{NextToken: aws.String("x")}),
		"ValidationException: 1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000": list(sfn.ListExecutionsInput{MaxResults: 1001}),
		"ExecutionDoesNotExist: Execution Does Not Exist: '" + e.ARN + "x'": func() error {
			_, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(e.ARN + "x")})
			return err
		}(),
		"InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt, States] at /'": func() error {
			_, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("n"), RoleArn: aws.String(role), Definition: aws.String("{}")})
			return err
		}(),
		"StateMachineAlreadyExists: State Machine Already Exists: '" + arn + "'": func() error {
			_, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("m"), RoleArn: aws.String(role), Definition: aws.String(invokeTask)})
			return err
		}(),
		"MissingRequiredParameter: Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified": func() error {
			_, err := client.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &arn})
			return err
		}(),
		"UnknownOperationException: the local AWS does not have the operation AWSStepFunctions.DeleteStateMachine": func() error {
			_, err := client.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: &arn})
			return err
		}(),
	} {
		api, ok := errors.AsType[smithy.APIError](err)
		if !ok {
			t.Errorf("got the error %v, want %s", err, want)
			continue
		}
		equal(t, want, api.ErrorCode()+": "+api.ErrorMessage())
	}
}

// hangs makes a world in which functions run until they are stopped; it tells of each that has begun.
func hangs(t *testing.T) (world, chan struct{}) {
	begun := make(chan struct{}, 100)
	return newWorld(t, func(ctx context.Context, _ string, _ []byte) (stepfunctions.Invocation, error) {
		begun <- struct{}{}
		<-ctx.Done()
		return stepfunctions.Invocation{}, ctx.Err()
	}), begun
}

func TestStoppingAbortsWhateverRuns(t *testing.T) {
	w, begun := hangs(t)
	arn := w.create("m", invokeTask)
	running := w.start(arn, "e", `{}`)
	<-begun
	equal(t, running, w.start(arn, "e", `{}`)) // the same name and input
	if _, err := w.StartExecution(arn, "e", `{"other": 1}`); err == nil {
		t.Error("another input is accepted under the name of a running execution")
	}
	if err := w.StopExecution(running, "Manual", "probe"); err != nil {
		t.Fatal(err)
	}
	e := w.wait(running)
	equal(t, []any{stepfunctions.Aborted, "Manual", "probe"}, []any{e.Status, e.Error, e.Cause})
	equal(t, "5 0 ExecutionAborted", lines(w.history(running))[4])

	// It can be redriven, and what the stopped run still does is not heard of.
	if err := w.RedriveExecution(running, ""); err != nil {
		t.Fatal(err)
	}
	<-begun
	equal(t, []string{"6 5 ExecutionRedriven", "7 2 TaskScheduled", "8 7 TaskStarted"}, lines(w.history(running))[5:])
}

func TestCloseEndsAllExecutionsAtOnce(t *testing.T) {
	w, begun := hangs(t)
	arn := w.create("m", invokeTask)
	var last string
	for i := range 10 {
		last = w.start(arn, fmt.Sprint(i), "")
	}
	for range 10 {
		<-begun
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.StartExecution(arn, "late", ""); err == nil {
		t.Error("a closed service starts an execution")
	}
	if _, err := w.Wait(t.Context(), last); err == nil {
		t.Error("waiting for an execution that never ends returns without an error")
	}
}

func TestExecutionsRunSideBySideAndAreObservedInOrder(t *testing.T) {
	type sight struct {
		arn string
		id  int64
	}
	seen := make(chan sight, 10000)
	s := stepfunctions.New(stepfunctions.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: newWorld(t, nil).clock, Invoker: lambda{goodNight().invoke()},
		Observe: func(arn string, e stepfunctions.Event) { seen <- sight{arn, e.ID} },
	})
	w := world{Service: s, t: t}
	arn := w.create("m", pipeline())
	var running []string
	for i := range 20 {
		running = append(running, w.start(arn, fmt.Sprint(i), `{"source": "shop"}`))
	}
	for _, arn := range running {
		equal(t, stepfunctions.Succeeded, w.wait(arn).Status)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(seen)
	last := map[string]int64{}
	for e := range seen {
		if e.id != last[e.arn]+1 {
			t.Fatalf("event %d of %s follows event %d", e.id, e.arn, last[e.arn])
		}
		last[e.arn] = e.id
	}
	for _, arn := range running {
		equal(t, int64(len(w.history(arn))), last[arn])
	}
}
