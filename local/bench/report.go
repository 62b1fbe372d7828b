package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// What a whole run writes.
const (
	jsonFile = ".local/bench.json"
	document = "docs/performance.md"
	begin    = "<!-- make bench wrote this table. -->\n"
	end      = "<!-- End of the table. -->\n"
)

// report is a whole run.
type report struct {
	At       time.Time `json:"at"`
	Machine  machine   `json:"machine"`
	Sections []section `json:"sections"`
}

// missed are the figures that do not keep to their bounds, and do not say why they cannot.
func (r report) missed() []error {
	var errs []error
	for _, s := range r.Sections {
		for _, f := range s.Figures {
			if !f.keeps() && f.Why == "" {
				errs = append(errs, fmt.Errorf("%s: %s", s.Title, strings.Join(f.cells()[:3], ", ")))
			}
		}
	}
	return errs
}

func (r report) write() error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(".local", 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(jsonFile, append(b, '\n'), 0o600); err != nil {
		return err
	}
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return fmt.Errorf("%s has no place for the table: %s%s", document, begin, end)
	}
	return os.WriteFile(document, []byte(before+begin+r.markdown()+end+after), 0o644)
}

// markdown is the table of the document, with the reasons for the bounds that are missed below it.
func (r report) markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "\n%s, on %s.\n\n", r.At.Format(time.DateOnly), r.Machine)
	row := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
	row(heads)
	text.WriteString("|---|--:|--:|--:|--:|\n")
	var reasons []string
	for _, s := range r.Sections {
		row([]string{"**" + s.Title + "**", "", "", "", ""})
		for _, f := range s.Figures {
			row(f.cells())
			if f.Why != "" {
				reasons = append(reasons, fmt.Sprintf("- %s: %s\n", f.Name, f.Why))
			}
		}
	}
	text.WriteString("\n" + strings.Join(reasons, ""))
	return strings.TrimRight(text.String(), "\n") + "\n\n"
}
