package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkMake measures build and test times in a fresh clone of the last commit. Go's and npm's caches already contain the compiled
// dependencies, but not the compiled project, because Go's cache keys depend on the folder.
func BenchmarkMake(b *testing.B) {
	root := filepath.Join(b.TempDir(), "snaplake")
	execute(b, exec.CommandContext(b.Context(), "git", "clone", "--quiet", "../..", root))
	for _, step := range []struct {
		name, target string
		// edit, if set, changes a file of the clone before the measurement.
		edit       func(*testing.B, string)
		times      int
		maxSeconds float64
	}{
		{"make run, first", "run", nil, 1, 90},
		{"make run, unchanged", "run", nil, 3, 5},
		{"make test", "test", nil, 1, 300},
		// The edits come last, because make test compares documents with the configuration.
		{"make run, a function changed", "run", changeFunction, 1, 25},
		{"make run, a setting changed", "run", changeSetting, 1, 25},
	} {
		if step.edit != nil {
			step.edit(b, root)
		}
		var took []float64
		for range step.times {
			began := time.Now()
			runMake(b, root, step.target)
			took = append(took, time.Since(began).Seconds())
		}
		slices.Sort(took)
		b.Run(step.name, func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(took[len(took)/2], "s")
			b.ReportMetric(step.maxSeconds, "max-s")
		})
	}
}

func runMake(b *testing.B, root, target string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), "make", target)
	cmd.Dir = root
	// The variables that an outer make passes down apply to this project, not to the clone.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "CONFIG", "DATABASE", "CDK_OUT", "CDK_FLAGS"}, name)
	})
	execute(b, cmd)
}

func execute(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", cmd, err, out[max(0, len(out)-4000):])
	}
}

func changeFunction(b *testing.B, root string) {
	edit(b, filepath.Join(root, "functions/checkexport/main.go"), func(text string) string { return text + "\nvar _ = \"changed\"\n" })
}

func changeSetting(b *testing.B, root string) {
	edit(b, filepath.Join(root, "local/sample/pipeline.yaml"), func(text string) string { return strings.Replace(text, "keep: 5", "keep: 4", 1) })
}

func edit(b *testing.B, file string, change func(string) string) {
	b.Helper()
	old, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	text := change(string(old))
	if text == string(old) {
		b.Fatalf("%s does not contain the text to change", file)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}
