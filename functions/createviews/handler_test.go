package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestPublishesTheTablesOfTheExportThenTheUsersViews(t *testing.T) {
	n := newNight()
	n.source.Views = []workflow.View{
		{Name: "adults", SQL: "SELECT count(*) AS n FROM known_users", File: "views/shop/adults.sql"},
		{Name: "known_users", SQL: "SELECT * FROM users", File: "views/shop/known_users.sql"},
	}
	got, err := n.run(t)
	if err != nil {
		t.Fatal(err)
	}
	want := workflow.Views{Database: "shop", Status: "PUBLISHED", StartedAt: n.in.Execution.EnteredAt, Published: 5, Seconds: 70, Warnings: []string{}, Changed: []string{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	slices.Sort(n.started[:2]) // the tables' views are made at the same time
	slices.Sort(n.started[2:4])
	wantStarted := []string{
		"CREATE OR REPLACE VIEW \"shop\".\"carts\" AS SELECT\n  CAST(NULL AS integer) AS \"id\",\n  CAST(NULL AS varchar) AS \"note\"\nWHERE 'e20261121_1705_0_' IS NULL",
		"CREATE OR REPLACE VIEW \"shop\".\"users\" AS SELECT\n  \"id\",\n  CASE WHEN \"born\" LIKE '____-__-__' AND \"born\" >= '0001' THEN TRY_CAST(\"born\" AS date) END AS \"born\"\n" +
			"FROM \"snaplake_crawled\".\"e20261121_1705_0_shop_users_5f3c\"",
		`CREATE OR REPLACE VIEW "shop"."known_users" AS SELECT * FROM users`,
		n.statement(t, "snaplake_freshness"),
		`CREATE OR REPLACE VIEW "shop"."adults" AS SELECT count(*) AS n FROM known_users`,
	}
	if diff := cmp.Diff(wantStarted, n.started); diff != "" {
		t.Errorf("statements: -want +got\n%s", diff)
	}
}

func TestRecordsHowLongItTookAndHowOldTheDataIs(t *testing.T) {
	n := newNight()
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	const want = `{"Execution":"nightly-1","Pipeline":"snaplake","SnapshotTime":1795280712,"Source":"shop","ViewsSeconds":30,`
	if got := n.metrics.String(); !strings.HasPrefix(got, want) {
		t.Errorf("recorded %s\nwant %s", got, want)
	}
}

func TestRecordsNothingWhenAViewIsRefused(t *testing.T) {
	n := newNight()
	n.refuse["users"] = "no"
	if _, err := n.run(t); err == nil || n.metrics.Len() > 0 {
		t.Errorf("%v, recorded %s", err, &n.metrics)
	}
}

func TestChangesNoViewWhenATableWasNotCrawled(t *testing.T) {
	n := newNight()
	n.s3 = bucket(exported("Users", "Born", "date"))
	n.s3.add("shop/shop.Users/1/part-00000.gz.parquet")
	n.glue["snaplake_crawled"] = n.glue["snaplake_crawled"][:1]
	_, err := n.run(t)
	missing, ok := err.(workflow.TablesMissing)
	if !ok {
		t.Fatalf("got %T %v, want a TablesMissing", err, err)
	}
	want := `the views of source "shop" stay as they are: database "snaplake_crawled" lacks tables that lie in ` + location + ":\nshop.Users\n" +
		"See in the crawler's log why it left them out. Redrive to crawl once more"
	if diff := cmp.Diff(want, missing.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(n.started) > 0 {
		t.Errorf("started %q", n.started)
	}
}

func TestListsTwentyMissingTablesAndCountsTheOthers(t *testing.T) {
	var entries []string
	n := newNight()
	n.s3 = fakeS3{}
	for i := range 23 {
		name := fmt.Sprintf("t%02d", i)
		entries = append(entries, exported(name, "c", "varchar"))
		n.s3.add("shop/shop." + name + "/1/part-00000.gz.parquet")
	}
	maps.Copy(n.s3, bucket(entries...))
	_, err := n.run(t)
	if err == nil || !strings.Contains(err.Error(), "\nshop.t19\nand 3 more\n") {
		t.Errorf("got %v", err)
	}
}

func TestChangesNoViewWhenSomethingIsToBeCorrectedFirst(t *testing.T) {
	const before, after = "the views of source \"shop\" stay as they are:\n",
		"\nCorrect this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution"
	for _, test := range []struct {
		name   string
		change func(*night)
		want   string
	}{
		{
			"two tables of one name",
			func(n *night) {
				n.s3 = bucket(exported("carts", "note", "varchar"), strings.Replace(exported("Carts", "note", "varchar"), "shop.shop", "crm.crm", 1)).
					add("shop/shop.carts/1/_SUCCESS", "crm/crm.Carts/1/_SUCCESS")
			},
			`view "carts" would be made of both table shop.carts and table crm.Carts: name one of them under names, or set view_name: "{database}_{table}"`,
		},
		{
			"the user's view named like a table",
			func(n *night) {
				n.source.Views = []workflow.View{{Name: "users", SQL: "SELECT 1 AS x", File: "views/shop/users.sql"}}
			},
			`view "users" would be made of both table shop.Users and views/shop/users.sql: rename the view that is your own`,
		},
		{
			"a table where the view is to be",
			func(n *night) { n.glue["shop"] = append(n.glue["shop"], crawled("carts", "s3://elsewhere/carts/")) },
			`view "carts" of table shop.carts: database "shop" has a table of this name, which is not replaced: drop it, or set another view_name`,
		},
		{
			"a column that was not crawled",
			func(n *night) {
				n.glue["snaplake_crawled"] = []types.Table{crawled("e20261121_1705_0_users", location+"shop/shop.Users/", "id int")}
			},
			`table shop.Users: crawled table "e20261121_1705_0_users" has no column "born"; delete that table, and a redrive crawls it again`,
		},
		{
			"an empty table of unknown columns, shown with older rows",
			func(n *night) {
				n.s3 = bucket(`{"target":"shop.shop.users","status":"COMPLETE"}`).add("shop/shop.users/1/_SUCCESS")
			},
			`table shop.users is empty, and the export does not say its columns: drop view "users", which still shows older rows`,
		},
		{
			"a circle",
			func(n *night) {
				n.source.Views = []workflow.View{{Name: "a", SQL: "SELECT * FROM b"}, {Name: "b", SQL: "SELECT * FROM shop.a"}}
			},
			`dependency cycle: a -> b -> a`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newNight()
			test.change(n)
			_, err := n.run(t)
			failed, ok := err.(workflow.ViewsFailed)
			if !ok {
				t.Fatalf("got %T %v, want a ViewsFailed", err, err)
			}
			if diff := cmp.Diff(before+test.want+after, failed.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(n.started) > 0 {
				t.Errorf("started %q", n.started)
			}
		})
	}
}

func TestNamesEachViewThatAthenaRefusesWithTheLineAndTheReason(t *testing.T) {
	n := newNight()
	n.source.Views = []workflow.View{
		{Name: "daily", SQL: "SELECT\n  ordered_at AS day\nFROM users", File: "views/shop/daily.sql"},
		{Name: "monthly", SQL: "SELECT * FROM daily", File: "views/shop/monthly.sql"},
		{Name: "other", SQL: "SELECT 1 AS x", File: "views/shop/other.sql"},
	}
	n.refuse["daily"] = "COLUMN_NOT_FOUND: line 2:3: Column 'ordered_at' cannot be resolved" // gone since it was tried
	_, err := n.run(t)
	failed, ok := err.(workflow.ViewsFailed)
	if !ok {
		t.Fatalf("got %T %v, want a ViewsFailed", err, err)
	}
	want := `2 of 6 views of database "shop" could not be made, the others were:
view "shop"."daily" (views/shop/daily.sql): COLUMN_NOT_FOUND: line 2:3: Column 'ordered_at' cannot be resolved, in: ordered_at AS day
view "shop"."monthly" (views/shop/monthly.sql): not tried, since it reads "daily"
Correct this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution`
	if diff := cmp.Diff(want, failed.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestKeepsWhatAthenaSaysOfAMissingPermission(t *testing.T) {
	n := newNight()
	denied := "Insufficient permissions to execute the query. User: arn:aws:sts::123456789012:assumed-role/" + strings.Repeat("r", 64) + "/" + strings.Repeat("s", 64) +
		" is not authorized to perform: glue:GetTable on resource: arn:aws:glue:ap-northeast-1:123456789012:table/snaplake_crawled/" + strings.Repeat("t", 255) +
		" because no identity-based policy allows the glue:GetTable action (Service: AWSGlue; Status Code: 400; Error Code: AccessDeniedException)"
	n.refuse["users"] = denied
	_, err := n.run(t)
	if failed, ok := err.(workflow.ViewsFailed); !ok || !strings.Contains(failed.Error(), denied) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestWarnsOfTablesThatHaveNoNewView(t *testing.T) {
	n := newNight()
	n.s3 = bucket(`{"target":"shop.shop.audit","status":"FAILED","warningMessage":"skipped"}`, `{"target":"shop.shop.void","status":"COMPLETE"}`).
		add("shop/shop.void/1/_SUCCESS")
	got, err := n.run(t)
	if err != nil {
		t.Fatal(err)
	}
	want := workflow.Views{Database: "shop", Status: "PUBLISHED", StartedAt: n.in.Execution.EnteredAt, Warnings: []string{
		`shop.audit: skipped by RDS, so view "audit" was not made anew`,
		`table shop.void is empty, and the export does not say its columns: it has no view`,
	}, Changed: []string{}, Published: 1, Seconds: 10}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAFailureOfAthenasOwnIsTriedAgain(t *testing.T) {
	n := newNight()
	n.source.Views = []workflow.View{{Name: "daily", SQL: "SELECT * FROM users", File: "views/shop/daily.sql"}}
	n.fail = map[string]string{"users": "INTERNAL_ERROR"}
	_, err := n.run(t)
	failed, ok := err.(workflow.Unavailable)
	if !ok {
		t.Fatalf("got %T %v, want an Unavailable", err, err)
	}
	want := `3 of 4 views of database "shop" could not be made for reasons of Athena's own, the others were:
view "shop"."users" (table shop.Users): INTERNAL_ERROR, in: CREATE OR REPLACE VIEW "shop"."users" AS SELECT
view "shop"."daily" (views/shop/daily.sql): not tried, since it reads "users"
view "shop"."snaplake_freshness" (the freshness of all tables): not tried, since it reads "users"
This passes by itself: redrive when the retries were not enough`
	if diff := cmp.Diff(want, failed.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAViewThatIsRefusedIsNoTransientFailureWhateverElseFails(t *testing.T) {
	n := newNight()
	n.fail = map[string]string{"users": "INTERNAL_ERROR"}
	n.refuse["carts"] = "no"
	_, err := n.run(t)
	if failed, ok := err.(workflow.ViewsFailed); !ok || !strings.Contains(failed.Error(), "INTERNAL_ERROR") {
		t.Errorf("got %T %v", err, err)
	}
}

func TestSaysSoWhenTheFunctionsTimeIsOver(t *testing.T) {
	n := newNight()
	ctx, cancel := context.WithCancel(t.Context())
	h := n.handler()
	h.Athena = fakeAthena{
		start: func(*athena.StartQueryExecutionInput) (string, error) { return "q", nil },
		get: func(string) (*athenatypes.QueryExecutionStatus, error) {
			cancel()
			return status(athenatypes.QueryExecutionStateRunning), nil
		},
	}
	_, err := h.Handle(ctx, n.in)
	over, ok := err.(workflow.Unavailable)
	if !ok || !errors.Is(err, context.Canceled) ||
		!strings.HasPrefix(over.Error(), `the function's time was over before all views of database "shop" were made: make view "`) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestSaysWhatToDoAboutADatabaseThatIsNotThere(t *testing.T) {
	n := newNight()
	delete(n.glue, "shop")
	_, err := n.run(t)
	if refused, ok := err.(workflow.CallRefused); !ok ||
		!strings.HasPrefix(refused.Error(), `glue database "shop" does not exist, and deploying does not bring back what was deleted by hand: create it, then redrive: `) {
		t.Errorf("got %T %v", err, err)
	}
}
