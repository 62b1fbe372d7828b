package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
	"snaplake/workflow/config"
)

// TestMain runs the tests. In processes that tests start with INFRA_TEST_MAIN, it runs the app instead.
func TestMain(m *testing.M) {
	if os.Getenv("INFRA_TEST_MAIN") != "" {
		main()
		return
	}
	// The CDK's validation takes longer than the tests, and the Makefile runs it for the stack of the local AWS's tests. Node reads the
	// variable when it starts.
	os.Setenv("CDK_VALIDATION", "false")
	jsii.Close()
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func TestMain_PrintsConfigurationMistakes(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "INFRA_TEST_MAIN=1", `CDK_CONTEXT_JSON={"config": "testdata/mistaken.yaml"}`)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		t.Errorf("the app returned %v, want exit status 1", err)
	}
	_, mistakes := config.Load("testdata/mistaken.yaml")
	if diff := cmp.Diff(mistakes.Error()+"\n", stderr.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}

func TestRun_NamesMissingBinary(t *testing.T) {
	dist := t.TempDir()
	if err := build(dist); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dist, "lambda", "prune", "bootstrap")
	if err := os.Remove(binary); err != nil {
		t.Fatal(err)
	}
	err := run(`{"config": "testdata/pipeline.yaml", "dist": "` + dist + `"}`)
	if err == nil || !strings.Contains(err.Error(), "run make build") || !strings.Contains(err.Error(), binary) {
		t.Errorf("run: %v, want the path %s", err, binary)
	}
}

func TestReadContext_HasDefaults(t *testing.T) {
	for text, want := range map[string]cdkContext{
		"":                             {"workflow/pipeline.yaml", "dist"},
		`{"@aws-cdk/core:flag": true}`: {"workflow/pipeline.yaml", "dist"},
		`{"config": "other.yaml"}`:     {"other.yaml", "dist"},
		`{"dist": "dist/local"}`:       {"workflow/pipeline.yaml", "dist/local"},
	} {
		if got, err := readContext(text); err != nil || got != want {
			t.Errorf("readContext(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
	if _, err := readContext(`{"config": true}`); err == nil {
		t.Error("readContext accepts a context in which config is not a string")
	}
}

func TestConstructError_IsOneLine(t *testing.T) {
	panicked := errors.New("Error: Invalid S3 bucket name\n  (value: A)\n    at validate (/tmp/bucket.js:1:1)\n    at new Bucket")
	if got, want := constructError(panicked), "Error: Invalid S3 bucket name (value: A)"; got != want {
		t.Errorf("constructError = %q, want %q", got, want)
	}
}

func TestWriteLayer_DropsDeletedView(t *testing.T) {
	dist := t.TempDir()
	source := workflow.Source{Name: "shop", Views: []workflow.View{{Name: "kept", SQL: "SELECT 1"}, {Name: "deleted", SQL: "SELECT 2"}}}
	if err := writeLayer(dist, workflow.Config{Sources: []workflow.Source{source}}); err != nil {
		t.Fatal(err)
	}
	source.Views = source.Views[:1]
	config := workflow.Config{Sources: []workflow.Source{source}}
	if err := writeLayer(dist, config); err != nil {
		t.Fatal(err)
	}
	got, err := workflow.ReadLayer(os.DirFS(layerFolder(dist)))
	if err != nil {
		t.Fatal(err)
	}
	if views := got.Sources[0].Views; len(views) != 1 || views[0].Name != "kept" {
		t.Errorf("the layer contains the views %v, want only kept", views)
	}
}
