package nights

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of failures into docs/operations.md")

const (
	operations = "../../../docs/operations.md"
	tableBegin = "<!-- The matrix wrote this table: make matrix UPDATE=1 -->\n"
	tableEnd   = "<!-- End of the matrix's table. -->\n"
)

// compareTable wants the table of docs/operations.md to be the one that the results make.
func compareTable(t *testing.T, results []result) {
	t.Helper()
	b, err := os.ReadFile(operations)
	must(t, err)
	before, rest, found := strings.Cut(string(b), tableBegin)
	got, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		t.Fatalf("%s has no place for the table: %s%s", operations, tableBegin, tableEnd)
	}
	want := tableOf(results)
	switch {
	case got == want:
	case *update:
		must(t, os.WriteFile(operations, []byte(before+tableBegin+want+tableEnd+after), 0o644))
	default:
		t.Errorf("the table in %s is not the matrix's; make matrix UPDATE=1 writes it:\n%s", operations, want)
	}
}

// tableOf has a row for each state and error that an operator has seen, with all that led there and what the mail says to do.
func tableOf(results []result) string {
	type row struct{ state, name, todo string }
	causes := map[row]map[string]map[string]bool{}
	for _, r := range results {
		if r.notified {
			continue
		}
		for _, f := range r.failures {
			key := row{f.state, f.name, todo(f.mail)}
			if causes[key] == nil {
				causes[key] = map[string]map[string]bool{}
			}
			for _, fault := range r.faults {
				target := fault.Target
				if strings.HasPrefix(target, "view:") {
					target = "view"
				}
				if causes[key][target] == nil {
					causes[key][target] = map[string]bool{}
				}
				causes[key][target][string(fault.Kind)] = true
			}
		}
	}
	order := []string{"FindSnapshot", "StartExport", "WaitForExport", "CheckExport", "StartCrawler", "WaitForCrawler", "CheckCrawler", "CreateViews", "Prune"}
	rows := slices.SortedFunc(maps.Keys(causes), func(a, b row) int {
		if d := slices.Index(order, a.state) - slices.Index(order, b.state); d != 0 {
			return d
		}
		return strings.Compare(a.name+a.todo, b.name+b.todo)
	})
	var text strings.Builder
	text.WriteString("\n| in | you see | provoked by | what to do |\n|---|---|---|---|\n")
	for _, r := range rows {
		var list []string
		for _, target := range slices.Sorted(maps.Keys(causes[r])) {
			list = append(list, "`"+target+"`: "+strings.Join(slices.Sorted(maps.Keys(causes[r][target])), ", "))
		}
		fmt.Fprintf(&text, "| %s | `%s` | %s | %s |\n", r.state, r.name, strings.Join(list, "; "), r.todo)
	}
	text.WriteString("\n")
	return text.String()
}

// todo is what a mail says to do, without what depends on the night.
func todo(mail string) string {
	m := regexp.MustCompile(`(?m)^What to do: (.*)$`).FindStringSubmatch(mail)
	if m == nil {
		return ""
	}
	return regexp.MustCompile(` This is possible until [^.]*\.`).ReplaceAllString(m[1], "")
}
