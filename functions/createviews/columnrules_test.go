package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/projection"
	"snaplake/workflow"
)

func TestCreateViews_DropsMasksOverridesAndKeepsColumns(t *testing.T) {
	sc := newScenario()
	sc.s3 = bucket(entryOf("users", "ID int int32", "Email varchar binary (UTF8)", "born date binary (UTF8)", "price varchar binary (UTF8)",
		"photo blob binary", "points int int32",
		"API_Token varchar binary (UTF8)", "note varchar binary (UTF8)"))
	sc.glue["snaplake_crawled"] = nil
	sc.crawl("20261121", "shop.users", "id int", "email string", "born string", "price string", "photo binary", "points int",
		"api_token string", "note string", "extra_token string")
	sc.source.Columns = []workflow.ColumnRule{
		override("users", "price", "double"), override("users", "born", workflow.Raw), override("users", "note", workflow.Drop),
		exclude("*", "*token*"), exclude("others*", "*"),
		mask("users", "email", workflow.SHA256), mask("users", "photo", workflow.SHA256), mask("users", "id", workflow.SHA256), mask("users",
			"points", workflow.Hide),
	}
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	price, _ := projection.Cast(`"price"`, "varchar", "double")
	want := `CREATE OR REPLACE VIEW "shop"."users" AS SELECT
  lower(to_hex(sha256(to_utf8(CAST("id" AS varchar))))) AS "id",
  lower(to_hex(sha256(to_utf8("email")))) AS "email",
  "born",
  ` + price + ` AS "price",
  lower(to_hex(sha256("photo"))) AS "photo",
  CAST(NULL AS integer) AS "points"
FROM "snaplake_crawled"."e20261121_1705_0_shop_users"`
	if diff := cmp.Diff(want, sc.statement(t, "users")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCreateViews_SkipsColumnsOfTypeOID(t *testing.T) {
	sc := newScenario()
	sc.in.State.Snapshot.Engine = "postgres"
	sc.s3 = bucket(entryOf("users", "id integer int32", "picture oid ")).add("shop/shop.users/1/part-00000.gz.parquet",
		"shop/shop.users/1/_SUCCESS")
	sc.glue["snaplake_crawled"] = []types.Table{crawled("e20261121_1705_0_users", location+"shop/shop.users/", "id int")}
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	if s := sc.statement(t, "users"); strings.Contains(s, "picture") {
		t.Errorf("got %s", s)
	}
}

func TestCreateViews_HidesColumnsInHistoryAndChanges(t *testing.T) {
	sc := newScenario()
	sc.previousRun()
	sc.source.History, sc.source.Changes = []string{"users"}, map[string][]string{"users": {"id"}}
	sc.source.Columns = []workflow.ColumnRule{mask("users", "id", workflow.SHA256), exclude("users", "born")}
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	for view, hashes := range map[string]int{"users_history": 1, "users_changes": 2} { // a history casts outside its union
		s := sc.statement(t, view)
		if strings.Contains(s, "born") || strings.Contains(s, "old\"") || strings.Count(s, `sha256(to_utf8(CAST("id" AS varchar)))`) != hashes {
			t.Errorf("%s is %s", view, s)
		}
	}
}

func TestCreateViews_RefusesSettingsAboutMissingTablesAndColumns(t *testing.T) {
	drop := func(view, column string) func(*scenario) {
		return func(sc *scenario) {
			sc.source.Columns = []workflow.ColumnRule{exclude(view, column)}
		}
	}
	for name, test := range map[string]struct {
		change func(*scenario)
		want   string
	}{
		"an excluded column": {drop("users", "emial"), `columns: view "users" has no column "emial", only id, born`},
		"a column of a user view": {drop("daily", "n"),
			`columns: the export has no table for view "daily"; correct the name, or list it under allow_gone if the table may be missing`},
		"all columns": {drop("users", "*"),
			`table shop.Users: every column is dropped (id, born); to skip the table, do not select it in "tables"`},
		"a history": {func(sc *scenario) { sc.source.History = []string{"user"} },
			`history: the export has no table for view "user"; correct the name, or list it under allow_gone if the table may be missing`},
		"changes": {func(sc *scenario) { sc.source.Changes = map[string][]string{"user": {"id"}} },
			`changes: the export has no table for view "user"; correct the name, or list it under allow_gone if the table may be missing`},
		"a check": {func(sc *scenario) { sc.source.Checks = map[string]workflow.Check{"user": {}} },
			`checks: the export has no table for view "user"; correct the name, or list it under allow_gone if the table may be missing`},
		"an impossible type": {func(sc *scenario) {
			sc.source.Columns = []workflow.ColumnRule{override("users", "id", "date")}
		}, `table shop.Users: column id cannot be converted to date, because it was exported as integer; correct the rule under "columns"`},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.source.Views = []workflow.View{{Name: "daily", SQL: "SELECT 1 AS n", File: "views/shop/daily.sql"}}
			test.change(sc)
			sc.refused(t, test.want)
		})
	}
}

func TestCreateViews_IgnoresSettingsAboutTablesInAllowGone(t *testing.T) {
	sc := newScenario()
	sc.source.AllowGone = []string{"tmp_*"}
	sc.source.Columns = []workflow.ColumnRule{mask("tmp_1", "x", workflow.Hide), exclude("nothing*", "x")}
	sc.source.History = []string{"tmp_1"}
	sc.source.Checks = map[string]workflow.Check{"tmp_1": {MinRows: 1}}
	if _, err := sc.run(t); err != nil {
		t.Error(err)
	}
}

func TestCreateViews_CreatesViewsOnlyOfSelectedTables(t *testing.T) {
	sc := newScenario()
	sc.source.Tables = []string{"shop.car*"}
	sc.glue["snaplake_crawled"] = nil // users is not selected
	got, err := sc.run(t)
	if err != nil || got.Published != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCreateViews_RefusesUnknownTypesOfTheCatalog(t *testing.T) {
	for _, glueType := range []string{"struct<a:int) from other -- >", "array<int>", "decimal(1) or (1)", "decimal(12,2) ", "int)", "",
		"interval"} {
		sc := newScenario()
		sc.glue["snaplake_crawled"] = nil
		sc.crawl("20261121", "shop.Users", "id int", "born string", "extra "+glueType)
		for _, as := range []string{workflow.Hide, workflow.SHA256, workflow.Raw, ""} {
			sc.source.Columns = []workflow.ColumnRule{mask("users", "extra", as)}
			sc.refused(t, fmt.Sprintf("table shop.Users: column extra has the type %q, which RDS exports never use; add a rule under \"columns\" that drops users.extra", glueType))
		}
		sc.source.Columns[0].As = workflow.Drop
		if _, err := sc.run(t); err != nil {
			t.Errorf("%q: %v", glueType, err)
		}
	}
}

func TestCreateViews_ConvertsTimestampsToDates(t *testing.T) {
	for original, glueType := range map[string]string{"timestamp without time zone": "string", "timestamp with time zone": "string",
		"date": "string"} {
		sc := newScenario()
		sc.oneTable("postgres", "ID|integer|int32|int", "At|"+original+"|binary (UTF8)|"+glueType)
		sc.source.Columns = []workflow.ColumnRule{override("users", "at", "date")}
		if _, err := sc.run(t); err != nil {
			t.Fatal(err)
		}
		cast, _ := projection.Cast(`"at"`, "varchar", "date")
		want := cast + ` AS "at"`
		if sql := sc.statement(t, "users"); !strings.Contains(sql, want) {
			t.Errorf("%s is %s", original, sql)
		}
	}
}
