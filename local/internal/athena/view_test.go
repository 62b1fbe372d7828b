package athena_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/glue"
)

func TestCreateView_StoresViewLikeAthena(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	const query = `SELECT "id", CAST("name" AS varbinary) AS Raw, CAST('2026-11-21' AS timestamp(3)) AS at,
  CAST(id AS decimal(20,0)) AS n, CAST(1 AS real) AS r, count(*) OVER () AS c
FROM "crawled"."users"`
	env.query(`CREATE VIEW "People" AS` + "\n" + query)
	table, err := env.glue.Table(env.t.Context(), "shop", "people")
	if err != nil {
		t.Fatal(err)
	}
	wantColumns := []glue.Column{
		{Name: "id", Type: "bigint"}, {Name: "raw", Type: "binary"}, {Name: "at", Type: "timestamp"},
		{Name: "n", Type: "decimal(20,0)"}, {Name: "r", Type: "float"}, {Name: "c", Type: "bigint"},
	}
	if diff := cmp.Diff(wantColumns, table.StorageDescriptor.Columns); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"presto_view": "true", "comment": "Presto View"}, table.Parameters); diff != "" {
		t.Error(diff)
	}
	if table.TableType != "VIRTUAL_VIEW" || table.ViewExpandedText != "/* Presto View */" ||
		table.PartitionKeys == nil || len(table.PartitionKeys) != 0 {
		t.Errorf("got %+v", table)
	}
	text := strings.TrimSuffix(strings.TrimPrefix(table.ViewOriginalText, "/* Presto View: "), " */")
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	column := func(name, kind string) any { return map[string]any{"name": name, "type": kind} }
	want := map[string]any{
		"originalSql": query,
		"catalog":     "awsdatacatalog",
		"schema":      "shop",
		"columns": []any{
			column("id", "bigint"), column("raw", "varbinary"), column("at", "timestamp(3)"),
			column("n", "decimal(20,0)"), column("r", "real"), column("c", "bigint"),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestView_ReadsViewsOfOtherDatabases(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	env.query(`CREATE VIEW crawled.a AS SELECT id, name FROM crawled.users`)
	env.query(`CREATE VIEW a AS SELECT id * 10 AS ten FROM crawled.a`)
	env.query(`CREATE VIEW sums AS SELECT sum(ten) AS total FROM a`)
	got := env.query(`SELECT total, (SELECT count(*) FROM crawled.a) AS n FROM sums`)
	if diff := cmp.Diff([][]string{{"total", "n"}, {"30", "2"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestView_CanBeReplacedAndDropped(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	env.query(`CREATE VIEW v AS SELECT 1 AS x`)
	env.fails(`CREATE VIEW v AS SELECT 2 AS x`,
		"TABLE_ALREADY_EXISTS: line 1:1: View already exists: 'awsdatacatalog.shop.v'")
	env.query(`CREATE OR REPLACE VIEW v AS SELECT 2 AS y`)
	if diff := cmp.Diff([][]string{{"y"}, {"2"}}, env.query(`SELECT * FROM v`)); diff != "" {
		t.Error(diff)
	}
	env.query(`DROP VIEW v`)
	env.query(`DROP VIEW IF EXISTS v`)
	env.fails(`DROP VIEW v`,
		"TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.shop.v' does not exist")
	env.fails(`CREATE OR REPLACE VIEW crawled.users AS SELECT 1 AS x`,
		"TABLE_ALREADY_EXISTS: line 1:1: Table already exists: 'awsdatacatalog.crawled.users'")
	if got := env.failure(`DROP VIEW crawled.users`); !strings.Contains(got, "a table with that name exists") {
		t.Errorf("got %s", got)
	}
}

func TestCreateView_RejectsInvalidViews(t *testing.T) {
	env := newTestEnv(t)
	env.query(`CREATE VIEW v AS SELECT 1 AS x`)
	env.query(`CREATE VIEW w AS SELECT x FROM v`)
	cases := map[string]string{
		`CREATE VIEW n AS SELECT 1 AS a, count(*)`:    "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 2",
		`CREATE VIEW n AS SELECT 1 AS a, 2 AS A`:      "DUPLICATE_COLUMN_NAME: line 1:18: Column name 'a' specified more than once",
		`CREATE OR REPLACE VIEW v AS SELECT x FROM v`: "VIEW_IS_RECURSIVE: line 1:43: Statement would create a recursive view",
		`CREATE OR REPLACE VIEW v AS SELECT x FROM w`: "INVALID_VIEW: line 1:43: " +
			"Failed analyzing stored view 'awsdatacatalog.shop.w': line 1:15: Statement would create a recursive view",
		`CREATE VIEW nope.v AS SELECT 1 AS a`: "SCHEMA_NOT_FOUND: line 1:1: Schema 'nope' does not exist",
		`CREATE VIEW n AS SELECT current_timestamp AS at`: "NOT_SUPPORTED: " +
			"Invalid column type for column at: Unsupported Hive type: timestamp(3) with time zone",
		`CREATE VIEW n AS SELECT CAST('x' AS integr) a`: "TYPE_MISMATCH: line 1:25: Unknown type: integr",
	}
	for sql, want := range cases {
		env.fails(sql, want)
	}
}

func TestView_BecomesStaleAfterTableChange(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	env.query(`CREATE VIEW people AS SELECT * FROM crawled.users`)
	env.query(`CREATE VIEW above AS SELECT id FROM people`)
	change := func(columns ...glue.Column) {
		t.Helper()
		users, err := env.glue.Table(env.t.Context(), "crawled", "users")
		if err != nil {
			t.Fatal(err)
		}
		in, sd := users.TableInput, *users.StorageDescriptor
		sd.Columns, in.StorageDescriptor = columns, &sd
		if err := env.glue.UpdateTable(env.t.Context(), "crawled", in); err != nil {
			t.Fatal(err)
		}
	}
	const stale = "VIEW_IS_STALE: line 1:15: View 'awsdatacatalog.shop.people' is stale or in invalid state: "
	id, name := glue.Column{Name: "id", Type: "bigint"}, glue.Column{Name: "name", Type: "string"}

	change(id, name, glue.Column{Name: "mail", Type: "string"})
	env.fails(`SELECT * FROM people`,
		stale+"stored view column count (2) does not match column count derived from the view query analysis (3)")
	change(glue.Column{Name: "id", Type: "double"}, name)
	env.fails(`SELECT * FROM people`,
		stale+"column [id] of type double projected from query view at position 0 "+
			"cannot be coerced to column [id] of type bigint stored in view definition")
	want := "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.shop.above': " +
		"line 1:16: View 'awsdatacatalog.shop.people' is stale"
	if got := env.failure(`SELECT * FROM above`); !strings.HasPrefix(got, want) {
		t.Errorf("got %s", got)
	}
	change(name, id)
	if got := env.failure(`SELECT * FROM people`); !strings.Contains(got, "has a different name from column [id] of type bigint") {
		t.Errorf("got %s", got)
	}
	change(glue.Column{Name: "id", Type: "int"}, name) // as in Trino, a view accepts an int for a bigint
	if got := env.query(`SELECT id FROM people ORDER BY 1`); len(got) != 3 {
		t.Errorf("got %q", got)
	}
	if err := env.glue.DeleteTable(env.t.Context(), "crawled", "users"); err != nil {
		t.Fatal(err)
	}
	env.fails(`SELECT * FROM people`, "INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.shop.people': "+
		"line 1:15: Table 'awsdatacatalog.crawled.users' does not exist")
}
