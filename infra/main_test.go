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
	cmd.Env = append(os.Environ(), "INFRA_TEST_MAIN=1", `CDK_CONTEXT_JSON={"config": "testdata/mistaken.yaml", "checkSQL": "false"}`)
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

func TestRun_ReportsSyntaxErrorsInViews(t *testing.T) {
	dir := t.TempDir()
	shipped, err := os.ReadFile("../workflow/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"prod.yaml":            string(shipped),
		"views/app/sales.sql":  "SELECT id\nFROM orders\nWHERE total == 1\n",
		"views/app/weekly.sql": "SELECT id,\nFROM users\n",
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const empty = "no such folder"
	context := `{"config": "` + filepath.Join(dir, "prod.yaml") + `", "local": "true"}`
	want := dir + "/views/app/sales.sql:3:14: mismatched input '='\n" + dir + "/views/app/weekly.sql:2:1: mismatched input 'FROM'"
	if err := run(context, "../dist"); err == nil || err.Error() != want {
		t.Errorf("run: %v, want %s", err, want)
	}
	if err := run(context, empty); err == nil || !strings.Contains(err.Error(), "the SQL parser is missing; run make build") {
		t.Errorf("run without the parser: %v", err)
	}
	unchecked := strings.Replace(context, "}", `, "checkSQL": "false"}`, 1)
	if err := run(unchecked, empty); err == nil || !strings.Contains(err.Error(), "a function has no binary") {
		t.Errorf("run without the check: %v, want only an error about the build", err)
	}
}

func TestRun_NamesMissingBinary(t *testing.T) {
	dist := t.TempDir()
	if err := build(filepath.Join(dist, "local")); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dist, "local", "lambda", "prune", "bootstrap")
	if err := os.Remove(binary); err != nil {
		t.Fatal(err)
	}
	err := run(`{"config": "testdata/pipeline.yaml", "local": "true", "checkSQL": "false"}`, dist)
	if err == nil || !strings.Contains(err.Error(), "run make build") || !strings.Contains(err.Error(), binary) {
		t.Errorf("run: %v, want the path %s", err, binary)
	}
}

func TestRun_RefusesPlaceholderAccount(t *testing.T) {
	shipped, err := os.ReadFile("../workflow/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(file, shipped, 0o644); err != nil {
		t.Fatal(err)
	}
	want := file + `: 123456789012 under "account" is a placeholder; enter the ID of your AWS account`
	if err := run(`{"config": "`+file+`"}`, t.TempDir()); err == nil || err.Error() != want {
		t.Errorf("run: %v, want %s", err, want)
	}
	if err := run(`{"config": "`+file+`", "local": "true"}`, t.TempDir()); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("run with local=true: %v, want only an error about the build", err)
	}
}

func TestReadContext_ReturnsConfigFile(t *testing.T) {
	for context, want := range map[string]string{
		"":                             "workflow/pipeline.yaml",
		`{"@aws-cdk/core:flag": true}`: "workflow/pipeline.yaml",
		`{"config": "other.yaml"}`:     "other.yaml",
	} {
		if got, err := readContext(context); err != nil || got.Config != want || got.Local || !got.CheckSQL {
			t.Errorf("readContext(%q) = %v, %v, want only %q", context, got, err, want)
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
