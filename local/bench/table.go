package main

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// part is a generated part of a document.
type part struct {
	document string
	// name appears in the comments that mark the start and the end of the part.
	name   string
	render func([]result) (string, error)
	// reproducible means that every measurement produces the same text, apart from the numbers after "about".
	reproducible bool
}

// column is a metric in a table.
type column struct{ unit, head string }

// table returns a function that renders results as a Markdown table. The function omits rows that have no values, and returns an error for
// a column that has no values.
func table(head string, columns ...column) func([]result) (string, error) {
	return func(results []result) (string, error) {
		var text strings.Builder
		fmt.Fprintf(&text, "| %s |", head)
		for _, c := range columns {
			if !slices.ContainsFunc(results, func(r result) bool { _, ok := r.metrics[c.unit]; return ok }) {
				return "", fmt.Errorf("no benchmark reports %s", c.unit)
			}
			fmt.Fprintf(&text, " %s |", c.head)
		}
		text.WriteString("\n|---|" + strings.Repeat("--:|", len(columns)) + "\n")
		for _, r := range results {
			cells := make([]string, len(columns))
			for i, c := range columns {
				cells[i], _ = r.cell(c.unit)
			}
			if strings.Join(cells, "") != "" {
				fmt.Fprintf(&text, "| %s | %s |\n", r.name, strings.Join(cells, " | "))
			}
		}
		return text.String(), nil
	}
}

// split splits the document into the text of the part and the text before and after it.
func (p part) split() (before, text, after string, err error) {
	document, err := os.ReadFile(p.document)
	if err != nil {
		return "", "", "", err
	}
	begin, end := fmt.Sprintf("<!-- make bench wrote this: %s -->\n\n", p.name), fmt.Sprintf("\n<!-- End of %s. -->\n", p.name)
	before, rest, begins := strings.Cut(string(document), begin)
	text, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		return "", "", "", fmt.Errorf("%s does not contain the markers of the table: %s%s", p.document, begin, end)
	}
	return before + begin, text, end + after, nil
}

func (p part) write(text string) error {
	before, _, after, err := p.split()
	if err != nil {
		return err
	}
	return os.WriteFile(p.document, []byte(before+text+after), 0o644)
}

var approximate = regexp.MustCompile(`about [\d.,]+`)

// compare returns an error if the part in the document differs from the given text in more than the numbers after "about".
func (p part) compare(text string) error {
	_, documented, _, err := p.split()
	if err != nil {
		return err
	}
	if approximate.ReplaceAllString(text, "about N") != approximate.ReplaceAllString(documented, "about N") {
		return fmt.Errorf("the part %q of %s is out of date; to update it, run make bench ONLY=... UPDATE=1", p.name, p.document)
	}
	return nil
}

// number formats a value with three significant digits, but keeps all digits before the decimal point.
func number(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(math.Abs(v)))))
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', decimals, 64), ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		return whole + "." + fraction
	}
	return whole
}
