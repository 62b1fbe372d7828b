package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

// FuzzConfig loads a pipeline.yaml of arbitrary bytes. The result is a configuration that the functions can read, or mistakes with lines.
func FuzzConfig(f *testing.F) {
	whole, err := os.ReadFile("../pipeline.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Add(strings.ReplaceAll(string(whole), "# ", "")) // without comment marks
	for _, text := range []string{
		"", "sources:", "sources: {}", "sources: [shop]", "- a\n- b", "a: b: c", "\tsources: {}", "sources: {shop: {cluster: shop-prod}", "---\n---\n", "!!binary x",
		"account: 123456789012\nregion: 1\nname: {}\nsources: {shop: null}", "nAme: {}", "sources: {shop: {}, shop: {}}", "{1: 2, true: 3, ~: 4, [a]: 5}",
		"sources: &s {shop: *s}", "a: &a {<<: *a}", "<<: 1", "x: *unknown", "sources:\n  shop: &s\n    cluster: shop-prod\n  crm:\n    <<: *s",
		"log_retention_days: .nan", "log_retention_days: 1e999", "key: \"\\ud800\"", "name: \x00\xff", "max_snapshot_age: 999999999h",
		strings.Repeat("[", 20), strings.Repeat("a:\n ", 20), strings.Repeat("- ", 20),
	} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(dir, "pipeline.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		config, err := Load(file)
		if err == nil {
			roundTrips(t, config)
			return
		}
		mistakes, ok := err.(Mistakes)
		if !ok || len(mistakes) == 0 {
			t.Fatalf("%T: %v", err, err)
		}
		for _, m := range mistakes {
			if m.File != file || m.Line < 1 || m.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+1 || m.Text == "" {
				t.Errorf("a mistake without a file, line or text: %q", m)
			}
		}
	})
}

// roundTrips writes the layer and reads it again.
func roundTrips(t *testing.T, config workflow.Config) {
	t.Helper()
	dir := t.TempDir()
	if err := workflow.WriteLayer(dir, config); err != nil {
		t.Fatal(err)
	}
	back, err := workflow.ReadLayer(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config, back); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
}

// FuzzInput decodes an execution's input of arbitrary bytes, as FindSnapshot does. Encoding and decoding it again must not change it.
func FuzzInput(f *testing.F) {
	for _, input := range []string{
		`{"source":"shop"}`, `{"source":"shop","snapshot":"rds:shop-prod-2026-11-21-17-05"}`, `{"source":"shop","exportId":"shop-20261121-1705-0"}`,
		`{}`, `{"source":null}`, `{"source":1}`, `{"Source":"shop","source":"crm"}`, `{"source":"\ud800"}`, `[]`, `null`, `"shop"`, `{"source":`,
		`{"source":"arn:aws:rds:ap-northeast-1:123456789012:cluster-snapshot:x","version":"0","detail":{}}`,
	} {
		f.Add([]byte(input))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		payload := []byte(`{"input":` + string(input) + `,"execution":{"name":"nightly-1","startedAt":"2026-11-21T17:31:04.218Z"}}`)
		var in workflow.SnapshotRequest
		if err := json.Unmarshal(payload, &in); err != nil {
			return // FindSnapshot raises InvalidInput with it
		}
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var back workflow.SnapshotRequest
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in, back); diff != "" {
			t.Errorf("-first +second\n%s", diff)
		}
		if id, ours := workflow.ParseExportID(in.Input.ExportID); ours && id.String() != in.Input.ExportID {
			t.Errorf("%q is parsed as %s", in.Input.ExportID, id)
		}
	})
}
