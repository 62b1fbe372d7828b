package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// makefile is a project with everything built, a minute after its files were written.
type makefile struct {
	dir   string
	built time.Time
}

func builtProject(t *testing.T) makefile {
	t.Helper()
	m := makefile{t.TempDir(), time.Now().Add(-time.Hour)}
	text, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m.write(t, "Makefile", string(text), -time.Minute)
	for _, file := range []string{
		"go.work", "VERSION", "cdk.json", "package.json", "package-lock.json", "functions/a.go", "infra/a.go", "local/a.go", "workflow/a.go",
		"workflow/pipeline.yaml", "workflow/views/shop/a.sql", "local/testdata/pipeline.yaml", "local/testdata/views/billing/a.sql",
	} {
		m.write(t, file, "", -time.Minute)
	}
	for i, target := range []string{
		"node_modules/.package-lock.json", "dist/config", "dist/lambda/.built", "dist/bin/infra", "dist/bin/.built", "cdk.out/manifest.json", "dist/cdk.test/manifest.json",
	} {
		m.write(t, target, "", time.Duration(i)*time.Second)
	}
	return m
}

// write writes a file that is as much newer than the build as after says.
func (m makefile) write(t *testing.T, name, text string, after time.Duration) {
	t.Helper()
	file := filepath.Join(m.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	at := m.built.Add(after)
	for path := file; path != m.dir; path = filepath.Dir(path) { // a folder changes with what is in it
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

// makes returns what make would do.
func (m makefile) makes(t *testing.T) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "make", "-n", "--old-file=dist/config", "cdk.out/manifest.json", "dist/cdk.test/manifest.json", "dist/bin/.built")
	c.Dir = m.dir
	c.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=", "CONFIG=workflow/pipeline.yaml")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("make: %v\n%s", err, out)
	}
	var does []string
	for _, what := range []string{"building the functions", "building the CDK app", "building the local AWS", "synthesizing the stack'", "synthesizing the stack of the tests"} {
		if strings.Contains(string(out), what) {
			does = append(does, strings.Trim(what, "'"))
		}
	}
	return strings.Join(does, ", ")
}

func TestMake_RebuildsForAnyFileName(t *testing.T) {
	for file, want := range map[string]string{
		"workflow/a b.go":                  "building the functions, building the CDK app, building the local AWS, synthesizing the stack, synthesizing the stack of the tests",
		"functions/ü/100%.go":              "building the functions, building the local AWS, synthesizing the stack, synthesizing the stack of the tests",
		"infra/a#b $c.go":                  "building the CDK app, synthesizing the stack, synthesizing the stack of the tests",
		"local/日本: a=b;|.go":               "building the local AWS",
		"workflow/views/shop/a b.sql":      "synthesizing the stack",
		"workflow/views/of mine/a.sql":     "synthesizing the stack",
		"local/testdata/views/b c/a b.sql": "synthesizing the stack of the tests",
		"workflow/copy of a.yaml":          "",
		"workflow/a b_test.go":             "",
		"functions/testdata/a b.go":        "",
	} {
		m := builtProject(t)
		m.write(t, file, "", -time.Minute)
		if got := m.makes(t); got != "" {
			t.Errorf("%s is older than what is built: %s", file, got)
		}
		m.write(t, file, "", time.Minute)
		if got := m.makes(t); got != want {
			t.Errorf("%s is newer than what is built:\ngot  %s\nwant %s", file, got, want)
		}
	}
}

func TestMake_SynthesizesAfterRemovalOfView(t *testing.T) {
	m := builtProject(t)
	if err := os.Remove(filepath.Join(m.dir, "workflow/views/shop/a.sql")); err != nil {
		t.Fatal(err)
	}
	after := m.built.Add(time.Minute)
	if err := os.Chtimes(filepath.Join(m.dir, "workflow/views/shop"), after, after); err != nil {
		t.Fatal(err)
	}
	if got := m.makes(t); got != "synthesizing the stack" {
		t.Errorf("make does: %s", got)
	}
}

// A lock of Emacs, for example .#a.sql, is a link to a file that does not exist.
func TestMake_IgnoresLocksOfEditors(t *testing.T) {
	m := builtProject(t)
	for _, link := range []string{"workflow/views/shop/.#a.sql", "functions/.#a.go"} {
		if err := os.Symlink("me@here.1234:1", filepath.Join(m.dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	m.makes(t)
}
