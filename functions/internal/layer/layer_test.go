package layer_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/layer"
	"snaplake/workflow"
)

func TestReadsTheFolderThatTheVariableNames(t *testing.T) {
	dir := t.TempDir()
	want := workflow.Config{Name: "snaplake", Sources: []workflow.Source{{Name: "shop", Cluster: "shop-prod", Keep: 2}}}
	if err := workflow.WriteLayer(dir, want); err != nil {
		t.Fatal(err)
	}
	got, err := layer.Read(func(string) string { return dir })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestNamesTheFolderThatHoldsNoLayer(t *testing.T) {
	dir := t.TempDir()
	_, err := layer.Read(func(string) string { return dir })
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), dir+": read the configuration layer: ") {
		t.Errorf("got %v", err)
	}
}
