package lambda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
)

// plan returns a plan with one fault, written as on the command line. It returns nil for "".
func plan(t *testing.T, text string) *fault.Plan {
	t.Helper()
	if text == "" {
		return nil
	}
	f, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return fault.New(1, f)
}

const tooLarge = `{"errorMessage":"RequestId: ID Error: Response payload size exceeded maximum allowed payload size (6291456 bytes).",` +
	`"errorType":"Function.ResponseSizeTooLarge"}`

const deadExit = `{"errorMessage":"RequestId: ID Error: Runtime exited with error: signal: killed","errorType":"Runtime.ExitError"}`

func TestInvoke_InjectsFaultOnce(t *testing.T) {
	const timedOut = `{"errorMessage":"RequestId: ID Error: Task timed out after 60.00 seconds","errorType":"Sandbox.Timedout"}`
	for _, test := range []struct {
		kind fault.Kind
		want string
		// calls counts the calls that reached the function in three invocations, and started counts the processes.
		calls, started int
		passes         time.Duration
	}{
		{fault.Throttle, "TooManyRequestsException: Rate Exceeded.", 2, 1, 0},
		{fault.ServerError, "ServiceException: The Lambda service encountered an internal error.", 2, 1, 0},
		{fault.Kill, deadExit, 2, 2, 0},
		{fault.KillLate, deadExit, 3, 2, 0},
		{fault.Timeout, timedOut, 2, 2, time.Minute},
		{fault.TimeoutLate, timedOut, 3, 2, time.Minute},
		{
			fault.Memory, `{"errorMessage":"RequestId: ID Error: Runtime exited with error: signal: killed","errorType":"Runtime.OutOfMemory"}`,
			3, 2, 0,
		},
		{fault.TooLarge, tooLarge, 3, 1, 0},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			time := clock.NewVirtual(start)
			service := open(t, Options{Clock: time, Faults: plan(t, "lambda.FindSnapshot:2="+string(test.kind))})
			f := function("echo", long)
			f.Name = "snaplake-findsnapshot" // a plan omits the prefix of the name
			if err := service.Create(f); err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{"1", test.want, "3"} {
				if got := outcome(service.Invoke(t.Context(), f.Name, fmt.Append(nil, i+1))); got != want {
					t.Errorf("invocation %d: got %s, want %s", i+1, got, want)
				}
			}
			if got := time.Now().Sub(start); got != test.passes {
				t.Errorf("%v passed, want %v", got, test.passes)
			}
			log := loggedBy(t, service, f.Name)
			if calls, started := strings.Count(log, "called with"), strings.Count(log, "started"); calls != test.calls || started != test.started {
				t.Errorf("%d calls and %d processes, want %d and %d", calls, started, test.calls, test.started)
			}
		})
	}
}

// outcome returns the payload or the error of an invocation.
func outcome(answer Invocation, err error) string {
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(string(answer.Payload), answer.RequestID, "ID")
}

// request is a request from a function. Its response is sent when done is closed.
type request struct {
	token, body string
	done        chan struct{}
}

// requests returns a channel of the requests from functions, and a handler that responds to a request once its field
// done is closed.
func requests() (<-chan request, http.HandlerFunc) {
	all := make(chan request)
	return all, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		q := request{r.Header.Get("X-Amz-Security-Token"), string(body), make(chan struct{})}
		all <- q
		select {
		case <-q.done:
			_, _ = io.WriteString(w, "answer to "+q.body)
		case <-r.Context().Done():
		}
	}
}

// invocations starts invocations. wait waits for their outcomes and returns "PAYLOAD: OUTCOME" for each.
func invocations(ctx context.Context, service *Service, payloads ...string) (wait func() []string) {
	var mu sync.Mutex
	var all []string
	var running sync.WaitGroup
	for _, payload := range payloads {
		running.Go(func() {
			o := outcome(service.Invoke(ctx, "FindSnapshot", []byte(payload)))
			mu.Lock()
			defer mu.Unlock()
			all = append(all, payload+": "+o)
		})
	}
	return func() []string {
		running.Wait()
		slices.Sort(all)
		return all
	}
}

func TestKill_EndsOnlyProcessOfRequest(t *testing.T) {
	calls, other := requests()
	service := openBeside(t, Options{}, other)
	if err := service.Create(function("call", long)); err != nil {
		t.Fatal(err)
	}
	wait := invocations(t.Context(), service, "1", "2")
	both := []request{<-calls, <-calls}
	if both[0].token == both[1].token {
		t.Fatalf("two processes have the same token, %s", both[0].token)
	}
	for _, q := range both {
		switch q.body {
		case "1":
			if !service.Kill(q.token) {
				t.Error("no process has the token of the request")
			}
			if service.Kill(q.token) {
				t.Error("the process was killed twice")
			}
		default:
			close(q.done)
		}
	}
	if got, want := wait(), []string{"1: " + deadExit, `2: "answer to 2"`}; !slices.Equal(got, want) {
		t.Errorf("got %s", got)
	}
	// The remaining process handles one of the next calls, and a new process handles the other.
	wait = invocations(t.Context(), service, "3", "4")
	for _, q := range []request{<-calls, <-calls} {
		close(q.done)
	}
	if got, want := wait(), []string{`3: "answer to 3"`, `4: "answer to 4"`}; !slices.Equal(got, want) {
		t.Errorf("got %s", got)
	}
	if got := strings.Count(logged(t, service), "started"); got != 3 {
		t.Errorf("%d processes were started", got)
	}
}

func TestTimeOut_AdvancesClockToEndOfTimeout(t *testing.T) {
	time := clock.NewVirtual(start)
	calls, other := requests()
	service := openBeside(t, Options{Clock: time}, other)
	if err := service.Create(function("call", long)); err != nil {
		t.Fatal(err)
	}
	wait := invocations(t.Context(), service, "1")
	q := <-calls
	time.Advance(long / 3) // the other service responds slowly
	if !service.TimeOut(q.token) {
		t.Error("no process has the token of the request")
	}
	want := []string{`1: {"errorMessage":"RequestId: ID Error: Task timed out after 60.00 seconds","errorType":"Sandbox.Timedout"}`}
	if got := wait(); !slices.Equal(got, want) {
		t.Errorf("got %s", got)
	}
	if got := time.Now().Sub(start); got != long {
		t.Errorf("%v passed", got)
	}
}

func TestKill_NeedsTokenOfProcess(t *testing.T) {
	service := newService(t, "echo", long)
	if got := outcome(service.Invoke(t.Context(), "FindSnapshot", []byte(`1`))); got != "1" {
		t.Fatalf("got %s", got)
	}
	for _, token := range []string{"", "token", "token/", "token/other"} {
		if service.Kill(token) || service.TimeOut(token) {
			t.Errorf("a process has the token %q", token)
		}
	}
}

func TestClose_EndsProcessDuringFault(t *testing.T) {
	for _, kind := range []fault.Kind{fault.KillLate, fault.TimeoutLate} {
		t.Run(string(kind), func(t *testing.T) {
			calls, other := requests()
			service := openBeside(t, Options{Faults: plan(t, fmt.Sprintf("lambda.FindSnapshot=%s", kind))}, other)
			if err := service.Create(function("call", long)); err != nil {
				t.Fatal(err)
			}
			wait := invocations(t.Context(), service, "1", "2")
			<-calls
			<-calls
			var processes []int
			service.mu.Lock()
			for _, e := range service.environments {
				processes = append(processes, e.process.Pid)
			}
			service.mu.Unlock()
			service.Close()
			if got := wait(); len(got) != 2 {
				t.Errorf("got %s", got)
			}
			if len(processes) != 2 {
				t.Errorf("got %d processes", len(processes))
			}
			for _, pid := range processes {
				if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
					t.Errorf("process %d is still running: %v", pid, err)
				}
			}
		})
	}
}
