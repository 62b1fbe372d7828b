package cloud

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/s3"
)

func TestCopyLake_LeavesOutResultsAndWhatKilledProcessesLeft(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	store, err := s3.Open(from, nil)
	must(t, err)
	must(t, store.CreateBucket("lake", ""))
	for _, key := range []string{"exports/shop/1/orders/1/part-0.gz.parquet", "exports/shop/1/export_info_1.json", "athena/analysts/1.csv"} {
		must(t, store.Put("lake", key, []byte("x")))
	}
	temporary, err := store.TempDir()
	must(t, err)
	must(t, os.WriteFile(filepath.Join(temporary, "result"), []byte("x"), 0o600))
	must(t, os.WriteFile(filepath.Join(from, lakeFile), []byte("{}"), 0o600))

	must(t, CopyLake(from, to))
	var got []string
	must(t, fs.WalkDir(os.DirFS(to), ".", func(path string, entry fs.DirEntry, err error) error {
		if !entry.IsDir() {
			got = append(got, path)
		}
		return err
	}))
	want := []string{"buckets/lake/exports/shop/1/export_info_1.json", "buckets/lake/exports/shop/1/orders/1/part-0.gz.parquet"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	copied, err := s3.Open(to, nil)
	must(t, err)
	must(t, copied.Put("lake", "exports/shop/1/export_info_1.json", []byte("changed")))
	if b, err := os.ReadFile(store.Path("lake", "exports/shop/1/export_info_1.json")); string(b) != "x" {
		t.Errorf("a change of the copy changed the lake to %q, %v", b, err)
	}
}
