package lambda

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/clock"
)

// queues is a fake SQS. It keeps the messages of each queue.
type queues map[string][]string

func (q queues) send(arn, body string, attributes map[string]string) error {
	q[arn] = append(q[arn], body+" "+attributes["ErrorCode"]+" "+attributes["ErrorMessage"])
	return nil
}

// logged returns the log of the function FindSnapshot.
func logged(t *testing.T, s *Service) string {
	t.Helper()
	return loggedBy(t, s, "FindSnapshot")
}

func loggedBy(t *testing.T, s *Service, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.options.LogFolder, name+".log"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // no process was started
		t.Fatal(err)
	}
	return string(b)
}

func TestInvokeEvent_Retries(t *testing.T) {
	const queue = "arn:aws:sqs:ap-northeast-1:123456789012:dead"
	for name, want := range map[string]struct {
		behaviour, fault string
		calls            int
		waits            time.Duration
		dead             queues
	}{
		"no retry after success": {"echo", "", 1, 0, queues{}},
		"two retries after the function failed": {"fail", "", 3, 3 * time.Minute, queues{
			queue: {`{"source":"shop"} 200 {"errorMessage":"no such table","errorType":"TablesMissing"}`},
		}},
		"retry after the process was killed":        {"echo", "lambda.FindSnapshot:1-2=kill", 1, 3 * time.Minute, queues{}},
		"retry after throttling":                    {"echo", "lambda.FindSnapshot:1-3=throttle", 1, 7 * time.Second, queues{}},
		"errors of Lambda do not count as failures": {"echo", "lambda.FindSnapshot:1-4=5xx", 1, 15 * time.Second, queues{}},
		"retries for six hours": {"echo", "lambda.FindSnapshot=throttle", 0, 5*time.Hour + 58*time.Minute + 31*time.Second, queues{
			queue: {`{"source":"shop"} 429 TooManyRequestsException: Rate Exceeded.`},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			time, dead := clock.NewVirtual(start), queues{}
			service := open(t, Options{Clock: time, SendDeadLetter: dead.send, Faults: plan(t, want.fault)})
			f := function(want.behaviour, long)
			f.DeadLetterQueue = queue
			if err := service.Create(f); err != nil {
				t.Fatal(err)
			}
			if err := service.InvokeEvent(t.Context(), findARN, []byte(`{"source":"shop"}`)); err != nil {
				t.Fatal(err)
			}
			if err := service.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(logged(t, service), `called with {"source":"shop"}`); got != want.calls {
				t.Errorf("the function was called %d times, want %d", got, want.calls)
			}
			if got := time.Now().Sub(start); got != want.waits {
				t.Errorf("%v passed, want %v", got, want.waits)
			}
			if diff := cmp.Diff(want.dead, dead); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// endless is a clock whose Sleep returns only when its context is canceled. asleep is closed when Sleep is called.
type endless struct {
	clock.Clock
	asleep chan struct{}
}

func (c endless) Sleep(ctx context.Context, _ time.Duration) error {
	close(c.asleep)
	<-ctx.Done()
	return ctx.Err()
}

func TestClose_DoesNotWaitForRetryOfEvent(t *testing.T) {
	asleep := make(chan struct{})
	service := open(t, Options{Clock: endless{clock.NewVirtual(time.Time{}), asleep}})
	if err := service.Create(function("fail", long)); err != nil {
		t.Fatal(err)
	}
	if err := service.InvokeEvent(t.Context(), "FindSnapshot", []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	<-asleep
	service.Close() // must not hang
	if err := service.InvokeEvent(t.Context(), "FindSnapshot", []byte(`{}`)); err == nil {
		t.Error("a closed service accepted an event")
	}
}
