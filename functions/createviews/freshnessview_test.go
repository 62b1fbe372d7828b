package main

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

func TestFreshnessTellsOfEachTable(t *testing.T) {
	n := newNight()
	n.made(map[string]lake.Kind{"audit": lake.OfTable})
	n.glue["shop"] = append(n.glue["shop"][:1:1], viewOf("audit", `SELECT "id" FROM "snaplake_crawled"."e20261120_1705_0_shop_audit"`))
	n.s3[folder+"export_tables_info_shop-20261121-1705-0_from_11_to_11.json"] = `{"perTableStatus":[{"target":"shop.shop.audit","warningMessage":"skipped"}]}`
	n.source.Checks = map[string]workflow.Check{"users": {MinRows: 1}}
	n.numbers = map[string]int64{tonight: 500}
	n.in.Execution.EnteredAt = time.Date(2026, 11, 21, 18, 42, 7, 0, time.UTC)
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	golden(t, "freshness", n.statement(t, "snaplake_freshness"))
	if last := n.started[len(n.started)-1]; last != n.statement(t, "snaplake_freshness") {
		t.Errorf("the tables are not there yet when it is: %q", n.started)
	}
}

func TestFreshnessOfThousandsOfTablesComesInParts(t *testing.T) {
	n := newNight()
	n.s3 = fakeS3{}
	var entries []string
	for i := range 4000 {
		name := fmt.Sprintf("t%04d", i)
		entries = append(entries, exported(name, "c", "varchar"))
		n.s3.add("shop/shop." + name + "/1/_SUCCESS")
	}
	maps.Copy(n.s3, bucket(entries...))
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, part := range []string{"snaplake_freshness_1", "snaplake_freshness_2"} {
		s := n.statement(t, part)
		rows += strings.Count(s, "'shop.t")
		if len(s) > statement.MaxBytes {
			t.Errorf("%s has %d bytes", part, len(s))
		}
	}
	const want = "CREATE OR REPLACE VIEW \"shop\".\"snaplake_freshness\" AS SELECT * FROM \"snaplake_freshness_1\"\nUNION ALL\nSELECT * FROM \"snaplake_freshness_2\""
	if rows != 4000 || n.started[len(n.started)-1] != want {
		t.Errorf("%d rows, the last is %s", rows, n.started[len(n.started)-1])
	}
	if len(n.started) != 4003 {
		t.Errorf("%d statements", len(n.started))
	}
}

func TestCreateViews_ALiveExportIsAsOldAsItsBeginning(t *testing.T) {
	n := newNight()
	n.in.Record.Snapshot.ARN = "arn:aws:rds:ap-northeast-1:123456789012:cluster:shop-prod"
	n.s3[folder+"export_info_shop-20261121-1705-0.json"] = `{"status":"COMPLETE","taskStartTime":"Nov 21, 2026, 8:30:00 PM"}`
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	if sql := n.statement(t, "snaplake_freshness"); !strings.Contains(sql, "CAST('2026-11-21 20:30:00.000' AS timestamp(3)) AS snapshot_at") {
		t.Errorf("made %s", sql)
	}
}
