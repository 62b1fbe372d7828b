package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"golang.org/x/time/rate"

	"snaplake/functions/internal/metrics"
	"snaplake/workflow"
)

// fakeAthena stands for an Athena with one workgroup.
type fakeAthena struct {
	start func(*athena.StartQueryExecutionInput) (id string, err error)
	get   func(id string) (*types.QueryExecutionStatus, error)
	// results are those of a query by its identifier.
	results func(id string) *types.ResultSet
}

func (f fakeAthena) GetQueryResults(_ context.Context, in *athena.GetQueryResultsInput, _ ...func(*athena.Options)) (*athena.GetQueryResultsOutput, error) {
	return &athena.GetQueryResultsOutput{ResultSet: f.results(*in.QueryExecutionId)}, nil
}

func (f fakeAthena) StartQueryExecution(_ context.Context, in *athena.StartQueryExecutionInput, _ ...func(*athena.Options)) (*athena.StartQueryExecutionOutput, error) {
	id, err := f.start(in)
	return &athena.StartQueryExecutionOutput{QueryExecutionId: &id}, err
}

func (f fakeAthena) GetQueryExecution(_ context.Context, in *athena.GetQueryExecutionInput, _ ...func(*athena.Options)) (*athena.GetQueryExecutionOutput, error) {
	status, err := f.get(*in.QueryExecutionId)
	return &athena.GetQueryExecutionOutput{QueryExecution: &types.QueryExecution{Status: status}}, err
}

func status(s types.QueryExecutionState) *types.QueryExecutionStatus {
	return &types.QueryExecutionStatus{State: s}
}

func failure(reason string, category int32, retryable bool) *types.QueryExecutionStatus {
	s := status(types.QueryExecutionStateFailed)
	s.StateChangeReason = &reason
	s.AthenaError = &types.AthenaError{ErrorCategory: &category, Retryable: retryable}
	return s
}

// runner runs statements without letting time pass.
func runner(a Athena) *Handler {
	return &Handler{
		Athena:  a,
		Metrics: metrics.Recorder{Now: func() time.Time { return time.Time{} }},
		starts:  rate.NewLimiter(rate.Inf, 1),
		Config:  workflow.Config{Name: "snaplake"},
		pause:   func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func always() bool { return true }

func TestRunsAStatementAgainOnlyWhenTheFailureWasAthenasOwn(t *testing.T) {
	for _, test := range []struct {
		name   string
		ends   []*types.QueryExecutionStatus
		reason string
		passes bool
	}{
		{"retryable, then good", []*types.QueryExecutionStatus{failure("busy", 3, true), status(types.QueryExecutionStateSucceeded)}, "", false},
		{"of the system, then good", []*types.QueryExecutionStatus{failure("internal", 1, false), status(types.QueryExecutionStateSucceeded)}, "", false},
		{"of the system, three times", []*types.QueryExecutionStatus{failure("a", 1, false), failure("b", 1, false), failure("c", 1, false)}, "c", true},
		{"of the user", []*types.QueryExecutionStatus{failure("line 1:8: Column 'x' cannot be resolved", 2, false)}, "line 1:8: Column 'x' cannot be resolved", false},
		{"cancelled", []*types.QueryExecutionStatus{status(types.QueryExecutionStateCancelled)}, "somebody cancelled the statement", false},
		{"without a reason", []*types.QueryExecutionStatus{status(types.QueryExecutionStateFailed)}, "Athena gives no reason", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			started := 0
			h := runner(fakeAthena{
				start: func(*athena.StartQueryExecutionInput) (string, error) { started++; return "q", nil },
				get:   func(string) (*types.QueryExecutionStatus, error) { return test.ends[started-1], nil },
			})
			_, err := h.run(t.Context(), "shop", "SELECT 1")
			if started != len(test.ends) {
				t.Errorf("started %d times, want %d", started, len(test.ends))
			}
			if test.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if r, ok := errors.AsType[*refusal](err); !ok || r.reason != test.reason || r.passes != test.passes {
				t.Errorf("got %#v, want the reason %s, passes: %v", err, test.reason, test.passes)
			}
		})
	}
}

func TestWaitsForRoomWithTheRealClient(t *testing.T) {
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
	h := runner(athena.New(athena.Options{
		Region:       "ap-northeast-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}, patient))
	if _, err := h.run(t.Context(), "shop", "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	if len(tokens) != 3 || len(tokens[0]) < 32 {
		t.Errorf("tokens %q", tokens)
	}
}

func TestKeepsAtMostFifteenStatementsInFlight(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	h := runner(fakeAthena{
		start: func(*athena.StartQueryExecutionInput) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			running++
			most = max(most, running)
			return "q", nil
		},
		get: func(string) (*types.QueryExecutionStatus, error) {
			mu.Lock()
			defer mu.Unlock()
			if most < inFlight { // all wait for the fifteenth
				return status(types.QueryExecutionStateRunning), nil
			}
			running--
			return status(types.QueryExecutionStateSucceeded), nil
		},
	})
	views := make([]*view, 60)
	for i := range views {
		views[i] = &view{name: fmt.Sprint("v", i), query: fixed("SELECT 1 AS x")}
	}
	_, refused, err := h.makeViews(t.Context(), "shop", views, always)
	if err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	if most != 15 {
		t.Errorf("%d at a time, want 15", most)
	}
}

func TestAStatementThatAthenaDoesNotTakeIsTheViewsFault(t *testing.T) {
	h := runner(fakeAthena{start: func(*athena.StartQueryExecutionInput) (string, error) {
		return "", &types.InvalidRequestException{Message: aws.String("line 1:1: mismatched input 'CREAT'")}
	}})
	_, refused, err := h.makeViews(t.Context(), "shop", []*view{{name: "a", query: fixed("SELECT 1 AS x")}}, always)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]*refusal{"a": {reason: "line 1:1: mismatched input 'CREAT'"}}
	if diff := cmp.Diff(want, refused, cmp.AllowUnexported(refusal{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAMissingPermissionIsNoViewsFault(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized"}
	h := runner(fakeAthena{start: func(*athena.StartQueryExecutionInput) (string, error) { return "", denied }})
	_, _, err := h.makeViews(t.Context(), "shop", []*view{{name: "a", query: fixed("SELECT 1 AS x")}}, always)
	const want = `make view "a": start a statement in workgroup "snaplake": api error AccessDeniedException: not authorized`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
