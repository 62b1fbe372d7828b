package cloud

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/fault"
)

func TestEmptyPage_PrecedesRealPage(t *testing.T) {
	for when, want := range map[string]string{":1": "|a|b|", ":2": "a||b|", "": "|a||b|"} {
		for target := range newEnv(t, 1).lists() {
			th := newEnv(t, 1, target+when+"=empty-page")
			if got, err := th.lists()[target](t.Context()); err != nil || got != want {
				t.Errorf("%s%s: got %s, want %s, %v", target, when, got, want, err)
			}
		}
	}
}

func TestStale_ReturnsPreviousOrEmptyList(t *testing.T) {
	for target, list := range newEnv(t, 1).lists() {
		service, operation, _ := strings.Cut(target, ".")
		if !slices.Contains(fault.KindsOf(service, operation), fault.Stale) {
			continue // S3's list operations are strongly consistent
		}
		th := newEnv(t, 1, target+":1=stale")
		list = th.lists()[target]
		first, err1 := list(t.Context())
		second, err2 := list(t.Context())
		if first != "|" || second != "a|b|" || err1 != nil || err2 != nil {
			t.Errorf("%s: got %s and then %s, %v, %v", target, first, second, err1, err2)
		}
	}
	th := newEnv(t, 1, "glue.GetTables:3-4=stale")
	for range 2 {
		if got, err := th.lists()["glue.GetTables"](t.Context()); err != nil || got != "a|b|" {
			t.Errorf("got %s, %v", got, err)
		}
	}
	if got := th.effects["GetTables"]; got != 2 {
		t.Errorf("the service was called %d times", got)
	}
}

func TestStale_ReturnsPreviousCrawler(t *testing.T) {
	th := newEnv(t, 1, "glue.GetCrawler:1=stale", "glue.GetCrawler:4=stale")
	var states []string
	for range 5 {
		states = append(states, th.crawlerState(t))
	}
	if diff := cmp.Diff([]string{"READY", "READY", "RUNNING", "RUNNING", "RUNNING"}, states); diff != "" {
		t.Error(diff)
	}
	if th.effects["GetCrawler"] != 4 || th.calls[0].Fault != fault.None || th.calls[3].Fault != fault.Stale {
		t.Errorf("got calls %v", th.calls)
	}
}

func TestStale_StoresOneResponsePerRequest(t *testing.T) {
	for when, want := range map[string]int{"glue.GetTables:9=stale": 2, "glue.GetCrawler:9=stale": 0} {
		th := newEnv(t, 1, when)
		f := &faults{plan: th.plan}
		for _, body := range []string{`{}`, `{"NextToken":"second"}`, `{}`} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("X-Amz-Target", "AWSGlue.GetTables")
			f.pass(th.services()["glue"], "glue", httptest.NewRecorder(), r)
		}
		got := 0
		f.answers.Range(func(_, _ any) bool { got++; return true })
		if got != want {
			t.Errorf("%s: %d responses are stored, want %d", when, got, want)
		}
	}
}
