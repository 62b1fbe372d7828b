package stepfunctions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/stepfunctions"
)

const role = "arn:aws:iam::123456789012:role/machine"

// evening is when the tests begin.
func evening() time.Time { return time.Date(2026, 11, 21, 17, 5, 12, 123e6, time.UTC) }

// lambda stands for Lambda: it answers each call by its function's name and payload.
type lambda struct {
	invoke func(ctx context.Context, function string, payload []byte) (stepfunctions.Invocation, error)
}

func (l lambda) Invoke(ctx context.Context, function string, payload []byte) (stepfunctions.Invocation, error) {
	return l.invoke(ctx, function, payload)
}

// answer is a function's result.
func answer(payload string) (stepfunctions.Invocation, error) {
	return stepfunctions.Invocation{Payload: []byte(payload), ExecutedVersion: "$LATEST", RequestID: "request"}, nil
}

// failure is a function's error.
func failure(name, message string) (stepfunctions.Invocation, error) {
	payload := fmt.Sprintf(`{"errorMessage":%q,"errorType":%q}`, message, name)
	return stepfunctions.Invocation{Payload: []byte(payload), FunctionError: "Unhandled", ExecutedVersion: "$LATEST"}, nil
}

type invoke = func(ctx context.Context, function string, payload []byte) (stepfunctions.Invocation, error)

// world is a service on a virtual clock.
type world struct {
	*stepfunctions.Service
	t     *testing.T
	clock *clock.Virtual
}

func newWorld(t *testing.T, f invoke) world {
	t.Helper()
	c := clock.NewVirtual(evening())
	s := stepfunctions.New(stepfunctions.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: c, Invoker: lambda{f}, Rand: rand.New(rand.NewPCG(1, 2)),
	})
	t.Cleanup(func() {
		if err := s.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return world{s, t, c}
}

func (w world) create(name, definition string) string {
	w.t.Helper()
	arn, err := w.CreateStateMachine(stepfunctions.StateMachine{Name: name, RoleARN: role, Definition: definition})
	if err != nil {
		w.t.Fatal(err)
	}
	return arn
}

func (w world) start(machineARN, name, input string) string {
	w.t.Helper()
	arn, err := w.StartExecution(machineARN, name, input)
	if err != nil {
		w.t.Fatal(err)
	}
	return arn
}

func (w world) wait(executionARN string) stepfunctions.Execution {
	w.t.Helper()
	e, err := w.Wait(w.t.Context(), executionARN)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// run starts an execution and waits for its end.
func (w world) run(definition, input string) stepfunctions.Execution {
	w.t.Helper()
	return w.wait(w.start(w.create("m", definition), "e", input))
}

func (w world) history(executionARN string) []stepfunctions.Event {
	w.t.Helper()
	events, err := w.History(executionARN)
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

// lines are a history as "id previous type", the form in which the recorded ones are told.
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

func decoded(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}
