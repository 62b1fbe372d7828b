package setup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"snaplake/workflow"
)

func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestRead_ReadsVariablesAndLayer(t *testing.T) {
	dir := t.TempDir()
	want := workflow.Config{Name: "snaplake", Sources: []workflow.Source{{Name: "shop", Cluster: "shop-prod", Keep: 2}}}
	if err := workflow.WriteLayer(dir, want); err != nil {
		t.Fatal(err)
	}
	s, err := Read(environment(map[string]string{"SNAPLAKE_LAYER": dir, "BUCKET": "lake", "OTHER": "x"}), "BUCKET")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, s.Config, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if s.Metrics.Pipeline != "snaplake" || s.Metrics.Out != os.Stdout {
		t.Errorf("metrics of %q go to %v", s.Metrics.Pipeline, s.Metrics.Out)
	}
	if diff := cmp.Diff(map[string]string{"BUCKET": "lake"}, s.Variables); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestRead_NamesEverythingMissing(t *testing.T) {
	dir := t.TempDir()
	_, err := Read(environment(map[string]string{"SNAPLAKE_LAYER": dir}), "BUCKET", "KMS_KEY_ARN")
	if _, ok := err.(workflow.Misconfigured); !ok || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %T: %v", err, err)
	}
	for _, want := range []string{
		"the environment variable BUCKET is not set\n",
		"the environment variable KMS_KEY_ARN is not set\n",
		dir + ": read the configuration layer: ",
		"",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}

func TestSource_RefusesAnUnknownSource(t *testing.T) {
	c := workflow.Config{Sources: []workflow.Source{{Name: "shop", Keep: 2}}}
	if got, err := Source(c, "shop"); err != nil || got.Keep != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err := Source(c, "stock")
	const want = `source "stock" is not configured; the sources are shop`
	if _, ok := err.(workflow.InvalidInput); !ok || err.Error() != want {
		t.Errorf("got %T: %v", err, err)
	}
}

func TestLeaveTime_EndsBeforeTheDeadline(t *testing.T) {
	deadline := time.Date(2126, 11, 21, 17, 5, 0, 0, time.UTC)
	function, end := context.WithDeadline(t.Context(), deadline)
	defer end()
	ctx, cancel := WithHeadroom(function)
	defer cancel()
	if got, ok := ctx.Deadline(); !ok || !got.Equal(deadline.Add(-5*time.Second)) {
		t.Errorf("got %v", got)
	}
	ctx, cancel = WithHeadroom(t.Context())
	defer cancel()
	if got, ok := ctx.Deadline(); ok {
		t.Errorf("a function without a deadline got %v", got)
	}
}
