package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// What a person changes between two runs, seen from the root of the project: a log text of a function, and a setting.
var (
	aLogText = edit{"functions/checkexport/verify.go", "a pattern of tables matches no table", "a pattern of tables matches none"}
	aSetting = edit{"workflow/pipeline.yaml", "keep: 5", "keep: 4"}
)

// step is a make after a change; the zero edit changes nothing.
type step struct {
	name   string
	edit   edit
	target string
	// times is how often it is made, of which the median counts.
	times int
	// limit is the bound, in seconds.
	limit float64
}

// buildSteps are in the order in which they are made, each over what those before it have built.
func buildSteps() []step {
	return []step{
		{"make run, the first", edit{}, "run", 1, 90},
		{"make run, nothing changed", edit{}, "run", 3, 10},
		{"make test after it, all tests anew", edit{}, "test", 1, 300},
		// Last, since tests read logs, and documents that show the configuration.
		{"make run, a line of a function changed", aLogText, "run", 1, 25},
		{"make run, a setting changed", aSetting, "run", 1, 25},
	}
}

// measureBuild measures what a developer waits for, in a fresh clone. Go's and npm's caches are those of the machine, so that what
// others wrote is compiled and downloaded already. The project itself is not, since Go's cache knows it by its folder.
func measureBuild(ctx context.Context) (_ section, err error) {
	c, err := newClone(ctx)
	if err != nil {
		return section{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.dir)) }()
	s := section{}
	if s.Title, err = c.title(ctx); err != nil {
		return section{}, err
	}
	for _, step := range buildSteps() {
		seconds, err := c.median(ctx, step)
		if err != nil {
			return section{}, fmt.Errorf("%s: %w", step.name, err)
		}
		f := figure{Name: step.name, Value: seconds, Unit: "s", Bound: atMost(step.limit)}
		if len(s.Figures) > 0 && step.target == "run" {
			f.Peer = &peer{Name: "the first", Value: s.Figures[0].Value}
		}
		s.Figures = append(s.Figures, f)
	}
	return s, nil
}

// clone is a fresh one of what is committed.
type clone struct{ dir string }

func newClone(ctx context.Context) (clone, error) {
	dir, err := os.MkdirTemp("", "bench-build-")
	if err != nil {
		return clone{}, err
	}
	if out, err := exec.CommandContext(ctx, "git", "clone", "--quiet", ".", filepath.Join(dir, "snaplake")).CombinedOutput(); err != nil {
		_ = os.RemoveAll(dir) // the clone's own error says more
		return clone{}, fmt.Errorf("git clone: %w: %s", err, out)
	}
	return clone{dir}, nil
}

// root is the project's.
func (c clone) root() string { return filepath.Join(c.dir, "snaplake") }

// title says what was measured.
func (clone) title(ctx context.Context) (string, error) {
	changes, err := exec.CommandContext(ctx, "git", "status", "--porcelain").Output()
	if err != nil {
		return "", fmt.Errorf("git status: %w", err)
	}
	title := "Build of a fresh clone, with the machine's caches of Go and npm"
	if len(changes) > 0 {
		title += "; what is not committed is not in it"
	}
	return title, nil
}

// median is how many seconds a step takes.
func (c clone) median(ctx context.Context, s step) (float64, error) {
	if err := s.edit.make(c.root()); err != nil {
		return 0, err
	}
	took := make([]float64, s.times)
	for i := range took {
		var err error
		if took[i], err = c.make(ctx, s.target); err != nil {
			return 0, err
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// make makes a target and returns the seconds that it took.
func (c clone) make(ctx context.Context, target string) (float64, error) {
	log, err := os.Create(filepath.Join(c.dir, "make.txt"))
	if err != nil {
		return 0, err
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, "make", target)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.root(), log, log
	// What they leave in their temporary folder when they are stopped goes with the clone.
	cmd.Env = append(withoutMake(os.Environ()), "TMPDIR="+c.dir)
	// make starts others, which have to end with it: all of the group are told, as Ctrl-C tells them.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	began := time.Now()
	err = cmd.Run()
	took := time.Since(began).Seconds()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err != nil {
		return 0, fmt.Errorf("make %s: %w; its output ended with\n%s", target, err, lastLines(log.Name()))
	}
	return took, nil
}

// withoutMake leaves out what the make above says to those below it: this is another project's.
func withoutMake(environment []string) []string {
	var rest []string
	for _, variable := range environment {
		switch name, _, _ := strings.Cut(variable, "="); name {
		case "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "CONFIG", "CDK_OUT", "CDK_FLAGS":
		default:
			rest = append(rest, variable)
		}
	}
	return rest
}

// shownLines is how much of the output of a make that failed is shown.
const shownLines = 40

func lastLines(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.SplitAfter(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-shownLines):], "")
}

// edit is a change of a file: one text for another. The zero one is none.
type edit struct{ file, old, new string }

func (e edit) make(root string) error {
	if e == (edit{}) {
		return nil
	}
	file := filepath.Join(root, e.file)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(text), e.old)
	if !found {
		return fmt.Errorf("%s has no %q any more, which the benchmark changes: name another text of it in build.go", e.file, e.old)
	}
	return os.WriteFile(file, []byte(before+e.new+after), 0o644)
}
