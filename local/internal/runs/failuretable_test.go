package runs

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"snaplake/local/internal/fault"
)

var update = flag.Bool("update", false, "update the table of failures in docs/operations.md")

const (
	operations = "../../../docs/operations.md"
	tableBegin = "<!-- The matrix wrote this table: make matrix UPDATE=1 -->\n"
	tableEnd   = "<!-- End of the matrix's table. -->\n"
)

// compareTable compares the table in docs/operations.md with the results.
func compareTable(t *testing.T, results []result) {
	t.Helper()
	b, err := os.ReadFile(operations)
	must(t, err)
	before, rest, found := strings.Cut(string(b), tableBegin)
	got, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		t.Fatalf("%s does not contain the markers of the table: %s%s", operations, tableBegin, tableEnd)
	}
	want := tableOf(results)
	switch {
	case got == want:
	case *update:
		must(t, os.WriteFile(operations, []byte(before+tableBegin+want+tableEnd+after), 0o644))
	default:
		t.Errorf("the table in %s is out of date; to update it, run make matrix UPDATE=1:\n%s", operations, want)
	}
}

// failureKey identifies a row of the table: the name of an error and the remedy in its email.
type failureKey struct{ name, todo string }

// occurrences holds the states in which an error occurred, and the faults that caused it: the kinds of faults by target.
type occurrences struct {
	states map[string]bool
	causes map[string]map[string]bool
}

// tableOf returns a table with one row for each error and remedy in an email, followed by a list of the faults that caused no email.
func tableOf(results []result) string {
	seen := map[failureKey]occurrences{}
	unseen := map[string]bool{}
	for _, r := range results {
		if r.notified {
			continue
		}
		if !r.lasting {
			for _, f := range r.faults {
				unseen[string(f.Kind)] = true
			}
		}
		for _, f := range r.failures {
			key := failureKey{f.name, todo(f.mail)}
			if seen[key].states == nil {
				seen[key] = occurrences{map[string]bool{}, map[string]map[string]bool{}}
			}
			seen[key].states[f.state] = true
			for _, fault := range r.faults {
				seen[key].add(fault, r.lasting)
			}
		}
	}
	var text strings.Builder
	text.WriteString("\n| error | failed state | injected faults | what to do before the redrive |\n|---|---|---|---|\n")
	byName := func(a, b failureKey) int { return strings.Compare(a.name+a.todo, b.name+b.todo) }
	for _, key := range slices.SortedFunc(maps.Keys(seen), byName) {
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", key.name, statesOf(seen[key]), causesOf(seen[key]), key.todo)
	}
	for _, s := range seen {
		for _, kinds := range s.causes {
			for kind := range kinds {
				delete(unseen, kind)
			}
		}
	}
	var codes, kinds []string
	for _, kind := range slices.Sorted(maps.Keys(unseen)) {
		if isCode(fault.Kind(kind)) {
			codes = append(codes, kind)
		} else {
			kinds = append(kinds, kind)
		}
	}
	fmt.Fprintf(&text, "\nRetries absorb these AWS errors: %s. They also absorb these injected faults: %s.\n\n",
		strings.Join(codes, ", "), strings.Join(kinds, ", "))
	return text.String()
}

// add adds a fault to the causes. Faults that fit every call, and faults of functions, are grouped regardless of their targets.
func (s occurrences) add(f fault.Fault, lasting bool) {
	target, kind := "`"+f.Target+"`", string(f.Kind)
	switch {
	case strings.HasPrefix(f.Target, "view:"):
		target = "a view"
	case f.Target == "export" || f.Target == "crawl":
		target = "the " + f.Target
	case strings.HasPrefix(f.Target, "lambda."):
		target = "the function"
	case f.Kind == fault.Denied || f.Kind == fault.ServerError:
		target = "a call"
	}
	if lasting {
		kind += " on every attempt"
	}
	if s.causes[target] == nil {
		s.causes[target] = map[string]bool{}
	}
	s.causes[target][kind] = true
}

func statesOf(s occurrences) string {
	order := []string{"FindSnapshot", "StartExport", "WaitForExport", "CheckExport", "StartCrawler", "CheckCrawler", "CreateViews", "Prune"}
	tasks := 0
	var states []string
	for _, state := range order {
		if s.states[state] {
			states = append(states, state)
			if !strings.HasPrefix(state, "WaitFor") {
				tasks++
			}
		}
	}
	if tasks == len(order)-1 {
		return "every task"
	}
	return strings.Join(states, ", ")
}

func causesOf(s occurrences) string {
	var list []string
	for _, target := range slices.Sorted(maps.Keys(s.causes)) {
		list = append(list, target+": "+strings.Join(slices.Sorted(maps.Keys(s.causes[target])), ", "))
	}
	return strings.Join(list, "; ")
}

// todo returns what an email tells the user to do before the redrive.
func todo(mail string) string {
	m := regexp.MustCompile(`(?m)^What to do: (.*)$`).FindStringSubmatch(mail)
	if m == nil {
		return ""
	}
	remedy, _, _ := strings.Cut(m[1], " Then redrive the execution")
	return remedy
}
