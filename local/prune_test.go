package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestPruneShowsWhatWouldGoBeforeItGoes(t *testing.T) {
	root, layer := ownRoot(t)
	dir := filepath.Join(root, ".local")
	configure(t, layer, func(s *workflow.Source) { s.History, s.Changes = nil, nil })
	runIn(t, root, "run", "--nights=3", fast)
	configure(t, layer, func(s *workflow.Source) { s.Keep = 1 })
	lake := lakeFiles(t, dir)

	out := runIn(t, root, "prune", "--dry-run")
	for _, want := range []string{
		"Source shop keeps 1 exports, of any age.", "stays: published; 1 of 1 kept; read by ", "2 exports and 20 tables would go",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s lacks %q", out, want)
		}
	}
	if got := strings.Count(out, "│ goes "); got != 2 {
		t.Errorf("%d exports would go: %s", got, out)
	}
	if diff := cmp.Diff(lake, lakeFiles(t, dir)); diff != "" {
		t.Errorf("the dry run has changed the lake: %s", diff)
	}

	out = runIn(t, root, "prune", "--source", "shop")
	if !strings.Contains(out, "2 exports and 20 tables are deleted") {
		t.Error(out)
	}
	exports, err := filepath.Glob(filepath.Join(dir, "lake", "buckets", "*", "exports", "shop", "*", "export_info_*.json"))
	if err != nil || len(exports) != 1 {
		t.Errorf("%v are left, %v", exports, err)
	}
	if got := runIn(t, root, "query", "SELECT count(*) AS n FROM orders"); !strings.Contains(got, "1080") {
		t.Errorf("the views read %s", got)
	}
	if got := runIn(t, root, "prune"); !strings.Contains(got, "0 exports and 0 tables are deleted") {
		t.Error(got)
	}
}

func TestPruneOfASourceThatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	run(t, "run", fast, "--dir", dir)
	got := fails(t, "", "prune", "--dir", dir, "--source", "shopp")
	if want := `snaplake: source "shopp" is not configured; there is shop`; got != want {
		t.Errorf("got %s", got)
	}
}
