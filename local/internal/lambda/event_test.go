package lambda

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/clock"
)

// queues stands for SQS: it keeps what was sent, by the queue.
type queues map[string][]string

func (q queues) Send(arn, body string, attributes map[string]string) error {
	q[arn] = append(q[arn], body+" "+attributes["ErrorCode"]+" "+attributes["ErrorMessage"])
	return nil
}

// logged is what the function has logged.
func logged(t *testing.T, s *Service) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.options.LogFolder, "FindSnapshot.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAFunctionThatFailsOnAnEventGetsItThreeTimes(t *testing.T) {
	const queue = "arn:aws:sqs:ap-northeast-1:123456789012:dead"
	for behaviour, want := range map[string]struct {
		calls int
		waits time.Duration
		dead  queues
	}{
		"echo": {1, 0, queues{}},
		"fail": {3, 3 * time.Minute, queues{queue: {`{"source":"shop"} 200 {"errorMessage":"no such table","errorType":"TablesMissing"}`}}},
	} {
		t.Run(behaviour, func(t *testing.T) {
			time := clock.NewVirtual(time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC))
			began, dead := time.Now(), queues{}
			service := open(t, Options{Clock: time, Queues: dead})
			f := function(behaviour, long)
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
			if got := time.Now().Sub(began); got != want.waits {
				t.Errorf("%v passed, want %v", got, want.waits)
			}
			if diff := cmp.Diff(want.dead, dead); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// endless is a clock on which a sleep is cut short or never ends. It tells of each.
type endless struct {
	clock.Clock
	asleep chan struct{}
}

func (c endless) Sleep(ctx context.Context, _ time.Duration) error {
	close(c.asleep)
	<-ctx.Done()
	return ctx.Err()
}

func TestCloseDoesNotWaitForAnEventsNextAttempt(t *testing.T) {
	asleep := make(chan struct{})
	service := open(t, Options{Clock: endless{clock.NewVirtual(time.Time{}), asleep}})
	if err := service.Create(function("fail", long)); err != nil {
		t.Fatal(err)
	}
	if err := service.InvokeEvent(t.Context(), "FindSnapshot", []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	<-asleep
	service.Close() // returns
	if err := service.InvokeEvent(t.Context(), "FindSnapshot", []byte(`{}`)); err == nil {
		t.Error("a closed service accepts an event")
	}
}
