package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestColumnsAreDroppedMaskedOverriddenAndKept(t *testing.T) {
	n := newNight()
	n.s3 = bucket(entryOf("users", "ID int int32", "Email varchar binary (UTF8)", "born date binary (UTF8)", "price varchar binary (UTF8)", "photo blob binary", "points int int32",
		"API_Token varchar binary (UTF8)", "note varchar binary (UTF8)"))
	n.glue["snaplake_crawled"] = nil
	n.crawl("20261121", "shop.users", "id int", "email string", "born string", "price string", "photo binary", "points int", "api_token string", "note string", "extra_token string")
	rule := func(view, column, as string) workflow.ColumnRule {
		return workflow.ColumnRule{View: view, Column: column, As: as}
	}
	n.source.Columns = []workflow.ColumnRule{
		rule("users", "price", "double"), rule("users", "born", workflow.Raw), rule("users", "note", workflow.Drop),
		rule("*", "*token*", workflow.Drop), rule("others*", "*", workflow.Drop),
		rule("users", "email", workflow.SHA256), rule("users", "photo", workflow.SHA256), rule("users", "id", workflow.SHA256), rule("users", "points", workflow.Hide),
	}
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	price, _ := convert(`"price"`, "varchar", "double")
	want := `CREATE OR REPLACE VIEW "shop"."users" AS SELECT
  lower(to_hex(sha256(to_utf8(CAST("id" AS varchar))))) AS "id",
  lower(to_hex(sha256(to_utf8("email")))) AS "email",
  "born",
  ` + price + ` AS "price",
  lower(to_hex(sha256("photo"))) AS "photo",
  CAST(NULL AS integer) AS "points"
FROM "snaplake_crawled"."e20261121_1705_0_shop_users"`
	if diff := cmp.Diff(want, n.statement(t, "users")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAnObjectIdentifierIsNotExpected(t *testing.T) {
	n := newNight()
	n.in.Record.Snapshot.Engine = "postgres"
	n.s3 = bucket(entryOf("users", "id integer int32", "picture oid ")).add("shop/shop.users/1/part-00000.gz.parquet", "shop/shop.users/1/_SUCCESS")
	n.glue["snaplake_crawled"] = []types.Table{crawled("e20261121_1705_0_users", location+"shop/shop.users/", "id int")}
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	if s := n.statement(t, "users"); strings.Contains(s, "picture") {
		t.Errorf("got %s", s)
	}
}

func TestHistoryAndChangesHideWhatTheViewHides(t *testing.T) {
	n := newNight()
	n.yesterday()
	n.source.History, n.source.Changes = []string{"users"}, map[string][]string{"users": {"id"}}
	n.source.Columns = []workflow.ColumnRule{{View: "users", Column: "id", As: workflow.SHA256}, {View: "users", Column: "born", As: workflow.Drop}}
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	for view, hashes := range map[string]int{"users_history": 1, "users_changes": 2} { // a history casts outside of its union
		s := n.statement(t, view)
		if strings.Contains(s, "born") || strings.Contains(s, "old\"") || strings.Count(s, `sha256(to_utf8(CAST("id" AS varchar)))`) != hashes {
			t.Errorf("%s is %s", view, s)
		}
	}
}

func TestSettingsAboutWhatThereIsNotChangeNoView(t *testing.T) {
	drop := func(view, column string) func(*night) {
		return func(n *night) {
			n.source.Columns = []workflow.ColumnRule{{View: view, Column: column, As: workflow.Drop}}
		}
	}
	for name, test := range map[string]struct {
		change func(*night)
		want   string
	}{
		"a column that is dropped": {drop("users", "emial"), `columns: view "users" has no column "emial"; it has id, born`},
		"a column of an own view":  {drop("daily", "n"), `columns: no table of the export has a view "daily"; correct the name, or list it under allow_gone when it may be missing`},
		"the last columns":         {drop("users", "*"), `table shop.Users: no column is left of id, born: leave the table out with the source's tables instead`},
		"a history":                {func(n *night) { n.source.History = []string{"user"} }, `history: no table of the export has a view "user"; correct the name, or list it under allow_gone when it may be missing`},
		"changes":                  {func(n *night) { n.source.Changes = map[string][]string{"user": {"id"}} }, `changes: no table of the export has a view "user"; correct the name, or list it under allow_gone when it may be missing`},
		"a check":                  {func(n *night) { n.source.Checks = map[string]workflow.Check{"user": {}} }, `checks: no table of the export has a view "user"; correct the name, or list it under allow_gone when it may be missing`},
		"a type that cannot be": {func(n *night) {
			n.source.Columns = []workflow.ColumnRule{{View: "users", Column: "id", As: "date"}}
		}, `table shop.Users: column id cannot be date, since it arrives as integer: correct columns`},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.source.Views = []workflow.View{{Name: "daily", SQL: "SELECT 1 AS n", File: "views/shop/daily.sql"}}
			test.change(n)
			_, err := n.run(t)
			want := "the views of source \"shop\" stay as they are:\n" + test.want +
				"\nCorrect this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution"
			if _, ok := err.(workflow.ViewsFailed); !ok || len(n.started) > 0 {
				t.Errorf("got %T %v", err, err)
			} else if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestSettingsAboutATableThatMayBeGoneCountForNothingWithoutIt(t *testing.T) {
	n := newNight()
	n.source.AllowGone = []string{"tmp_*"}
	n.source.Columns = []workflow.ColumnRule{{View: "tmp_1", Column: "x", As: workflow.Hide}, {View: "nothing*", Column: "x", As: workflow.Drop}}
	n.source.History = []string{"tmp_1"}
	n.source.Checks = map[string]workflow.Check{"tmp_1": {MinRows: 1}}
	if _, err := n.run(t); err != nil {
		t.Error(err)
	}
}

func TestMakesViewsOnlyOfTheTablesThatAreWanted(t *testing.T) {
	n := newNight()
	n.source.Tables = []string{"shop.car*"}
	n.glue["snaplake_crawled"] = nil // users are not, and nobody waits for them
	got, err := n.run(t)
	if err != nil || got.Published != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestColumn_IsHashedByATextThatItsScaleAndPrecisionDoNotChange(t *testing.T) {
	const short = `CASE WHEN CAST("c" AS varchar) LIKE '%.%' THEN regexp_replace(CAST("c" AS varchar), '\.?0+$') ELSE CAST("c" AS varchar) END`
	for _, test := range []struct{ sqlType, original, want string }{
		{"varchar", "varchar", `"c"`},
		{"integer", "int", `CAST("c" AS varchar)`},
		{"decimal(20,0)", "bigint", short},
		{"decimal(12,2)", "decimal", short},
		{"timestamp(3)", "datetime", short},
		{"timestamp(6)", "timestamp without time zone", short},
		{"varchar", "numeric", `CASE WHEN "c" LIKE '%.%' THEN regexp_replace("c", '\.?0+$') ELSE "c" END`},
		{"double", "double", `CAST("c" AS varchar)`},
		{"date", "date", `CAST("c" AS varchar)`},
	} {
		got := column{name: "c", expression: `"c"`, sqlType: test.sqlType}.hashed(test.original)
		if want := "lower(to_hex(sha256(to_utf8(" + test.want + "))))"; got.expression != want || got.sqlType != "varchar" {
			t.Errorf("%s of %s: got %+v, want %s", test.sqlType, test.original, got, want)
		}
	}
}

func TestCreateViews_PutsNoTypeOfTheCatalogIntoSQLThatItDoesNotKnow(t *testing.T) {
	for _, glueType := range []string{"struct<a:int) from other -- >", "array<int>", "decimal(1) or (1)", "decimal(12,2) ", "int)", "", "interval"} {
		n := newNight()
		n.glue["snaplake_crawled"] = nil
		n.crawl("20261121", "shop.Users", "id int", "born string", "extra "+glueType)
		for _, as := range []string{workflow.Hide, workflow.SHA256, workflow.Raw, ""} {
			n.source.Columns = []workflow.ColumnRule{{View: "users", Column: "extra", As: as}}
			n.refused(t, fmt.Sprintf("table shop.Users: column extra arrives as %q, which is not a type of an export: set columns: {users.extra: drop}", glueType))
		}
		n.source.Columns[0].As = workflow.Drop
		if _, err := n.run(t); err != nil {
			t.Errorf("%q: %v", glueType, err)
		}
	}
}

func TestCreateViews_MakesADateOfWhatIsATimeInTheDatabase(t *testing.T) {
	for original, glueType := range map[string]string{"timestamp without time zone": "string", "timestamp with time zone": "string", "date": "string"} {
		n := newNight()
		n.oneTable("postgres", "ID|integer|int32|int", "At|"+original+"|binary (UTF8)|"+glueType)
		n.source.Columns = []workflow.ColumnRule{{View: "users", Column: "at", As: "date"}}
		if _, err := n.run(t); err != nil {
			t.Fatal(err)
		}
		want := "coalesce(" + dateOf(`"at"`) + ", CAST(" + momentOf(`"at"`, "timestamp(6)") + ` AS date)) AS "at"`
		if sql := n.statement(t, "users"); !strings.Contains(sql, want) {
			t.Errorf("%s is %s", original, sql)
		}
	}
}
