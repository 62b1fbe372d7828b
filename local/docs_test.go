package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/cloud"
)

var update = flag.Bool("update", false, "update the command output in docs/views.md")

const (
	viewsDoc = "../docs/views.md"
	// docBegin is the start time of the first run in the document.
	docBegin = "2026-11-21T17:05:12Z"
	// cut marks omitted lines in the document.
	cut = "    ..."
)

// TestViewsDoc_ShowsCommandOutput runs the commands of docs/views.md in order, on one data lake. Each command is the first line of an
// indented block, and its output follows.
func TestViewsDoc_ShowsCommandOutput(t *testing.T) {
	text, err := os.ReadFile(viewsDoc)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	lines := strings.Split(string(text), "\n")
	var document []string
	commands := 0
	for len(lines) > 0 {
		n := blockLength(lines)
		if n == 0 {
			document, lines = append(document, lines[0]), lines[1:]
			continue
		}
		asked, shown := splitBlock(lines[:n])
		document, lines = append(document, asked...), lines[n:]
		if len(shown) > 0 {
			commands++
			shown = checkOutput(t, strings.Join(asked, " "), dir, shown)
			document = append(append(document, ""), shown...)
		}
	}
	if commands < 10 {
		t.Errorf("only %d commands with output were found", commands)
	}
	if *update {
		if err := os.WriteFile(viewsDoc, []byte(strings.Join(document, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checkGrammar(t, savedViews(t, filepath.Join(dir, lakeFolder)))
}

// savedViews returns the SQL of the views of a lake.
func savedViews(t *testing.T, lake string) map[string]string {
	t.Helper()
	aws, database, err := cloud.OpenSaved(lake, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	defer aws.Close()
	views, err := definitions(t.Context(), aws, database)
	if err != nil {
		t.Fatal(err)
	}
	statements := map[string]string{}
	for name, v := range views {
		statements["view "+name] = v.SQL
	}
	return statements
}

// blockLength returns the number of lines in the indented block that starts with a command at lines[0], or 0 if there is none.
func blockLength(lines []string) int {
	if !strings.HasPrefix(lines[0], "    go run ./local ") {
		return 0
	}
	end := slices.IndexFunc(lines, func(line string) bool { return line != "" && !strings.HasPrefix(line, "    ") })
	if end < 0 {
		end = len(lines)
	}
	for lines[end-1] == "" {
		end--
	}
	return end
}

// splitBlock splits a block into a command and its output, at the first empty line.
func splitBlock(block []string) (asked, shown []string) {
	if i := slices.Index(block, ""); i >= 0 {
		return block[:i], block[i+1:]
	}
	return block, nil
}

// checkOutput runs a command on the data lake in dir and returns the part of its output that the document should show.
func checkOutput(t *testing.T, asked, dir string, shown []string) []string {
	t.Helper()
	args := words(asked)[len([]string{"go", "run", "./local"}):]
	if args[0] == "run" {
		args = append(args, fast)
	}
	c := command(t, append(args, "--dir", dir)...)
	c.Env = append(c.Env, "SNAPLAKE_BEGIN="+docBegin)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s\n%v: %s", asked, err, &stderr)
	}
	want, err := excerpt(shown, indented(string(out)))
	if err != nil {
		t.Fatalf("%s\n%v", asked, err)
	}
	diff := cmp.Diff(masked(want), masked(shown))
	if diff == "" {
		return shown
	}
	if !*update {
		t.Errorf("%s\nthe output differs from docs/views.md; to update the document, use -update: %s", asked, diff)
	}
	return want
}

// word matches an argument in a command line, with or without quotes.
var word = regexp.MustCompile(`"([^"]*)"|(\S+)`)

func words(line string) []string {
	var all []string
	for _, m := range word.FindAllStringSubmatch(line, -1) {
		all = append(all, m[1]+m[2])
	}
	return all
}

// indented returns the lines of a text, indented like a block of the document.
func indented(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "    " + line
		}
	}
	return lines
}

// excerpt omits the printed lines that the document omits. Between two cuts, it keeps the printed lines from the first to the last line
// that the document shows there.
func excerpt(shown, printed []string) ([]string, error) {
	if !slices.Contains(shown, cut) {
		return printed, nil
	}
	var lines []string
	for len(shown) > 0 {
		if shown[0] == cut {
			lines, shown = append(lines, cut), shown[1:]
			continue
		}
		n := slices.Index(append(slices.Clone(shown), cut), cut)
		first := find(printed, shown[0])
		if first < 0 {
			return nil, fmt.Errorf("docs/views.md shows a line that is not printed there: %s", shown[0])
		}
		printed = printed[first:]
		last := find(printed, shown[n-1])
		if last < 0 {
			return nil, fmt.Errorf("docs/views.md shows a line that is not printed there: %s", shown[n-1])
		}
		lines, printed, shown = append(lines, printed[:last+1]...), printed[last+1:], shown[n:]
	}
	return lines, nil
}

// find returns the index of a line, or -1.
func find(lines []string, line string) int {
	return slices.Index(masked(lines), masked([]string{line})[0])
}

// inexact matches output that differs between two runs: durations, the end of a run, and the sizes of exports whose manifests contain times.
var inexact = regexp.MustCompile(`\d+:\d\d:\d\d  |\d+ │ (?:kept|expired)|run ended at \S+ \S+`)

func masked(lines []string) []string {
	masked := make([]string, len(lines))
	for i, line := range lines {
		masked[i] = inexact.ReplaceAllString(line, "~")
	}
	return masked
}
