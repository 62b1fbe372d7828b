package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// makefile is a project in which everything was built one minute after its files were written.
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
		"go.work", "VERSION", "cdk.json", "package.json", "package-lock.json",
		"functions/a.go", "infra/a.go", "local/a.go", "workflow/a.go", "workflow/sqlsyntax/parse.mjs", "workflow/sqlsyntax/functions.txt",
		"workflow/pipeline.yaml", "workflow/views/shop/a.sql", "local/sample/pipeline.yaml", "local/sample/views/shop/a.sql",
		"local/testdata/pipeline.yaml", "local/testdata/views/billing/a.sql",
	} {
		m.write(t, file, "", -time.Minute)
	}
	for i, target := range []string{
		"node_modules/.package-lock.json", "dist/config", "dist/lambda/.built", "dist/local/.built", "dist/bin/infra", "dist/bin/.built", "dist/trino.cjs",
		"cdk.out/manifest.json", "dist/cdk.sample/manifest.json", "dist/cdk.test/manifest.json",
	} {
		m.write(t, target, "", time.Duration(i)*time.Second)
	}
	return m
}

// write writes a file whose modification time is the given duration after the build.
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
	for path := file; path != m.dir; path = filepath.Dir(path) { // writing a file also changes its folder's modification time
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

// run returns the commands that make would run.
func (m makefile) run(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "make", append([]string{"-n", "--old-file=dist/config"}, args...)...)
	c.Dir = m.dir
	c.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=", "CONFIG=workflow/pipeline.yaml")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("make: %v\n%s", err, out)
	}
	return string(out)
}

// plan returns what make would build for a deployment, the stack, the tests' stack and the local AWS.
func (m makefile) plan(t *testing.T) string {
	t.Helper()
	out := m.run(t, "build", "cdk.out/manifest.json", "dist/cdk.sample/manifest.json", "dist/cdk.test/manifest.json", "dist/bin/.built")
	var does []string
	for _, what := range []string{"the functions", "the CDK app", "the local AWS", "the stack", "the stack of the sample", "the stack of the tests"} {
		if strings.Contains(out, "ing "+what+" for") || strings.Contains(out, "ing "+what+"'") {
			does = append(does, what)
		}
	}
	return strings.Join(does, ", ")
}

func TestMake_DeploysWithoutCCompiler(t *testing.T) {
	m := builtProject(t)
	m.write(t, "workflow/a.go", "", time.Minute)
	for line := range strings.Lines(m.run(t, "deploy", "doctor", "destroy")) {
		if strings.Contains(line, "C compiler") || strings.Contains(line, "go build") && !strings.Contains(line, "CGO_ENABLED=0") {
			t.Error(line)
		}
	}
}

// The local AWS needs neither the functions for Lambda nor npm.
func TestMake_RunsWithoutBuildForDeployment(t *testing.T) {
	m := builtProject(t)
	for _, file := range []string{"functions/a.go", "infra/a.go", "package.json"} {
		m.write(t, file, "", time.Minute)
	}
	for line := range strings.Lines(m.run(t, "run")) {
		if strings.Contains(line, "arm64") || strings.Contains(line, "npm") {
			t.Error(line)
		}
	}
}

// A newcomer's first run takes only the time to build the programs.
func TestMake_BundlesSQLParserOnlyForOwnViews(t *testing.T) {
	const user = "DATABASE=mysql://reader@127.0.0.1/shop"
	for name, test := range map[string]struct {
		hasViews bool
		args     []string
		want     bool
	}{
		"run of the sample":               {true, []string{"run"}, false},
		"run without views":               {false, []string{"run", user}, false},
		"run with views":                  {true, []string{"run", user}, true},
		"synth with views":                {true, []string{"synth"}, true},
		"build, which the CDK runs":       {false, []string{"build"}, true},
		"the tests' stacks, of make soak": {true, []string{"dist/cdk.test/manifest.json"}, false},
	} {
		m := builtProject(t)
		if !test.hasViews {
			if err := os.RemoveAll(filepath.Join(m.dir, "workflow/views/shop")); err != nil {
				t.Fatal(err)
			}
			m.write(t, "workflow/views/README.md", "", -time.Minute)
		}
		m.write(t, "package.json", "", time.Minute)
		if got := strings.Contains(m.run(t, test.args...), "bundling the SQL parser"); got != test.want {
			t.Errorf("%s: bundles the parser: %t, want %t", name, got, test.want)
		}
	}
}

func TestMake_ChecksSQLOfOwnViews(t *testing.T) {
	m := builtProject(t)
	m.write(t, "workflow/pipeline.yaml", "", time.Minute)
	m.write(t, "local/sample/pipeline.yaml", "", time.Minute)
	const unchecked = `checkSQL: "false"`
	if out := m.run(t, "cdk.out/manifest.json"); strings.Contains(out, unchecked) {
		t.Errorf("make synth does not check the SQL:\n%s", out)
	}
	if out := m.run(t, "dist/cdk.sample/manifest.json"); !strings.Contains(out, unchecked) {
		t.Errorf("make run of the sample checks the SQL, for which it needs npm:\n%s", out)
	}
}

// commands returns a folder with links to the given commands and to those that every recipe uses.
func commands(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range append(names, "make", "bash", "sh", "cat", "find", "head", "sed", "env", "mkdir", "touch", "awk", "cmp") {
		file, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(file, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// script writes a command that prints a line, and returns its folder.
func script(t *testing.T, name, line string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho '"+line+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestMake_NamesMissingTools(t *testing.T) {
	all := commands(t, "go", "node", "gcc")
	for _, c := range []struct{ name, path, variable, want string }{
		{"Go", commands(t, "node", "gcc"), "", "Go is missing: install Go 1.26 or newer"},
		{"a new Go", script(t, "go", "go1.25.3") + ":" + all, "", "Go 1.25 is too old: install Go 1.26 or newer"},
		{"Node.js", commands(t, "go", "gcc"), "", "Node.js is missing: install Node.js 20 or newer"},
		{"a C compiler", commands(t, "go", "node"), "CC=", "a C compiler is missing (gcc): install gcc, or set CC=clang"},
		{"cgo", all, "CGO_ENABLED=0", "CGO_ENABLED is 0: unset it, or set CGO_ENABLED=1, because DuckDB needs cgo"},
		{"nothing", all, "CGO_ENABLED=1", ""},
	} {
		t.Run("without "+c.name, func(t *testing.T) {
			m := builtProject(t)
			cmd := exec.CommandContext(t.Context(), "make", "--silent", "compiler")
			cmd.Dir = m.dir
			cmd.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=", "GOTOOLCHAIN=local", "GOWORK=off", "PATH="+c.path, c.variable)
			out, err := cmd.CombinedOutput()
			text, _, _ := strings.Cut(string(out), "\nmake: ***")
			if (err != nil) != (c.want != "") || !strings.HasPrefix(text, c.want) || strings.Contains(text, "\n") {
				t.Errorf("make printed %q, %v; want %q", text, err, c.want)
			}
		})
	}
}

func TestMake_ReportsMissingCompilerBeforeItBuilds(t *testing.T) {
	m := builtProject(t)
	m.write(t, "infra/a.go", "", time.Minute)
	out := m.run(t, "run")
	if compiler, app := strings.Index(out, "C compiler"), strings.Index(out, "building the CDK app"); compiler < 0 || compiler > app {
		t.Errorf("make run would build the CDK app before it checks for the C compiler:\n%s", out)
	}
}

// A container's user, for example, might not have a home folder.
func TestMake_KeepsCachesInDistWithoutHome(t *testing.T) {
	m := builtProject(t)
	m.write(t, "home.mk", "include Makefile\nhome:\n\t@echo $$HOME $$GOFLAGS\n", 0)
	for home, want := range map[string]string{
		"HOME=":               m.dir + "/dist/home",
		"HOME=/does/not/be":   m.dir + "/dist/home",
		"HOME=" + t.TempDir(): "",
	} {
		cmd := exec.CommandContext(t.Context(), "make", "--silent", "-f", "home.mk", "home")
		cmd.Dir = m.dir
		cmd.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=", "GOFLAGS=-x", home)
		out, err := cmd.CombinedOutput()
		got := strings.TrimSpace(string(out))
		if want != "" {
			want += " -x -modcacherw"
		} else {
			want = strings.TrimPrefix(home, "HOME=") + " -x"
		}
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", home, got, err, want)
		}
	}
}

func TestMake_RebuildsForAnyFileName(t *testing.T) {
	for file, want := range map[string]string{
		"workflow/a b.go":                  "the functions, the CDK app, the local AWS, the stack, the stack of the sample, the stack of the tests",
		"functions/ü/100%.go":              "the functions, the local AWS",
		"infra/a#b $c.go":                  "the CDK app, the stack, the stack of the sample, the stack of the tests",
		"local/日本: a=b;|.go":               "the local AWS",
		"workflow/views/shop/a b.sql":      "the stack",
		"workflow/views/of mine/a.sql":     "the stack",
		"local/sample/views/b c/a b.sql":   "the stack of the sample",
		"local/testdata/views/b c/a b.sql": "the stack of the tests",
		"workflow/copy of a.yaml":          "",
		"workflow/a b_test.go":             "",
		"functions/testdata/a b.go":        "",
	} {
		m := builtProject(t)
		m.write(t, file, "", -time.Minute)
		if got := m.plan(t); got != "" {
			t.Errorf("%s is older than the build, but make would build %s", file, got)
		}
		m.write(t, file, "", time.Minute)
		if got := m.plan(t); got != want {
			t.Errorf("%s is newer than the build: make would build %q, want %q", file, got, want)
		}
	}
}

func TestMake_SynthesizesAfterViewIsRemoved(t *testing.T) {
	m := builtProject(t)
	if err := os.Remove(filepath.Join(m.dir, "workflow/views/shop/a.sql")); err != nil {
		t.Fatal(err)
	}
	after := m.built.Add(time.Minute)
	if err := os.Chtimes(filepath.Join(m.dir, "workflow/views/shop"), after, after); err != nil {
		t.Fatal(err)
	}
	if got := m.plan(t); got != "the stack" {
		t.Errorf("make would build %q, want only the stack", got)
	}
}

func TestMake_UsesStackOfLastRun(t *testing.T) {
	for name, test := range map[string]struct {
		assembly string // of the last run, or ""
		args     []string
		want     string
	}{
		"run":                      {"cdk.out", []string{"run"}, "the sample"},
		"run of own database":      {"", []string{"run", "DATABASE=mysql://reader@127.0.0.1/shop"}, "the user"},
		"views without a run":      {"", []string{"views"}, "the sample"},
		"views of the sample":      {"dist/cdk.sample", []string{"views"}, "the sample"},
		"views of own database":    {"cdk.out", []string{"views"}, "the user"},
		"serve after the sample":   {"dist/cdk.sample", []string{"serve"}, "the sample"},
		"serve after own database": {"cdk.out", []string{"serve"}, "the user"},
		"serve of own database":    {"", []string{"serve", "DATABASE=export:path"}, "the user"},
	} {
		t.Run(name, func(t *testing.T) {
			m := builtProject(t)
			if test.assembly != "" {
				m.write(t, ".local/lake/assembly", test.assembly+"\n", 0)
			}
			m.write(t, "workflow/pipeline.yaml", "", time.Hour)
			m.write(t, "local/sample/pipeline.yaml", "", time.Hour)
			got := "the user"
			if strings.Contains(m.run(t, test.args...), "synthesizing the stack of the sample") {
				got = "the sample"
			}
			if got != test.want {
				t.Errorf("uses the stack of %s, want that of %s", got, test.want)
			}
		})
	}
}

func TestMake_PassesDatabaseUnchanged(t *testing.T) {
	m := builtProject(t)
	m.write(t, "dist/bin/local", "#!/bin/sh\nfor last; do :; done; echo \"$last\"\n", -time.Minute)
	if err := os.Chmod(filepath.Join(m.dir, "dist/bin/local"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"run", "serve"} {
		const database = `mysql://reader:a$b$(c)#d'e"f g\h%24@127.0.0.1/shop`
		c := exec.CommandContext(t.Context(), "make", "--old-file=dist/config", command, "DATABASE="+database)
		c.Dir, c.Env = m.dir, append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=")
		out, err := c.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != database {
			t.Errorf("make %s passes %s, want %s (%v)", command, got, database, err)
		}
	}
}

func TestMake_ForgetsConfigurationThatDoesNotExist(t *testing.T) {
	m := builtProject(t)
	m.write(t, "dist/config", "workflow/pipeline.yaml\n", 0)
	c := exec.CommandContext(t.Context(), "make", "dist/config", "CONFIG=nowhere.yaml")
	c.Dir = m.dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if b, err := os.ReadFile(filepath.Join(m.dir, "dist/config")); err != nil || string(b) != "workflow/pipeline.yaml\n" {
		t.Errorf("dist/config is %q, %v", b, err)
	}
}

// Emacs creates a lock file, for example .#a.go, as a link to a file that does not exist.
func TestMake_IgnoresEditorLockFiles(t *testing.T) {
	m := builtProject(t)
	if err := os.Symlink("me@here.1234:1", filepath.Join(m.dir, "functions/.#a.go")); err != nil {
		t.Fatal(err)
	}
	m.plan(t)
}
