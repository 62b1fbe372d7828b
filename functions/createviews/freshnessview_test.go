package main

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

func TestCreateViews_ShowsTheFreshnessOfEachTable(t *testing.T) {
	sc := newScenario()
	sc.made(map[string]exports.Kind{"audit": exports.OfTable})
	sc.glue["shop"] = append(sc.glue["shop"][:1:1], viewOf("audit", `SELECT "id" FROM "snaplake_crawled"."e20261120_1705_0_shop_audit"`))
	sc.s3[folder+"export_tables_info_shop-20261121-1705-0_from_11_to_11.json"] = `{"perTableStatus":[{"target":"shop.shop.audit","warningMessage":"skipped"}]}`
	sc.source.Checks = map[string]workflow.Check{"users": {MinRows: 1}}
	sc.numbers = map[string]int64{current: 500}
	sc.in.Execution.EnteredAt = time.Date(2026, 11, 21, 18, 42, 7, 0, time.UTC)
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	golden(t, "freshness", sc.statement(t, "snaplake_freshness"))
	if last := sc.started[len(sc.started)-1]; last != sc.statement(t, "snaplake_freshness") {
		t.Errorf("the freshness view was created before the views of tables: %q", sc.started)
	}
}

func TestCreateViews_SplitsTheFreshnessOfThousandsOfTables(t *testing.T) {
	sc := newScenario()
	sc.s3 = fakeS3{}
	var entries []string
	for i := range 4000 {
		name := fmt.Sprintf("t%04d", i)
		entries = append(entries, exported(name, "c", "varchar"))
		sc.s3.add("shop/shop." + name + "/1/_SUCCESS")
	}
	maps.Copy(sc.s3, bucket(entries...))
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, part := range []string{"snaplake_freshness_1", "snaplake_freshness_2"} {
		s := sc.statement(t, part)
		rows += strings.Count(s, "'shop.t")
		if len(s) > statement.MaxBytes {
			t.Errorf("%s has %d bytes", part, len(s))
		}
	}
	const want = "CREATE OR REPLACE VIEW \"shop\".\"snaplake_freshness\" AS SELECT * FROM \"snaplake_freshness_1\"\nUNION ALL\nSELECT * FROM \"snaplake_freshness_2\""
	if rows != 4000 || sc.started[len(sc.started)-1] != want {
		t.Errorf("%d rows in all, the last statement is %s", rows, sc.started[len(sc.started)-1])
	}
	if len(sc.started) != 4003 {
		t.Errorf("%d statements", len(sc.started))
	}
}

func TestCreateViews_DatesALiveExportByItsStart(t *testing.T) {
	sc := newScenario()
	sc.in.State.Snapshot.ARN = "arn:aws:rds:ap-northeast-1:123456789012:cluster:shop-prod"
	sc.s3[folder+"export_info_shop-20261121-1705-0.json"] = `{"status":"COMPLETE","taskStartTime":"Nov 21, 2026, 8:30:00 PM"}`
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	if sql := sc.statement(t, "snaplake_freshness"); !strings.Contains(sql, "CAST('2026-11-21 20:30:00.000' AS timestamp(3)) AS snapshot_at") {
		t.Errorf("made %s", sql)
	}
}
