package workflow

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The diagram in the architecture page must show all transitions of the definition.
func TestArchitecture_ShowsStateMachine(t *testing.T) {
	var d struct {
		StartAt string
		States  map[string]struct {
			Next, Default string
			End           bool
			Choices       []struct{ Next string }
		}
	}
	if err := json.Unmarshal([]byte(Definition), &d); err != nil {
		t.Fatal(err)
	}
	want := []string{"[*] --> " + d.StartAt}
	for name, s := range d.States {
		for _, next := range []string{s.Next, s.Default} {
			if next != "" {
				want = append(want, name+" --> "+next)
			}
		}
		for _, c := range s.Choices {
			want = append(want, name+" --> "+c.Next)
		}
		if s.End {
			want = append(want, name+" --> [*]")
		}
	}
	text, err := os.ReadFile("../docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, diagram, _ := strings.Cut(string(text), "stateDiagram-v2")
	diagram, _, _ = strings.Cut(diagram, "```")
	var got []string
	for line := range strings.Lines(diagram) {
		if strings.Contains(line, " --> ") {
			transition, _, _ := strings.Cut(line, ":")
			got = append(got, strings.TrimSpace(transition))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(slices.Compact(want), slices.Compact(got)); diff != "" {
		t.Errorf("-definition +document\n%s", diff)
	}
}
