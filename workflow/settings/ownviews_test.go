package settings

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTakesWhatMayBeAView(t *testing.T) {
	for _, sql := range []string{
		"SELECT 1 AS one", "select 1 AS one;", "SELECT 1 AS one;\n-- done; really", "\n/* all; orders */ (SELECT ';' AS a, \"a;b\" FROM orders)",
		"WITH a AS (SELECT 1 AS b) SELECT b FROM a", "VALUES (1, 'a')", "SELECT '`' AS a -- `\nFROM orders",
	} {
		config := load(t, map[string]string{"pipeline.yaml": shop(""), "views/shop/own.sql": sql})
		if views := config.Sources[0].Views; len(views) != 1 {
			t.Errorf("%s: got %v", sql, views)
		}
	}
}

func TestRefusesWhatCannotBeAView(t *testing.T) {
	for _, test := range []struct{ sql, want string }{
		{"\n", "1: the file is empty; it holds one SELECT"},
		{"-- SELECT 1", "1: the file is empty; it holds one SELECT"},
		{";", "1: the file is empty; it holds one SELECT"},
		{"-- sales\nCREATE VIEW a AS SELECT 1", `2: the query begins with "CREATE", and is to be one SELECT alone: the view around it is made by the night`},
		{"'SELECT 1'", `1: the query begins with "'SELECT 1'", and is to be one SELECT alone: the view around it is made by the night`},
		{"\n\nSELECT 1;\n SELECT 2", "3: a second statement follows this semicolon; a view is one SELECT"},
		{"SELECT 1;;", "1: a second statement follows this semicolon; a view is one SELECT"},
		{"SELECT `id`\nFROM orders", "1: Athena's queries quote names with double quotes: \"name\", not `name`"},
		{"SELECT 1\nFROM orders\nWHERE a = 'it's'", "3: what begins with ' here is not closed"},
		{"SELECT 1 AS \"a\nFROM orders", "1: what begins with \" here is not closed"},
		{"SELECT 1\n/* FROM orders", "2: what begins with /* here is not closed"},
		{"SELECT count(*\nFROM orders", "1: this ( is not closed"},
		{"SELECT (1)\n) FROM orders", "2: this ) closes nothing"},
		{"SELECT '\x90\xe6' AS a", "1: the file is no UTF-8 text; save it as UTF-8"},
	} {
		want := []string{"views/shop/own.sql:" + test.want}
		if diff := cmp.Diff(want, mistakesOf(t, map[string]string{"pipeline.yaml": shop(""), "views/shop/own.sql": test.sql})); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.sql, diff)
		}
	}
}

func TestViewsOfAllSourcesMayNotReadEachOtherInACircle(t *testing.T) {
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
			want: []string{"views/crm/b.sql:1: views read each other in a circle: crm.b -> crm.c -> shop.a -> crm.b"},
		},
		{
			name:  "itself",
			views: map[string]string{"views/shop/a.sql": "SELECT 1 AS x\nFROM users, a"},
			want:  []string{"views/shop/a.sql:2: views read each other in a circle: shop.a -> shop.a"},
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
