package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const typesPage = "../../docs/types.md"

func TestThePageOfTypesHasTheTables(t *testing.T) {
	b, err := os.ReadFile(typesPage)
	if err != nil {
		t.Fatal(err)
	}
	was := string(b)
	page := was
	for name, text := range map[string]string{
		"MySQL": restorationTable(mysql), "PostgreSQL": restorationTable(postgres), "conversions": conversionTable(),
	} {
		begin, end := "<!-- "+name+", printed by the tests of createviews -->\n", "<!-- end of "+name+" -->\n"
		before, rest, found := strings.Cut(page, begin)
		_, after, ended := strings.Cut(rest, end)
		if !found || !ended {
			t.Fatalf("%s has no place between %s and %s", typesPage, begin, end)
		}
		page = before + begin + text + end + after
	}
	if *update {
		if err := os.WriteFile(typesPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(was, page); diff != "" {
		t.Errorf("%s: -want +got (go test -update writes it anew)\n%s", typesPage, diff)
	}
}

// restorationTable prints what views give, and then by which expressions, of a column "c".
func restorationTable(engine string) string {
	var table, expressions strings.Builder
	table.WriteString("\n| type in the database | arrives in Athena as | the view gives | why |\n|---|---|---|---|\n")
	for _, r := range restorations(engine) {
		samples := samplesOf([]restoration{r})
		table.WriteString("| " + r.types + " | " + orList(strings.Split(r.crawled, ", ")) + " | " + orList(typesOf(samples)) + " | " + r.why + " |\n")
		for _, s := range samples {
			if line := "    " + s.expression + "\n"; s.expression != `"c"` && !strings.Contains(expressions.String(), line) {
				expressions.WriteString("\n" + s.original + ":\n\n" + line)
			}
		}
	}
	return table.String() + "\nWhere that is not the column `\"c\"` as it arrived, it is\n" + expressions.String() + "\n"
}

// typesOf has the types of a restoration without the digits of decimals, which are those of the samples.
func typesOf(samples []sample) []string {
	var types []string
	for _, s := range samples {
		t := s.sqlType
		if baseOf(t) == "decimal" {
			t = "decimal"
		}
		if !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	return types
}

func orList(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// conversionTable has a row for each type with the types that it can become, a decimal of other digits among them.
func conversionTable() string {
	var table strings.Builder
	table.WriteString("\n| from | to |\n|---|---|\n")
	for _, from := range sqlTypes {
		var to []string
		for _, t := range sqlTypes {
			if _, ok := convert(`"c"`, from, t); ok && (t != from || baseOf(t) == "decimal") {
				to = append(to, t)
			}
		}
		table.WriteString("| " + from + " | " + strings.Join(to, ", ") + " |\n")
	}
	return strings.ReplaceAll(table.String(), "decimal(12,2)", "decimal(p,s)") + "\n"
}
