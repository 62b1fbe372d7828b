package config

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const bundle = "../../dist/trino.cjs"

// parseSQL returns the warnings and the error of LoadAndParse, without the path of the folder.
func parseSQL(t *testing.T, parser string, files map[string]string) (warnings []string, err string) {
	t.Helper()
	dir := write(t, files)
	_, found, loadErr := LoadAndParse(filepath.Join(dir, "pipeline.yaml"), parser)
	for _, w := range found {
		warnings = append(warnings, strings.TrimPrefix(w.String(), dir+"/"))
	}
	if loadErr != nil {
		err = strings.ReplaceAll(loadErr.Error(), dir+"/", "")
	}
	return warnings, err
}

func TestLoadAndParse_ReportsAllMistakesOfAllFiles(t *testing.T) {
	warnings, err := parseSQL(t, bundle, map[string]string{
		"pipeline.yaml":         shop("    tabels: [orders]\n"),
		"views/shop/a.sql":      "\ufeffSELECT\r\n\t'日本😀' AS a,\tb\r\nFORM orders\r\n",
		"views/shop/b.sql":      "SELECT dat_trunc('day', a), CAST(b AS datetime) FROM crm.orders WHERE b == 1;\n",
		"views/shop/bom.sql":    "\ufeffSELECT a b c FROM orders",
		"views/shop/empty.sql":  "",
		"views/shop/quotes.sql": "SELECT `a` FORM orders x",
		"views/shop/two.sql":    "SELECT 1;\nSELECT 2",
		"views/shop/valid.sql":  "SELECT id, count(*) AS n FROM orders GROUP BY id",
	})
	want := strings.Join([]string{
		`pipeline.yaml:5: sources.shop.tabels: unknown key (did you mean tables?)`,
		`views/shop/a.sql:3:6: mismatched input 'orders'`,
		`views/shop/b.sql:1: unknown database "crm"; views can read shop`,
		`views/shop/b.sql:1:74: mismatched input '='`,
		`views/shop/bom.sql:1:12: mismatched input 'c'`,
		`views/shop/empty.sql:1: the file is empty; it must contain a single SELECT`,
		"views/shop/quotes.sql:1: in Athena, quote names with double quotes: \"name\", not `name`",
		`views/shop/two.sql:1: a second statement follows this semicolon; a view must be a single SELECT`,
	}, "\n")
	if diff := cmp.Diff(want, regexp.MustCompile(`; allowed keys are .*`).ReplaceAllString(err, "")); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	want = "views/shop/b.sql:1:8: Function 'dat_trunc' not registered\nviews/shop/b.sql:1:39: Unknown type: datetime"
	if diff := cmp.Diff(want, strings.Join(warnings, "\n")); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestLoadAndParse_AcceptsFunctionsThatAreNotListed(t *testing.T) {
	warnings, err := parseSQL(t, bundle, map[string]string{"pipeline.yaml": shop(""), "views/shop/a.sql": "SELECT brand_new(id) AS a FROM orders"})
	if diff := cmp.Diff([]string{"views/shop/a.sql:1:8: Function 'brand_new' not registered"}, warnings); diff != "" || err != "" {
		t.Errorf("%s; warnings (-want +got):\n%s", err, diff)
	}
}

func TestLoadAndParse_NeedsParserOnlyForViews(t *testing.T) {
	files := map[string]string{"pipeline.yaml": shop("")}
	if _, err := parseSQL(t, "missing.cjs", files); err != "" {
		t.Error(err)
	}
	files["views/shop/a.sql"] = "SELECT 1 AS a"
	files["views/shop/b.sql"] = "SELECT (1 AS a"
	_, err := parseSQL(t, "missing.cjs", files)
	if want := "views/shop/b.sql:1: unmatched (\nthe SQL parser is missing; run make build: stat missing.cjs"; !strings.HasPrefix(err, want) {
		t.Errorf("got %q, want %q", err, want)
	}
}
