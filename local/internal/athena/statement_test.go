package athena

import (
	"database/sql"
	"testing"
	"unicode/utf8"
)

func TestParse_ReturnsStatement(t *testing.T) {
	got, err := parse("/* nightly */ CREATE OR REPLACE VIEW AwsDataCatalog.\"Shop\".users AS\nSELECT 1 AS x -- one\n;")
	if err != nil {
		t.Fatal(err)
	}
	want := statement{verb: createView, query: "SELECT 1 AS x", queryAt: 68, name: name{"shop", "users"}, replace: true}
	if got != want {
		t.Errorf("got %+v", got)
	}
}

func FuzzStatement(f *testing.F) {
	for _, sql := range []string{
		`CREATE OR REPLACE VIEW "shop"."users" AS
SELECT "id" AS "id", TRY_CAST(NULLIF("born_on", '0000-00-00') AS date) AS "born_on", CAST("name" AS varchar) AS "name"
FROM "snaplake_crawled"."e20261121_1705_0_shop_users"`,
		`CREATE OR REPLACE VIEW "shop"."empty" AS SELECT CAST(NULL AS bigint) AS "id", CAST(NULL AS timestamp(3)) AS "at" WHERE 1 = 0`,
		`CREATE OR REPLACE VIEW "shop"."users_history" AS
SELECT CAST('2026-11-21 17:05:12.000' AS timestamp(3)) AS "snapshot_at", "id" FROM "c"."e20261121_1705_0_shop_users" UNION ALL
SELECT CAST('2026-11-20 17:05:12.000' AS timestamp(3)) AS "snapshot_at", CAST(NULL AS bigint) AS "id"
FROM "c"."e20261120_1705_0_shop_users"`,
		`CREATE OR REPLACE VIEW "shop"."snaplake_freshness" AS SELECT * FROM (VALUES ('users', 3, X'00', 1e-7)) AS t ("table", "rows", "b", "f")`,
		"-- Redash\nSELECT u.id, `x`, 'it''s', \"say \"\"hi\"\"\" FROM information_schema.tables u /* all */;",
		`WITH a AS (SELECT timestamp(3) with time zone '2026-11-21', time(3) '17:05') SELECT CAST(a AS timestamp), 1.5e7 FROM a`,
		"DESCRIBE `shop`.`x`", "SHOW TABLES IN x", "EXPLAIN SELECT 1", "SHOW CREATE VIEW \"x\"",
		`SELECT CASE id WHEN 1 THEN 'a' END, count(*) OVER (PARTITION BY name ORDER BY id), x.* FROM t x JOIN (SELECT 1 AS id) USING (id)`,
		`SELECT DISTINCT max(id) FILTER (WHERE id IN (SELECT 1)) AS m FROM a LEFT JOIN b ON a.id = -b.id GROUP BY 1 ORDER BY m LIMIT 1`,
		`SELECT NOT 1e0 < .5 AND id IS NULL, date(CAST(name AS timestamp(3) with time zone) AT TIME ZONE 'UTC') FROM t UNION VALUES (1, null)`,
		"SHOW TABLES IN shop", "SHOW VIEWS", "SHOW DATABASES;", "DROP VIEW IF EXISTS shop.users", "VALUES 1, '日', ٣٤",
	} {
		f.Add(sql)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parse(text)
		if err != nil {
			if err.Error() == "" {
				t.Error("the error has no text")
			}
			return
		}
		if s.query == "" || !utf8.ValidString(text) { // a request is valid JSON
			return
		}
		if text[s.queryAt:s.queryAt+len(s.query)] != s.query {
			t.Fatalf("the query %q is not at offset %d", s.query, s.queryAt)
		}
		tree, err := parseTree(t.Context(), db, text[:s.queryAt+len(s.query)], s.queryAt)
		if err == nil {
			_, err = tree.translate(t.Context(), db, func(r reference) ([]column, name, error) {
				return []column{newColumn("id", "BIGINT"), newColumn("name", "VARCHAR")}, name{"shop", r.table}, nil
			})
		}
		if f, ok := err.(*failure); err != nil && (!ok || f.place == "") {
			t.Fatalf("the error has no position: %v", err)
		}
	})
}
