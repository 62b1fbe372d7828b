package athena_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/glue"
)

func TestCrawledTable_ReadsRows(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	want := [][]string{{"id", "name"}, {"1", "Ada"}, {"2", "NULL"}}
	for _, sql := range []string{
		`SELECT id, name FROM crawled.users ORDER BY id`,
		`select * from AwsDataCatalog.Crawled.USERS order by 1;`,
		"-- a comment\nWITH users AS (SELECT * FROM crawled.users) SELECT \"id\", Name AS name FROM users ORDER BY id",
		`(SELECT id, name FROM crawled.users WHERE id = 1) UNION ALL SELECT id, name FROM "crawled"."users" WHERE id = 2 ORDER BY 1`,
	} {
		if diff := cmp.Diff(want, env.query(sql)); diff != "" {
			t.Errorf("%s: %s", sql, diff)
		}
	}
}

func TestGetQueryResults_PrintsValuesLikeAthena(t *testing.T) {
	env := newTestEnv(t)
	cases := []expression{
		{`CAST('2026-11-21 17:05:12.0009' AS timestamp(3))`, "2026-11-21 17:05:12.001"},
		{`CAST('2026-11-21 17:05:12' AS timestamp)`, "2026-11-21 17:05:12.000"},
		{`CAST('2026-11-21 17:05:12.123456' AS timestamp(6))`, "2026-11-21 17:05:12.123456"},
		{`now()`, "2026-11-21 18:30:00.000 UTC"},
		{`DATE '2026-11-21'`, "2026-11-21"},
		{`X'DEADBEEF'`, "de ad be ef"},
		{`CAST('ab' AS varbinary)`, "61 62"},
		{`1 = 1`, "true"},
		{`CAST(NULL AS varchar)`, "NULL"},
		{`CAST(1.5 AS decimal(10,2))`, "1.50"},
		{`CAST(-0.05 AS decimal(4,2))`, "-0.05"},
		{`CAST(0.9 AS decimal(1,1))`, "0.9"},
		{`CAST(-0.05 AS decimal(2,2))`, "-0.05"},
		{`CAST(CAST(-0.05 AS decimal(2,2)) AS varchar)`, "-0.05"},
		{`CAST('18446744073709551615' AS decimal(20,0))`, "18446744073709551615"},
		{`1e0`, "1.0"},
		{`1.5e-7`, "1.5E-7"},
		{`1e20`, "1.0E20"},
		{`CAST(0.1 AS real)`, "0.1"},
		{`4.9e-324`, "4.9E-324"},
		{`CAST('1.4E-45' AS real)`, "1.4E-45"},
		{`12345678e0`, "1.2345678E7"},
		{`CAST('Infinity' AS double)`, "Infinity"},
		{`sum(3)`, "3"},
		{`TRY_CAST(nullif('0000-00-00', '0000-00-00') AS date)`, "NULL"},
		{`'it''s'`, "it's"},
	}
	env.expressions(cases)
}

func TestGetQueryResults_NamesColumnsLikeAthena(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	cases := map[string][]string{
		`SELECT count(*), max(id) AS top FROM crawled.users`:            {"_col0", "top"},
		`SELECT *, upper(name), id + 1 FROM crawled.users WHERE id = 1`: {"id", "name", "_col2", "_col3"},
		`VALUES (1, 'a')`:                             {"_col0", "_col1"},
		`SELECT * FROM (SELECT 1 AS a, 2, 3)`:         {"a", "_col1", "_col2"},
		`SELECT 1 UNION ALL SELECT 2`:                 {"_col0"},
		`((SELECT 1, 2 AS b) UNION SELECT 3 AS c, 4)`: {"_col0", "b"},
		`SELECT current_date, (id), users.id, id + 0, (id) + (id) FROM crawled.users`: {"_col0", "id", "id", "_col3", "_col4"},
		`WITH t AS (SELECT 1 AS a, 2) SELECT a, max(a) FROM t GROUP BY a`:             {"a", "_col1"},
		`SELECT * FROM (VALUES (1, 'a')) AS t(x, y)`:                                  {"x", "y"},
	}
	for sql, want := range cases {
		if diff := cmp.Diff(want, env.query(sql)[0]); diff != "" {
			t.Errorf("%s: %s", sql, diff)
		}
	}
}

func TestWith_LimitsNamesToScope(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	cases := map[string]string{
		`WITH a AS (SELECT 2 AS n), B AS (SELECT n + 1 AS n FROM a) SELECT sum(n) FROM (SELECT n FROM a UNION SELECT n FROM b)`: "5",
		`WITH users AS (SELECT id FROM crawled.users WHERE id = 2) SELECT id FROM users`:                                        "2",
	}
	for sql, want := range cases {
		if got := env.query(sql)[1][0]; got != want {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
	}
	env.fails(`SELECT (WITH t AS (SELECT 1 AS a) SELECT a FROM t), a FROM t`,
		"TABLE_NOT_FOUND: line 1:60: Table 'awsdatacatalog.shop.t' does not exist")
}

func TestCrawledTable_ReturnsTypesOfCatalog(t *testing.T) {
	type row struct {
		Bytes []byte    `parquet:"bytes,optional"`
		Raw   []byte    `parquet:"Raw,optional"`
		At    time.Time `parquet:"at,optional,timestamp(microsecond)"`
		Small int32     `parquet:"small,optional"`
	}
	env := newTestEnv(t)
	createTable(env, "mixed", []glue.Column{
		{Name: "small", Type: "smallint"}, {Name: "at", Type: "timestamp"}, {Name: "missing", Type: "string"},
		{Name: "bytes", Type: "binary"}, {Name: "raw", Type: "string"},
	}, row{[]byte{0xde, 0xad}, []byte("日"), time.Date(2026, 11, 21, 17, 5, 12, 123567000, time.UTC), 7})
	for _, hidden := range []string{"1/_SUCCESS", "1/.part-00001.parquet.crc"} {
		if err := env.store.Put("lake", "exports/mixed/"+hidden, []byte("no Parquet")); err != nil {
			t.Fatal(err)
		}
	}
	want := [][]string{{"small", "at", "missing", "bytes", "raw"}, {"7", "2026-11-21 17:05:12.124", "NULL", "de ad", "日"}}
	if diff := cmp.Diff(want, env.query(`SELECT * FROM crawled.mixed`)); diff != "" {
		t.Error(diff)
	}
}

func TestCrawledTable_RejectsDuplicateColumns(t *testing.T) {
	env := newTestEnv(t)
	createTable(env, "users", []glue.Column{{Name: "id", Type: "bigint"}, {Name: "id", Type: "int"}}, user{1, nil})
	const want = "HIVE_INVALID_METADATA: Hive metadata for table users is invalid: Table descriptor contains duplicate columns"
	for _, sql := range []string{`SELECT 1 FROM crawled.users`, `CREATE VIEW v AS SELECT 1 AS n FROM crawled.users`} {
		env.fails(sql, want)
	}
}

func TestCrawledTable_ReadsOnlyPartitionsInCatalog(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	users, err := env.glue.Table(env.t.Context(), "crawled", "users")
	if err != nil {
		t.Fatal(err)
	}
	in := users.TableInput
	in.PartitionKeys = []glue.Column{{Name: "partition_0", Type: "string"}}
	if err := env.glue.UpdateTable(env.t.Context(), "crawled", in); err != nil {
		t.Fatal(err)
	}
	if got := env.query(`SELECT * FROM crawled.users`); len(got) != 1 || got[0][2] != "partition_0" {
		t.Errorf("got %q", got)
	}
}

func TestCrawledTable_IsEmptyWithoutFiles(t *testing.T) {
	env := newTestEnv(t)
	err := env.glue.CreateTable(env.t.Context(), "crawled", glue.TableInput{
		Name: "empty", Parameters: map[string]string{"classification": "parquet"},
		StorageDescriptor: parquetFiles("s3://lake/exports/empty/", []glue.Column{{Name: "id", Type: "int"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"id"}}, env.query(`SELECT * FROM crawled.empty`)); diff != "" {
		t.Error(diff)
	}
}

func TestQuery_ReturnsAthenasErrors(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	cases := []struct{ sql, want string }{
		{`SELECT * FROM nope`, "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.nope' does not exist"},
		{`SELECT * FROM nope.users`, "SCHEMA_NOT_FOUND: line 1:15: Schema 'nope' does not exist"},
		{`SELECT * FROM other.crawled.users`, "CATALOG_NOT_FOUND: line 1:15: Catalog 'other' not found"},
		{"SELECT\n  X'00', u.Nope FROM crawled.users u", "COLUMN_NOT_FOUND: line 2:10: Column 'u.nope' cannot be resolved"},
		{`SELECT nope FROM crawled.users`, "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"},
		{`SELECT z.id FROM crawled.users u`, "COLUMN_NOT_FOUND: line 1:8: Column 'z.id' cannot be resolved"},
		{`SELECT nope(id) FROM crawled.users`, "FUNCTION_NOT_FOUND: line 1:8: Function 'nope' not registered"},
		{
			`SELECT name, count(*) FROM crawled.users`,
			"EXPRESSION_NOT_AGGREGATE: line 1:8: 'name' must be an aggregate expression or appear in GROUP BY clause",
		},
		{`SELECT * FROM read_csv('/etc/passwd')`, "FUNCTION_NOT_FOUND: line 1:15: Table function 'read_csv' not registered"},
		{`CREATE VIEW v AS SELECT * FROM nope`, "TABLE_NOT_FOUND: line 1:32: Table 'awsdatacatalog.shop.nope' does not exist"},
	}
	for _, c := range cases {
		env.fails(c.sql, c.want)
	}
}

func TestCrawledTable_NamesUnreadableFile(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	if err := env.store.Put("lake", "exports/users/1/part-00001-b.gz.parquet", []byte("PAR1 and no more")); err != nil {
		t.Fatal(err)
	}
	got := env.failure(`SELECT count(*) FROM crawled.users`)
	if !strings.HasPrefix(got, "HIVE_CANNOT_OPEN_SPLIT: ") || !strings.Contains(got, "s3://lake/exports/users/1/part-00001-b.gz.parquet") {
		t.Errorf("got %s", got)
	}
}

func TestMetadata_ListsCatalog(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	env.query(`CREATE VIEW people AS SELECT id FROM crawled.users`)
	cases := map[string][][]string{
		`SHOW DATABASES`:        {{"crawled"}, {"shop"}},
		`SHOW TABLES`:           {{"people"}},
		`SHOW VIEWS IN crawled`: nil,
		`show views`:            {{"people"}},
		`SELECT table_name, column_name, ordinal_position, data_type FROM information_schema.columns WHERE table_schema = 'crawled' ORDER BY 3`: {
			{"table_name", "column_name", "ordinal_position", "data_type"}, {"users", "id", "1", "bigint"}, {"users", "name", "2", "varchar"},
		},
		`SELECT table_schema, table_name, table_type FROM "information_schema".tables ORDER BY 1`: {
			{"table_schema", "table_name", "table_type"}, {"crawled", "users", "BASE TABLE"}, {"shop", "people", "VIEW"},
		},
	}
	for sql, want := range cases {
		if diff := cmp.Diff(want, env.query(sql)); diff != "" {
			t.Errorf("%s: %s", sql, diff)
		}
	}
}

// vanishing is a catalog that deletes a table when the table's partitions are listed.
type vanishing struct{ athena.Catalog }

func (c vanishing) Partitions(ctx context.Context, database, table string) ([]glue.Partition, error) {
	if err := c.DeleteTable(ctx, database, table); err != nil {
		return nil, err
	}
	return c.Catalog.Partitions(ctx, database, table)
}

func TestCrawledTable_FailsIfDeletedDuringQuery(t *testing.T) {
	env := newTestEnvWith(t, nil, func(o *athena.Options) { o.Catalog = vanishing{o.Catalog} })
	createUsers(env)
	users, err := env.glue.Table(t.Context(), "crawled", "users")
	if err != nil {
		t.Fatal(err)
	}
	in := users.TableInput
	in.PartitionKeys = []glue.Column{{Name: "partition_0", Type: "string"}}
	if err := env.glue.UpdateTable(t.Context(), "crawled", in); err != nil {
		t.Fatal(err)
	}
	env.fails(`SELECT id FROM crawled.users`, "TABLE_NOT_FOUND: Table 'awsdatacatalog.crawled.users' does not exist")
}
