package lambda

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// deployLayer deploys the function with a layer that contains a text.
func deployLayer(t *testing.T, s *Service, text string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pipeline.json"), []byte(`"`+text+`"`), 0o600); err != nil {
		t.Fatal(err)
	}
	f := function("call and read", long)
	f.Layer = dir
	if err := s.Create(f); err != nil {
		t.Fatal(err)
	}
}

func TestCreate_GivesNewLayerToNextInvocation(t *testing.T) {
	calls, other := requests()
	service := openBeside(t, Options{}, other)
	deployLayer(t, service, "one")
	wait := invocations(t.Context(), service, "1")
	running := <-calls
	deployLayer(t, service, "two")
	close(running.done)
	if got := wait(); got[0] != `1: "one"` {
		t.Errorf("the running invocation returned %s", got)
	}
	for _, payload := range []string{"2", "3"} {
		wait = invocations(t.Context(), service, payload)
		close((<-calls).done)
		if got := wait(); got[0] != payload+`: "two"` {
			t.Errorf("an invocation after the deployment returned %s", got)
		}
	}
}

func TestCreate_EndsIdleProcesses(t *testing.T) {
	service := openBeside(t, Options{}, func(http.ResponseWriter, *http.Request) {})
	for _, text := range []string{"one", "two"} {
		deployLayer(t, service, text)
		if got := outcome(service.Invoke(t.Context(), "FindSnapshot", nil)); got != `"`+text+`"` {
			t.Errorf("got %s, want %s", got, text)
		}
	}
}
