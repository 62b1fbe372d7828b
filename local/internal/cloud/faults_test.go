package cloud

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/fault"
)

func TestFault_DeterminesEffectOfCall(t *testing.T) {
	for kind, want := range map[fault.Kind]struct {
		effects int
		err     string
		ended   string
		passes  time.Duration
	}{
		fault.Throttle:      {0, "ThrottlingException 400", "[]", 0},
		fault.ServerError:   {0, "InternalServiceException 500", "[]", 0},
		fault.Denied:        {0, "AccessDeniedException 400", "[]", 0},
		fault.DropBefore:    {0, "no response", "[]", 0},
		fault.DropAfter:     {1, "no response", "[]", 0},
		fault.Slow:          {1, "", "[]", time.Minute},
		fault.Hang:          {1, "no response", "[timed out local/e1]", 0},
		fault.KillBefore:    {0, "no response", "[killed local/e1]", 0},
		fault.KillAfter:     {1, "no response", "[killed local/e1]", 0},
		fault.UnknownFields: {1, "", "[]", 0},
	} {
		th := newEnv(t, 1, "glue.StartCrawler="+string(kind))
		before := th.clock.Now()
		got := answered(th.startCrawler(t.Context()))
		if got != want.err || th.effects["StartCrawler"] != want.effects || fmt.Sprint(th.ended) != want.ended ||
			th.clock.Now().Sub(before) != want.passes {
			t.Errorf("%s: got %q, %d effects, ended %v, %v passed", kind, got, th.effects["StartCrawler"], th.ended, th.clock.Now().Sub(before))
		}
	}
}

func TestFault_TransientErrorsAreRetriedBySDK(t *testing.T) {
	for text, effects := range map[string]int{"throttle": 1, "5xx": 1, "drop-before": 1, "drop-after": 2} {
		th := newEnv(t, 3, "glue.StartCrawler:1="+text)
		if err := th.startCrawler(t.Context()); err != nil || th.effects["StartCrawler"] != effects {
			t.Errorf("%s: %d effects, %v", text, th.effects["StartCrawler"], err)
		}
	}
	th := newEnv(t, 3, "glue.StartCrawler:1=denied")
	if err := th.startCrawler(t.Context()); answered(err) != "AccessDeniedException 400" || len(th.calls) != 1 {
		t.Errorf("after %d calls, got %v", len(th.calls), err)
	}
}

func TestCalled_ReceivesEachCall(t *testing.T) {
	th := newEnv(t, 1, "glue.StartCrawler:2=throttle", "glue.StartCrawler:3=drop-after")
	for range 3 {
		_ = th.startCrawler(t.Context())
	}
	th.aws.Credentials = awscredentials.NewStaticCredentialsProvider(operatorKeyID, "local", "")
	th.crawlerState(t)
	want := []Call{
		{"glue", "StartCrawler", "lake-prune", fault.None, 200},
		{"glue", "StartCrawler", "lake-prune", fault.Throttle, 400},
		{"glue", "StartCrawler", "lake-prune", fault.DropAfter, 0},
		{"glue", "GetCrawler", "", fault.None, 200},
	}
	if diff := cmp.Diff(want, th.calls); diff != "" {
		t.Error(diff)
	}
	if got := fmt.Sprint(th.plan.Injected()); got != "[glue.StartCrawler:2=throttle glue.StartCrawler:3=drop-after]" {
		t.Errorf("injected %s", got)
	}
}

func TestCalled_IgnoresRuntimeAPI(t *testing.T) {
	g := newTestRouter()
	g.services["lambda"] = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	g.faults.called = func(c Call) { t.Errorf("called for %v", c) }
	g.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/_runtime/e1/2018-06-01/runtime/invocation/next", http.NoBody))
}

func TestFault_EachKindHasEffect(t *testing.T) {
	th := newEnv(t, 1)
	for target, list := range th.lists() {
		service, operation, _ := strings.Cut(target, ".")
		for _, kind := range slices.DeleteFunc(fault.KindsOf(service, operation), func(k fault.Kind) bool {
			return k == fault.UnknownFields || k == fault.Slow
		}) {
			th.replan(t, target+"="+string(kind))
			if got, err := list(t.Context()); err == nil && got == "a|b|" {
				t.Errorf("%s had no effect", th.plan.Injected())
			}
		}
	}
}
