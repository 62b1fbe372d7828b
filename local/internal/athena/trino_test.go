//go:build trino

package athena_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestExplainAnalyze_CountsBytesScanned(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	if got, want := env.scanned("EXPLAIN ANALYZE SELECT id FROM crawled.users"), env.scanned("SELECT id FROM crawled.users"); got != want {
		t.Errorf("EXPLAIN ANALYZE scanned %d bytes, and the query %d", got, want)
	}
}

// Trino can still send requests for a statement that was canceled.
func TestServeTrino_ReadsOnlyDuringStatement(t *testing.T) {
	newTestEnv(t).query("SELECT 1")
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/lake/crawled/users", nil)
	if (*s.serve.Load())(w, r); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "only during a statement") {
		t.Errorf("got the status %d: %s", w.Code, w.Body)
	}
}

func TestServeTrino_HasNoFunctions(t *testing.T) {
	newTestEnv(t).fails("SELECT shop.f(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'shop.f' not registered")
}
