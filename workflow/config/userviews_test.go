package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUserViews_AcceptsValidQueries(t *testing.T) {
	for _, sql := range []string{
		"SELECT 1 AS one", "select 1 AS one;", "SELECT 1 AS one;\n-- done; really", "\n/* all; orders */ (SELECT ';' AS a, \"a;b\" FROM orders)",
		"WITH a AS (SELECT 1 AS b) SELECT b FROM a", "SELECT * FROM (VALUES (1, 'a')) AS t (n, c)", "SELECT '`' AS a -- `\nFROM orders",
		"\ufeffSELECT '：' AS a, \"数　量\" -- 注文：\n/* 注文 */ FROM \"注文\"\n",
	} {
		config := load(t, map[string]string{"pipeline.yaml": shop(""), "views/shop/own.sql": sql})
		if views := config.Sources[0].Views; len(views) != 1 {
			t.Errorf("%s: got %v", sql, views)
		}
	}
}

func TestUserViews_RejectsInvalidQueries(t *testing.T) {
	for _, test := range []struct{ sql, want string }{
		{"\n", "1: the file is empty; it must contain a single SELECT"},
		{"-- SELECT 1", "1: the file is empty; it must contain a single SELECT"},
		{";", "1: the file is empty; it must contain a single SELECT"},
		{"-- sales\nCREATE VIEW a AS SELECT 1", `2: the file must contain a single SELECT, not "CREATE"; CREATE VIEW is added for you`},
		{"'SELECT 1'", `1: the file must contain a single SELECT, not "'SELECT 1'"; CREATE VIEW is added for you`},
		{"-- days\nVALUES 1, 2", "2: VALUES does not name the columns; write SELECT * FROM (VALUES ...) AS t (name, name)"},
		{"\n\nSELECT 1;\n SELECT 2", "3: a second statement follows this semicolon; a view must be a single SELECT"},
		{"SELECT 1;;", "1: a second statement follows this semicolon; a view must be a single SELECT"},
		{"SELECT `id`\nFROM orders", "1: in Athena, quote names with double quotes: \"name\", not `name`"},
		{"SELECT 1\nFROM orders\nWHERE a = 'it's'", "3: unterminated '"},
		{"SELECT 1 AS \"a\nFROM orders", "1: unterminated \""},
		{"SELECT 1\n/* FROM orders", "2: unterminated /*"},
		{"SELECT count(*\nFROM orders", "1: unmatched ("},
		{"SELECT (1)\n) FROM orders", "2: unmatched )"},
		{"SELECT 1 AS one\u3000FROM orders", `1: '\u3000' (U+3000) is not in quotation marks; Athena accepts only ASCII characters outside them`},
		{"SELECT 1 AS one,\n2 AS two，3 AS three", "2: '，' (U+FF0C) is not in quotation marks; Athena accepts only ASCII characters outside them"},
		{"SELECT 1 AS one\nFROM 注文", "2: '注' (U+6CE8) is not in quotation marks; Athena accepts only ASCII characters outside them"},
		{"SELECT １ AS one", "1: '１' (U+FF11) is not in quotation marks; Athena accepts only ASCII characters outside them"},
		{"SELECT '\x90\xe6' AS a", "1: the file is not UTF-8; save it as UTF-8"},
	} {
		want := []string{"views/shop/own.sql:" + test.want}
		if diff := cmp.Diff(want, mistakesOf(t, map[string]string{"pipeline.yaml": shop(""), "views/shop/own.sql": test.sql})); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.sql, diff)
		}
	}
}

func TestUserViews_ReportsUnusedFiles(t *testing.T) {
	const (
		subfolder = "move its files to views/shop"
		toSource  = "the path of a view is views/SOURCE/NAME.sql, where SOURCE is one of shop"
	)
	for file, want := range map[string]string{
		"views/shop/a.SQL":            "views/shop/a.SQL:1: is not used; rename it to a.sql, or to NAME.md if it is a note",
		"views/shop/a.txt":            "views/shop/a.txt:1: is not used; rename it to a.sql, or to NAME.md if it is a note",
		"views/shop/a":                "views/shop/a:1: is not used; rename it to a.sql, or to NAME.md if it is a note",
		"views/shop/sales/a.sql":      "views/shop/sales:1: is not used; " + subfolder,
		"views/shop/a.sql/b.sql":      "views/shop/a.sql:1: is not used; " + subfolder,
		"views/shop/old.md/sales.sql": "views/shop/old.md:1: is not used; " + subfolder,
		"views/a.sql":                 "views/a.sql:1: is not used; " + toSource,
		"views/shop.txt":              "views/shop.txt:1: is not used; " + toSource,
		"views/Shop/a.sql":            "views/Shop:1: is not used; " + toSource + " (did you mean shop?)",
		"views/old.md/shop/a.sql":     "views/old.md:1: is not used; " + toSource,
		"views/shop/Daily Sales.sql":  "views/shop/Daily Sales.sql:1: a view name must begin with a letter and contain only lower-case letters, digits and underscores; rename the file",
	} {
		if diff := cmp.Diff([]string{want}, mistakesOf(t, map[string]string{"pipeline.yaml": shop(""), file: "SELECT 1 AS one"})); diff != "" {
			t.Errorf("%s: -want +got\n%s", file, diff)
		}
	}
}

func TestUserViews_IgnoresEditorFiles(t *testing.T) {
	files := map[string]string{"pipeline.yaml": shop(""), "views/README.md": "", "views/shop/README.md": "", "views/.idea/a.sql": "", "views/shop/.idea/a.sql": "", "views/shop/a.sql": "SELECT 1 AS one"}
	for _, name := range []string{".DS_Store", ".gitkeep", ".a.sql", ".a.sql.swp", "a.sql~", "a.sql.swp", "#a.sql#", "~$a.sql"} {
		files["views/"+name], files["views/shop/"+name] = "no SQL", "no SQL"
	}
	dir := write(t, files)
	for _, folder := range []string{"views", "views/shop"} {
		if err := os.Symlink("me@here.1234:1", filepath.Join(dir, folder, ".#a.sql")); err != nil { // a lock file of Emacs
			t.Fatal(err)
		}
	}
	config, err := Load(filepath.Join(dir, "pipeline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if views := config.Sources[0].Views; len(views) != 1 || views[0].Name != "a" {
		t.Errorf("got %v", views)
	}
}

func TestUserViews_ReadOnlyConfiguredDatabases(t *testing.T) {
	sources := strings.Replace(shop(""), "sources:", "name: my-lake\nsources:\n  crm:\n    instance: crm\n    schedule: cron(0 3 * * ? *)", 1)
	want := []string{
		`views/shop/a.sql:3: unknown database "crmm" (did you mean crm?); views can read crm, shop`,
		`views/shop/a.sql:4: unknown database "marketing"; views can read crm, shop`,
	}
	got := mistakesOf(t, map[string]string{"pipeline.yaml": sources, "views/shop/a.sql": "SELECT 1 AS one\nFROM orders, crm.accounts,\nawsdatacatalog.CRMM.accounts,\nmarketing.mails"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	load(t, map[string]string{"pipeline.yaml": sources, "views/shop/a.sql": "WITH x AS (SELECT 1 AS y) SELECT x.y FROM x, shop.orders, \"Crm\".accounts, my_lake_crawled.t, information_schema.tables"})
}

func TestUserViews_RejectsDependencyCyclesAcrossSources(t *testing.T) {
	const sources = "sources:\n  crm:\n    instance: crm\n    schedule: cron(0 3 * * ? *)\n  shop:\n    instance: shop\n    schedule: cron(0 3 * * ? *)\n" + where
	for _, test := range []struct {
		name  string
		views map[string]string
		want  []string
	}{
		{
			name: "two sources",
			views: map[string]string{
				"views/shop/a.sql": "SELECT x\nFROM orders\nJOIN Crm.B ON true",
				"views/crm/b.sql":  "SELECT 1 AS x FROM c",
				"views/crm/c.sql":  "SELECT 1 AS x\nFROM (SELECT 1 FROM shop.a)",
			},
			want: []string{"views/crm/b.sql:1: dependency cycle: crm.b -> crm.c -> shop.a -> crm.b"},
		},
		{
			name:  "itself",
			views: map[string]string{"views/shop/a.sql": "SELECT 1 AS x\nFROM users, a"},
			want:  []string{"views/shop/a.sql:2: dependency cycle: shop.a -> shop.a"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.views["pipeline.yaml"] = sources
			if diff := cmp.Diff(test.want, mistakesOf(t, test.views)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	load(t, map[string]string{
		"pipeline.yaml": sources, "views/shop/a.sql": "SELECT 1 AS x FROM crm.a, b", "views/crm/a.sql": "SELECT 1 AS x FROM b", "views/shop/b.sql": "SELECT 1 AS x FROM crm.b",
	})
}
