package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestCreateViews_CreatesViewsOfTablesBeforeUserViews(t *testing.T) {
	sc := newScenario()
	sc.source.Views = []workflow.View{
		{Name: "adults", SQL: "SELECT count(*) AS n FROM known_users", File: "views/shop/adults.sql"},
		{Name: "known_users", SQL: "SELECT * FROM users", File: "views/shop/known_users.sql"},
	}
	got, err := sc.run(t)
	if err != nil {
		t.Fatal(err)
	}
	want := workflow.Views{Database: "shop", Status: "PUBLISHED", StartedAt: sc.in.Execution.EnteredAt, Published: 5, Seconds: 1,
		Warnings: []string{}, Changed: []string{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	slices.Sort(sc.started[:2]) // the views of tables are created concurrently
	slices.Sort(sc.started[2:4])
	wantStarted := []string{
		"CREATE OR REPLACE VIEW \"shop\".\"carts\" AS SELECT\n  CAST(NULL AS integer) AS \"id\",\n  CAST(NULL AS varchar) AS \"note\"\nWHERE 'e20261121_1705_0_' IS NULL",
		"CREATE OR REPLACE VIEW \"shop\".\"users\" AS SELECT\n  \"id\",\n  CASE WHEN \"born\" LIKE '____-__-__' AND \"born\" >= '0001' THEN TRY_CAST(\"born\" AS date) END AS \"born\"\n" +
			"FROM \"snaplake_crawled\".\"e20261121_1705_0_shop_users_5f3c\"",
		`CREATE OR REPLACE VIEW "shop"."known_users" AS SELECT * FROM users`,
		sc.statement(t, "snaplake_freshness"),
		`CREATE OR REPLACE VIEW "shop"."adults" AS SELECT count(*) AS n FROM known_users`,
	}
	if diff := cmp.Diff(wantStarted, sc.started); diff != "" {
		t.Errorf("statements: -want +got\n%s", diff)
	}
}

func TestCreateViews_EmitsDurationAndSnapshotTime(t *testing.T) {
	sc := newScenario()
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	const want = `{"Execution":"run-1","Pipeline":"snaplake","SnapshotTime":1795280712,"Source":"shop","ViewsSeconds":0.5,`
	if got := sc.metrics.String(); !strings.HasPrefix(got, want) {
		t.Errorf("recorded %s\nwant %s", got, want)
	}
}

func TestCreateViews_EmitsNoMetricsForAFailedRun(t *testing.T) {
	sc := newScenario()
	sc.refuse["users"] = "no"
	if _, err := sc.run(t); err == nil || sc.metrics.Len() > 0 {
		t.Errorf("%v, recorded %s", err, &sc.metrics)
	}
}

func TestCreateViews_RefusesAnExportWithoutACrawledTable(t *testing.T) {
	sc := newScenario()
	sc.s3 = bucket(exported("Users", "Born", "date"))
	sc.s3.add("shop/shop.Users/1/part-00000.gz.parquet")
	sc.glue["snaplake_crawled"] = sc.glue["snaplake_crawled"][:1]
	_, err := sc.run(t)
	missing, ok := err.(workflow.TablesMissing)
	if !ok {
		t.Fatalf("got %T %v, want a TablesMissing", err, err)
	}
	want := `the views of source "shop" were not changed, because database "snaplake_crawled" lacks tables of ` + location +
		":\nshop.Users\n" +
		"The crawler's log shows why they are missing. Redrive to crawl again"
	if diff := cmp.Diff(want, missing.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(sc.started) > 0 {
		t.Errorf("started %q", sc.started)
	}
}

func TestCreateViews_RefusesAPlanWithAProblem(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*scenario)
		want   string
	}{
		{
			"two tables of one name",
			func(sc *scenario) {
				sc.s3 = bucket(exported("carts", "note", "varchar"), strings.Replace(exported("Carts", "note", "varchar"), "shop.shop", "crm.crm", 1)).
					add("shop/shop.carts/1/_SUCCESS", "crm/crm.Carts/1/_SUCCESS")
			},
			`table shop.carts and table crm.Carts would both have the view name "carts"; set another name under "names", set view_name, or rename your own view`,
		},
		{
			"the user's view named like a table",
			func(sc *scenario) {
				sc.source.Views = []workflow.View{{Name: "users", SQL: "SELECT 1 AS x", File: "views/shop/users.sql"}}
			},
			`table shop.Users and views/shop/users.sql would both have the view name "users"; set another name under "names", set view_name, or rename your own view`,
		},
		{
			"a table where the view is to be",
			func(sc *scenario) {
				sc.glue["shop"] = append(sc.glue["shop"], crawled("carts", "s3://elsewhere/carts/"))
			},
			`view "carts" of table shop.carts cannot be created, because database "shop" has a table with this name; drop the table, or set view_name`,
		},
		{
			"a column that was not crawled",
			func(sc *scenario) {
				sc.glue["snaplake_crawled"] = []types.Table{crawled("e20261121_1705_0_users", location+"shop/shop.Users/", "id int")}
			},
			`table shop.Users: crawled table "e20261121_1705_0_users" has no column "born"; delete that table, then redrive to crawl it again`,
		},
		{
			"an empty table of unknown columns, shown with older rows",
			func(sc *scenario) {
				sc.s3 = bucket(`{"target":"shop.shop.users","status":"COMPLETE"}`).add("shop/shop.users/1/_SUCCESS")
			},
			`table shop.users is empty and the export does not list its columns; drop view "users", which shows older rows`,
		},
		{
			"a dependency cycle",
			func(sc *scenario) {
				sc.source.Views = []workflow.View{{Name: "a", SQL: "SELECT * FROM b"}, {Name: "b", SQL: "SELECT * FROM shop.a"}}
			},
			`dependency cycle: a -> b -> a`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			sc := newScenario()
			test.change(sc)
			sc.refused(t, test.want)
		})
	}
}

func TestCreateViews_ReportsEachRefusedViewWithLineAndReason(t *testing.T) {
	sc := newScenario()
	sc.source.Views = []workflow.View{
		{Name: "daily", SQL: "SELECT\n  ordered_at AS day\nFROM users", File: "views/shop/daily.sql"},
		{Name: "monthly", SQL: "SELECT * FROM daily", File: "views/shop/monthly.sql"},
		{Name: "other", SQL: "SELECT 1 AS x", File: "views/shop/other.sql"},
	}
	sc.refuse["daily"] = "COLUMN_NOT_FOUND: line 2:3: Column 'ordered_at' cannot be resolved" // dropped after the dry run
	_, err := sc.run(t)
	failed, ok := err.(workflow.ViewsFailed)
	if !ok {
		t.Fatalf("got %T %v, want a ViewsFailed", err, err)
	}
	want := `2 of 6 views of database "shop" failed; 4 were created:
view "shop"."daily" (views/shop/daily.sql): COLUMN_NOT_FOUND: line 2:3: Column 'ordered_at' cannot be resolved, in: ordered_at AS day
view "shop"."monthly" (views/shop/monthly.sql): not created, because it reads the failed view "daily"`
	if diff := cmp.Diff(want, failed.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCreateViews_ReportsAMissingPermissionInFull(t *testing.T) {
	sc := newScenario()
	denied := "Insufficient permissions to execute the query. User: arn:aws:sts::123456789012:assumed-role/" + strings.Repeat("r", 64) +
		"/" + strings.Repeat("s", 64) +
		" is not authorized to perform: glue:GetTable on resource: arn:aws:glue:ap-northeast-1:123456789012:table/snaplake_crawled/" +
		strings.Repeat("t", 255) +
		" because no identity-based policy allows the glue:GetTable action (Service: AWSGlue; Status Code: 400; Error Code: AccessDeniedException)"
	sc.refuse["users"] = denied
	_, err := sc.run(t)
	if failed, ok := err.(workflow.ViewsFailed); !ok || !strings.Contains(failed.Error(), denied) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestCreateViews_WarnsOfTablesWithoutANewView(t *testing.T) {
	sc := newScenario()
	sc.s3 = bucket(`{"target":"shop.shop.audit","status":"FAILED","warningMessage":"skipped"}`,
		`{"target":"shop.shop.void","status":"COMPLETE"}`).
		add("shop/shop.void/1/_SUCCESS")
	got, err := sc.run(t)
	if err != nil {
		t.Fatal(err)
	}
	want := workflow.Views{Database: "shop", Status: "PUBLISHED", StartedAt: sc.in.Execution.EnteredAt, Warnings: []string{
		`shop.audit: RDS skipped this table, so view "audit" still shows older rows`,
		`table shop.void is empty and the export does not list its columns, so it has no view`,
	}, Changed: []string{}, Published: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCreateViews_ReportsTransientFailuresAsUnavailable(t *testing.T) {
	sc := newScenario()
	sc.source.Views = []workflow.View{{Name: "daily", SQL: "SELECT * FROM users", File: "views/shop/daily.sql"}}
	sc.fail = map[string]string{"users": "INTERNAL_ERROR"}
	_, err := sc.run(t)
	failed, ok := err.(workflow.Unavailable)
	if !ok {
		t.Fatalf("got %T %v, want an Unavailable", err, err)
	}
	want := `3 of 4 views of database "shop" failed; 1 were created:
view "shop"."users" (table shop.Users): INTERNAL_ERROR, in: CREATE OR REPLACE VIEW "shop"."users" AS SELECT
view "shop"."daily" (views/shop/daily.sql): not created, because it reads the failed view "users"
view "shop"."snaplake_freshness" (the freshness of all tables): not created, because it reads the failed view "users"`
	if diff := cmp.Diff(want, failed.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCreateViews_ReportsMixedFailuresAsViewsFailed(t *testing.T) {
	sc := newScenario()
	sc.fail = map[string]string{"users": "INTERNAL_ERROR"}
	sc.refuse["carts"] = "no"
	_, err := sc.run(t)
	if failed, ok := err.(workflow.ViewsFailed); !ok || !strings.Contains(failed.Error(), "INTERNAL_ERROR") {
		t.Errorf("got %T %v", err, err)
	}
}

func TestCreateViews_ReportsATimeout(t *testing.T) {
	sc := newScenario()
	ctx, cancel := context.WithCancel(t.Context())
	sc.onStart = cancel
	_, err := sc.handler().Handle(ctx, sc.in)
	over, ok := err.(workflow.Unavailable)
	if !ok || !errors.Is(err, context.Canceled) ||
		!strings.HasPrefix(over.Error(), `the function timed out before it created all views of database "shop": create view "`) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestCreateViews_ReportsAMissingDatabase(t *testing.T) {
	sc := newScenario()
	delete(sc.glue, "shop")
	_, err := sc.run(t)
	if refused, ok := err.(workflow.CallRefused); !ok ||
		!strings.HasPrefix(refused.Error(),
			`the Glue database "shop" does not exist: `) {
		t.Errorf("got %T %v", err, err)
	}
}
