package statement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/smithy-go"
)

// fakeClient is a fake of the Athena API. Every statement has the identifier "q".
type fakeClient struct {
	start func(*athena.StartQueryExecutionInput) error
	poll  func() *types.QueryExecutionStatus
}

func (f fakeClient) StartQueryExecution(_ context.Context, in *athena.StartQueryExecutionInput, _ ...func(*athena.Options)) (
	*athena.StartQueryExecutionOutput, error) {
	return &athena.StartQueryExecutionOutput{QueryExecutionId: aws.String("q")}, f.start(in)
}

func (f fakeClient) GetQueryExecution(context.Context, *athena.GetQueryExecutionInput, ...func(*athena.Options)) (
	*athena.GetQueryExecutionOutput, error) {
	return &athena.GetQueryExecutionOutput{QueryExecution: &types.QueryExecution{Status: f.poll()}}, nil
}

func (f fakeClient) GetQueryResults(context.Context, *athena.GetQueryResultsInput, ...func(*athena.Options)) (
	*athena.GetQueryResultsOutput, error) {
	return nil, errors.New("no results")
}

func status(s types.QueryExecutionState) *types.QueryExecutionStatus {
	return &types.QueryExecutionStatus{State: s}
}

func failed(reason string, category int32, retryable bool) *types.QueryExecutionStatus {
	s := status(types.QueryExecutionStateFailed)
	s.StateChangeReason, s.AthenaError = &reason, &types.AthenaError{ErrorCategory: &category, Retryable: retryable}
	return s
}

func TestRunner_Run_PollsUntilTheStatementHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := NewRunner(fakeClient{
			start: func(in *athena.StartQueryExecutionInput) error {
				if *in.WorkGroup != "snaplake" || *in.QueryExecutionContext.Database != "shop" || *in.QueryString != "SELECT 1" {
					t.Errorf("started %s in %s of %s", *in.QueryString, *in.QueryExecutionContext.Database, *in.WorkGroup)
				}
				return nil
			},
			poll: func() *types.QueryExecutionStatus {
				if time.Since(began) < 3*time.Second {
					return status(types.QueryExecutionStateRunning)
				}
				return status(types.QueryExecutionStateSucceeded)
			},
		}, "snaplake")
		if id, err := r.Run(t.Context(), "shop", "SELECT 1"); id != "q" || err != nil || time.Since(began) != 3*time.Second {
			t.Errorf("got %q, %v after %v", id, err, time.Since(began))
		}
	})
}

func TestRunner_Run_RetriesOnlyTransientFailures(t *testing.T) {
	succeeded, failure := status(types.QueryExecutionStateSucceeded), failed("line 1:8: Column 'x' cannot be resolved", 2, false)
	for _, test := range []struct {
		name      string
		ends      []*types.QueryExecutionStatus
		reason    string
		transient bool
	}{
		{"retryable, then success", []*types.QueryExecutionStatus{failed("busy", 3, true), succeeded}, "", false},
		{"system, then success", []*types.QueryExecutionStatus{failed("internal", 1, false), succeeded}, "", false},
		{"system, three times", []*types.QueryExecutionStatus{failed("a", 1, false), failed("b", 1, false), failed("c", 1, false)}, "c", true},
		{"user", []*types.QueryExecutionStatus{failure}, *failure.StateChangeReason, false},
		{"cancelled", []*types.QueryExecutionStatus{status(types.QueryExecutionStateCancelled)}, "the statement was cancelled", false},
		{"without a reason", []*types.QueryExecutionStatus{status(types.QueryExecutionStateFailed)}, "Athena gave no reason", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				started := 0
				r := NewRunner(fakeClient{
					start: func(*athena.StartQueryExecutionInput) error { started++; return nil },
					poll:  func() *types.QueryExecutionStatus { return test.ends[started-1] },
				}, "snaplake")
				_, err := r.Run(t.Context(), "shop", "SELECT 1")
				if started != len(test.ends) {
					t.Errorf("started %d times, want %d", started, len(test.ends))
				}
				f, isFailure := errors.AsType[*Failure](err)
				if test.reason == "" && err == nil {
					return
				}
				if !isFailure || f.Reason != test.reason || f.Transient != test.transient {
					t.Errorf("got %#v, want %s, transient: %v", err, test.reason, test.transient)
				}
			})
		})
	}
}

func TestRunner_Run_RetriesThrottledStartsWithANewToken(t *testing.T) {
	var mu sync.Mutex
	var tokens []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch r.Header.Get("X-Amz-Target") {
		case "AmazonAthena.StartQueryExecution":
			var in struct{ ClientRequestToken string }
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
				t.Error(err)
			}
			tokens = append(tokens, in.ClientRequestToken)
			if len(tokens) < 3 {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"__type":"TooManyRequestsException","Message":"You have exceeded the limit","Reason":"CONCURRENT_QUERY_LIMIT_EXCEEDED"}`)
				return
			}
			fmt.Fprint(w, `{"QueryExecutionId":"q"}`)
		case "AmazonAthena.GetQueryExecution":
			fmt.Fprint(w, `{"QueryExecution":{"QueryExecutionId":"q","Status":{"State":"SUCCEEDED"}}}`)
		}
	}))
	defer server.Close()
	r := NewRunner(athena.New(athena.Options{
		Region:       "ap-northeast-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:      aws.NopRetryer{},
	}), "snaplake")
	if _, err := r.Run(t.Context(), "shop", "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	slices.Sort(tokens)
	if distinct := slices.Compact(slices.Clone(tokens)); len(distinct) != 3 || len(distinct[0]) < 32 {
		t.Errorf("tokens %q", tokens)
	}
}

func TestRunner_Run_ReportsARejectedStatement(t *testing.T) {
	r := NewRunner(fakeClient{start: func(*athena.StartQueryExecutionInput) error {
		return &types.InvalidRequestException{Message: aws.String("line 1:1: mismatched input 'CREAT'")}
	}}, "snaplake")
	_, err := r.Run(t.Context(), "shop", "CREAT")
	if f, ok := err.(*Failure); !ok || *f != (Failure{Reason: "line 1:1: mismatched input 'CREAT'"}) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestRunner_Run_ReportsAMissingPermission(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized"}
	r := NewRunner(fakeClient{start: func(*athena.StartQueryExecutionInput) error { return denied }}, "snaplake")
	_, err := r.Run(t.Context(), "shop", "SELECT 1")
	const want = `start a statement in workgroup "snaplake": api error AccessDeniedException: not authorized`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestBatch_Runs15StatementsConcurrently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		begun, failures, err := Batch(t.Context(), 60, func() bool { return true }, func(_ context.Context, i int) error {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Second)
			running.Add(-1)
			if i == 20 {
				return fmt.Errorf("number 20: %w", &Failure{Reason: "no"})
			}
			return nil
		})
		if begun != 60 || err != nil || most.Load() != InFlight {
			t.Errorf("began %d, %v, %d at a time", begun, err, most.Load())
		}
		if failures[19] != nil || failures[20] == nil || failures[20].Reason != "no" {
			t.Errorf("failures %v", failures)
		}
	})
}

func TestShiftLines(t *testing.T) {
	for reason, want := range map[string]string{
		"line 9:3: Column 'nope' cannot be resolved": "line 2:3: Column 'nope' cannot be resolved",
		"line 3:1: in what precedes the query":       "line 3:1: in what precedes the query",
		"TABLE_NOT_FOUND":                            "TABLE_NOT_FOUND",
	} {
		if got := ShiftLines(reason, 7); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
