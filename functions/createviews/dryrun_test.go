package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

func TestCreateViews_DryRunsUserViewsOverPlannedViews(t *testing.T) {
	sc := newScenario()
	sc.source.Views = []workflow.View{
		{Name: "daily", SQL: "SELECT born, count(*) AS n\nFROM shop.users JOIN crm.accounts USING (id)\nGROUP BY born",
			File: "views/shop/daily.sql"},
		{Name: "weekly", SQL: `SELECT sum(n) AS n FROM "shop"."daily" -- all`, File: "views/shop/weekly.sql"},
	}
	sc.source.Columns = []workflow.ColumnRule{{View: "users", Column: "born", As: workflow.Raw}}
	const users = "\"users\" AS (\nSELECT\n  \"id\",\n  \"born\"\nFROM \"snaplake_crawled\".\"e20261121_1705_0_shop_users_5f3c\"\n)"
	const daily = "SELECT born, count(*) AS n\nFROM      users JOIN crm.accounts USING (id)\nGROUP BY born"
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"WITH " + users + "\nSELECT * FROM (\n" + daily + "\n) LIMIT 0",
		"WITH " + users + ", \"daily\" AS (\n" + daily + "\n)\nSELECT * FROM (\nSELECT sum(n) AS n FROM        \"daily\" -- all\n) LIMIT 0",
	}
	slices.SortFunc(sc.asked, func(a, b string) int { return len(a) - len(b) })
	if diff := cmp.Diff(want, sc.asked); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCreateViews_RejectsUserSQLThatAthenaRejects(t *testing.T) {
	for name, test := range map[string]struct {
		sql     string
		refusal string
		columns []string
		want    string
	}{
		"with the line of the file": {
			sql: "SELECT id,\n  nope AS x\nFROM users", refusal: "COLUMN_NOT_FOUND: line 9:3: Column 'nope' cannot be resolved",
			want: `view "shop"."daily" (views/shop/daily.sql): COLUMN_NOT_FOUND: line 2:3: Column 'nope' cannot be resolved, in: nope AS x`,
		},
		"without a line": {
			sql: "SELECT 1 AS x FROM users", refusal: "TABLE_NOT_FOUND",
			want: `view "shop"."daily" (views/shop/daily.sql): TABLE_NOT_FOUND, in: SELECT 1 AS x FROM users`,
		},
		"a column without a name": {
			sql: "SELECT id, count(*) FROM users GROUP BY id", columns: []string{"id", "_col1"},
			want: `view "daily" (views/shop/daily.sql): column 2 has no name; add one with AS`,
		},
		"two columns with the same name": {
			sql: "SELECT id, id FROM users", columns: []string{"id", "id"},
			want: `view "daily" (views/shop/daily.sql): two columns have the name "id"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.source.Views = []workflow.View{
				{Name: "daily", SQL: test.sql, File: "views/shop/daily.sql"},
				{Name: "weekly", SQL: "SELECT * FROM daily", File: "views/shop/weekly.sql"},
			}
			if test.refusal != "" {
				sc.refuse[test.sql] = test.refusal
			}
			sc.columns = map[string][]string{test.sql + "\n) LIMIT 0": test.columns}
			sc.refused(t, test.want)
		})
	}
}

func TestCreateViews_RejectsUserSQLThatIsOnlyASubquery(t *testing.T) {
	sc := newScenario()
	sc.source.Views = []workflow.View{{Name: "one", SQL: "VALUES 1", File: "views/shop/one.sql"}}
	sc.refused(t, `view "one" (views/shop/one.sql): VALUES does not name the columns; write SELECT * FROM (VALUES ...) AS t (name, name)`)
}

func TestCreateViews_SkipsDryRunsLongerThanAStatement(t *testing.T) {
	sc := newScenario()
	sc.source.Views = []workflow.View{
		{Name: "long", SQL: "SELECT '" + strings.Repeat("x", statement.MaxBytes-65) + "' AS x", File: "views/shop/long.sql"},
		{Name: "twice", SQL: "SELECT x FROM long", File: "views/shop/twice.sql"},
	}
	got, err := sc.run(t)
	want := []string{"views/shop/twice.sql cannot be checked before the views change, because it reads views with too many columns"}
	if diff := cmp.Diff(want, got.Warnings); err != nil || diff != "" {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}
