package stepfunctions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

const (
	role       = "arn:aws:iam::123456789012:role/machine"
	machineARN = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:m"
)

// invokeTask is a definition that invokes the function f with the execution's input.
const invokeTask = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
	"Parameters": {"FunctionName": "f", "Payload.$": "$"}, "TimeoutSeconds": 5, "End": true}}}`

// oneWait is a definition that waits for the seconds in the execution's input.
const oneWait = `{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.seconds", "End": true}}}`

// evening returns the start time of the tests.
func evening() time.Time { return time.Date(2026, 11, 21, 17, 5, 12, 123e6, time.UTC) }

// invoke is a fake Lambda.
type invoke func(ctx context.Context, function string, payload []byte) (lambda.Invocation, error)

// answers returns a fake Lambda whose functions return a result.
func answers(payload string) invoke {
	return func(context.Context, string, []byte) (lambda.Invocation, error) { return answer(payload) }
}

// fails returns a fake Lambda whose functions return an error.
func fails(name string) invoke {
	return func(context.Context, string, []byte) (lambda.Invocation, error) { return failure(name, "x") }
}

func answer(payload string) (lambda.Invocation, error) {
	return lambda.Invocation{Payload: []byte(payload), RequestID: "request"}, nil
}

func failure(name, message string) (lambda.Invocation, error) {
	payload := fmt.Sprintf(`{"errorMessage":%q,"errorType":%q}`, message, name)
	return lambda.Invocation{Payload: []byte(payload), FunctionError: "Unhandled"}, nil
}

// testService is a service on a virtual clock.
type testService struct {
	*stepfunctions.Service
	t     *testing.T
	clock *clock.Virtual
}

// newService returns a service without state machines. options change the service's default options.
func newService(t *testing.T, f invoke, options ...func(*stepfunctions.Options)) testService {
	t.Helper()
	c := clock.NewVirtual(evening())
	o := stepfunctions.Options{Region: "ap-northeast-1", Account: "123456789012", Clock: c, Invoke: f, Random: func() float64 { return 0.5 }}
	for _, set := range options {
		set(&o)
	}
	s := stepfunctions.New(o)
	t.Cleanup(func() {
		if err := s.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return testService{s, t, c}
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

func (s testService) create(definition string) string {
	s.t.Helper()
	return must[string](s.t)(s.CreateStateMachine(stepfunctions.StateMachine{Name: "m", RoleARN: role, Definition: definition}))
}

func (s testService) start(name, input string) string {
	s.t.Helper()
	return must[string](s.t)(s.StartExecution(machineARN, name, input))
}

func (s testService) wait(executionARN string) stepfunctions.Execution {
	s.t.Helper()
	return must[stepfunctions.Execution](s.t)(s.Wait(s.t.Context(), executionARN))
}

// run creates the state machine, starts an execution and waits until it has ended.
func (s testService) run(definition, input string) stepfunctions.Execution {
	s.t.Helper()
	s.create(definition)
	return s.wait(s.start("e", input))
}

// redrive redrives an execution and waits until it has ended.
func (s testService) redrive(executionARN string) stepfunctions.Execution {
	s.t.Helper()
	if err := s.RedriveExecution(executionARN, ""); err != nil {
		s.t.Fatal(err)
	}
	return s.wait(executionARN)
}

func (s testService) history(executionARN string) []stepfunctions.Event {
	s.t.Helper()
	return must[[]stepfunctions.Event](s.t)(s.History(executionARN))
}

// lines formats events as "ID PREVIOUS-ID TYPE".
func lines(events []stepfunctions.Event) []string {
	out := make([]string, len(events))
	for i, e := range events {
		out[i] = fmt.Sprintf("%d %d %s", e.ID, e.PreviousID, e.Type)
	}
	return out
}

func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// hanging returns a service whose functions run until release is called, and a channel that receives once per call.
func hanging(t *testing.T) (s testService, begun chan struct{}, release func()) {
	begun = make(chan struct{}, 100)
	released := make(chan struct{})
	s = newService(t, func(ctx context.Context, _ string, _ []byte) (lambda.Invocation, error) {
		begun <- struct{}{}
		select {
		case <-released:
			return answer(`{}`)
		case <-ctx.Done():
			return lambda.Invocation{}, ctx.Err()
		}
	})
	return s, begun, func() { close(released) }
}

func TestClose_EndsAllExecutions(t *testing.T) {
	s, begun, _ := hanging(t)
	s.create(invokeTask)
	last := ""
	for i := range 10 {
		last = s.start(fmt.Sprint(i), "")
	}
	for range 10 {
		<-begun
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.StartExecution(machineARN, "late", ""); err == nil {
		t.Error("a closed service started an execution")
	}
	if _, err := s.Wait(t.Context(), last); err == nil {
		t.Error("Wait returned an execution that has not ended")
	}
}

func TestObserve_ReceivesEventsInOrder(t *testing.T) {
	type sighting struct {
		arn string
		id  int64
	}
	seen := make(chan sighting, 10000)
	s := newService(t, completeRun().invoke(), func(o *stepfunctions.Options) {
		o.Observe = func(arn string, e stepfunctions.Event) { seen <- sighting{arn, e.ID} }
	})
	s.create(pipeline())
	var running []string
	for i := range 20 {
		running = append(running, s.start(fmt.Sprint(i), `{"source": "shop"}`))
	}
	for _, arn := range running {
		equal(t, stepfunctions.Succeeded, s.wait(arn).Status)
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
		equal(t, int64(len(s.history(arn))), last[arn])
	}
}
