package athena_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/glue"
)

// bytesOf returns the compressed size of columns in the file of a table that createTable created.
func bytesOf(env *testEnv, table string, columns ...string) int64 {
	env.t.Helper()
	path := env.store.Path("lake", "exports/"+table+"/1/part-00000-a.gz.parquet")
	b, err := os.ReadFile(path)
	if err != nil {
		env.t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		env.t.Fatal(err)
	}
	var n int64
	for _, g := range f.Metadata().RowGroups {
		for _, c := range g.Columns {
			if slices.Contains(columns, strings.ToLower(c.MetaData.PathInSchema[0])) {
				n += c.MetaData.TotalCompressedSize
			}
		}
	}
	return n
}

// scanned runs a statement that must succeed, and returns the number of bytes scanned.
func (env *testEnv) scanned(sql string) int64 {
	env.t.Helper()
	e := env.wait(env.start(sql))
	if e.Status.State != types.QueryExecutionStateSucceeded {
		env.t.Fatalf("%s: %s %s", sql, e.Status.State, aws.ToString(e.Status.StateChangeReason))
	}
	return *e.Statistics.DataScannedInBytes
}

// createHistory creates the crawled tables run1, run2 and run3 in increasing size, and the view users_history over them.
func createHistory(env *testEnv) {
	env.t.Helper()
	var branches []string
	for run := 1; run <= 3; run++ {
		var rows []user
		for i := range 100 * run {
			rows = append(rows, user{int64(i), aws.String(fmt.Sprintf("user %d of run %d", i, run))})
		}
		table := fmt.Sprintf("run%d", run)
		createTable(env, table, []glue.Column{{Name: "id", Type: "bigint"}, {Name: "name", Type: "string"}}, rows...)
		branches = append(branches, fmt.Sprintf(
			`SELECT CAST('2026-11-2%d 17:05:12.000' AS timestamp(3)) AS "snapshot_at", "id", "name" FROM "crawled".%q`, run, table))
	}
	env.query(`CREATE VIEW users_history AS ` + strings.Join(branches, " UNION ALL "))
}

func TestBytesScanned_SkipsBranchesExcludedByConstantFilter(t *testing.T) {
	env := newTestEnv(t)
	createHistory(env)
	bytesOfRuns := func(columns ...string) (n [4]int64) {
		for i := 1; i <= 3; i++ {
			n[i] = bytesOf(env, fmt.Sprintf("run%d", i), columns...)
		}
		return n
	}
	id, all := bytesOfRuns("id"), bytesOfRuns("id", "name")
	every := all[1] + all[2] + all[3]
	for _, test := range []struct {
		sql  string
		want int64
	}{
		{"SELECT * FROM users_history", every},
		{"SELECT * FROM users_history WHERE snapshot_at = TIMESTAMP '2026-11-22 17:05:12'", all[2]},
		{"SELECT id FROM users_history WHERE snapshot_at = TIMESTAMP '2026-11-22 17:05:12'", id[2]},
		{"SELECT * FROM users_history WHERE snapshot_at >= TIMESTAMP '2026-11-22 00:00:00'", all[2] + all[3]},
		{"SELECT * FROM users_history WHERE snapshot_at >= DATE '2026-11-23'", all[3]},
		{"SELECT * FROM users_history WHERE snapshot_at BETWEEN TIMESTAMP '2026-11-21 00:00:00' AND TIMESTAMP '2026-11-22 00:00:00'", all[1]},
		{"SELECT * FROM users_history WHERE snapshot_at IN (TIMESTAMP '2026-11-21 17:05:12', TIMESTAMP '2026-11-23 17:05:12')", all[1] + all[3]},
		{"SELECT * FROM users_history WHERE snapshot_at = TIMESTAMP '2026-12-24 17:05:12'", 0},
		{"SELECT max(snapshot_at) FROM users_history", 0},
		// The newest snapshot_at is not known before the query runs.
		{"SELECT * FROM users_history WHERE snapshot_at = (SELECT max(snapshot_at) FROM users_history)", every},
	} {
		if got := env.scanned(test.sql); got != test.want {
			t.Errorf("%s\nscanned %d bytes, want %d", test.sql, got, test.want)
		}
	}
}

func TestBytesScanned_CountsOnlyNeededColumns(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	id, name := bytesOf(env, "users", "id"), bytesOf(env, "users", "name")
	for _, test := range []struct {
		sql  string
		want int64
	}{
		{"SELECT * FROM crawled.users", id + name},
		{"SELECT id FROM crawled.users", id},
		{"SELECT id FROM crawled.users WHERE name = 'Ada'", id + name},
		{"SELECT id FROM crawled.users WHERE name <> 'scan0.column0 scan7.column0 scan0.column7'", id + name},
		{"SELECT count(*) FROM crawled.users", 0},
		{"SELECT * FROM crawled.users LIMIT 0", 0},
		{"SELECT * FROM crawled.users WHERE 1 = 2", 0},
		{"SELECT a.id FROM crawled.users a JOIN crawled.users b ON a.id > b.id", 2 * id},
		{"SELECT 1", 0},
		{"CREATE VIEW people AS SELECT * FROM crawled.users", 0},
		{"SELECT name FROM people", name},
	} {
		if got := env.scanned(test.sql); got != test.want {
			t.Errorf("%s\nscanned %d bytes, want %d", test.sql, got, test.want)
		}
	}
}

func TestCrawledTable_ReadsFilesWithDifferentColumns(t *testing.T) {
	env := newTestEnv(t)
	createTable(env, "users", []glue.Column{
		{Name: "id", Type: "bigint"}, {Name: "city", Type: "string"}, {Name: "name", Type: "string"},
	}, user{1, aws.String("Ada")})
	var b bytes.Buffer
	type moved struct {
		City string `parquet:"CITY"`
		ID   int64  `parquet:"id"`
	}
	if err := parquet.Write(&b, []moved{{"London", 2}}); err != nil {
		t.Fatal(err)
	}
	if err := env.store.Put("lake", "exports/users/2/part-00000-a.gz.parquet", b.Bytes()); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"id", "city", "name"}, {"1", "NULL", "Ada"}, {"2", "London", "NULL"}}
	if diff := cmp.Diff(want, env.query("SELECT * FROM crawled.users ORDER BY id")); diff != "" {
		t.Error(diff)
	}
	if got, first := env.scanned("SELECT id FROM crawled.users"), bytesOf(env, "users", "id"); got <= first {
		t.Errorf("scanned %d bytes, want more than the %d bytes of the column in the first file", got, first)
	}
}

func TestBytesScanned_CancelsQueryOverLimit(t *testing.T) {
	env := newTestEnvWith(t, nil, func(o *athena.Options) { o.WorkGroups[0].BytesScannedCutoff = 1 })
	createUsers(env)
	e := env.wait(env.start(`SELECT id FROM crawled.users`))
	got := fmt.Sprint(e.Status.State, ": ", aws.ToString(e.Status.StateChangeReason), ", bytes ", *e.Statistics.DataScannedInBytes)
	if got != "CANCELLED: Bytes scanned limit was exceeded, bytes 1" {
		t.Error(got)
	}
	env.query(`CREATE VIEW people AS SELECT id FROM crawled.users`)
	env.query(`SELECT 1`)
}

// BenchmarkCreateView creates a view over a crawled table, which is the most frequent kind of statement in a run.
func BenchmarkCreateView(b *testing.B) {
	env := newTestEnv(b)
	createUsers(env)
	for b.Loop() {
		env.query("CREATE OR REPLACE VIEW people AS SELECT id, name FROM crawled.users")
	}
}

// BenchmarkSelectFromHistory queries a view over several tables.
func BenchmarkSelectFromHistory(b *testing.B) {
	env := newTestEnv(b)
	createHistory(env)
	for b.Loop() {
		env.query("SELECT count(*) FROM users_history WHERE snapshot_at = TIMESTAMP '2026-11-22 17:05:12'")
	}
}
