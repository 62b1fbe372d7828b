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

// bytesOf is what the columns of a table that createTable made take in its file.
func bytesOf(w *world, table string, columns ...string) int64 {
	w.t.Helper()
	path := w.store.Path("lake", "exports/"+table+"/1/part-00000-a.gz.parquet")
	b, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		w.t.Fatal(err)
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

// scanned runs a query that succeeds, and tells how many bytes it has read.
func (w *world) scanned(sql string) int64 {
	w.t.Helper()
	e := w.wait(w.start(sql))
	if e.Status.State != types.QueryExecutionStateSucceeded {
		w.t.Fatalf("%s: %s %s", sql, e.Status.State, aws.ToString(e.Status.StateChangeReason))
	}
	return *e.Statistics.DataScannedInBytes
}

// createHistory makes the crawled tables night1 to night3, with ever more rows, and the view users_history over them.
func createHistory(w *world) {
	w.t.Helper()
	var branches []string
	for night := 1; night <= 3; night++ {
		var rows []user
		for i := range 100 * night {
			rows = append(rows, user{int64(i), aws.String(fmt.Sprintf("user %d of night %d", i, night))})
		}
		table := fmt.Sprintf("night%d", night)
		createTable(w, table, []glue.Column{{Name: "id", Type: "bigint"}, {Name: "name", Type: "string"}}, rows...)
		branches = append(branches, fmt.Sprintf(`SELECT CAST('2026-11-2%d 17:05:12.000' AS timestamp(3)) AS "snapshot_at", "id", "name" FROM "crawled".%q`, night, table))
	}
	w.query(`CREATE VIEW users_history AS ` + strings.Join(branches, " UNION ALL "))
}

func TestAFilterOnAConstantReadsOnlyThatBranch(t *testing.T) {
	w := newWorld(t)
	createHistory(w)
	night := func(columns ...string) (n [4]int64) {
		for i := 1; i <= 3; i++ {
			n[i] = bytesOf(w, fmt.Sprintf("night%d", i), columns...)
		}
		return n
	}
	id, all := night("id"), night("id", "name")
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
		// Which night is the newest is not known before the query runs.
		{"SELECT * FROM users_history WHERE snapshot_at = (SELECT max(snapshot_at) FROM users_history)", every},
	} {
		if got := w.scanned(test.sql); got != test.want {
			t.Errorf("%s\nread %d bytes, want %d", test.sql, got, test.want)
		}
	}
}

func TestAQueryReadsOnlyTheColumnsThatItNeeds(t *testing.T) {
	w := newWorld(t)
	createUsers(w)
	id, name := bytesOf(w, "users", "id"), bytesOf(w, "users", "name")
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
		if got := w.scanned(test.sql); got != test.want {
			t.Errorf("%s\nread %d bytes, want %d", test.sql, got, test.want)
		}
	}
}

func TestReadsFilesOfDifferentColumns(t *testing.T) {
	w := newWorld(t)
	createTable(w, "users", []glue.Column{{Name: "id", Type: "bigint"}, {Name: "city", Type: "string"}, {Name: "name", Type: "string"}}, user{1, aws.String("Ada")})
	var b bytes.Buffer
	type moved struct {
		City string `parquet:"CITY"`
		ID   int64  `parquet:"id"`
	}
	if err := parquet.Write(&b, []moved{{"London", 2}}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Put("lake", "exports/users/2/part-00000-a.gz.parquet", b.Bytes()); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"id", "city", "name"}, {"1", "NULL", "Ada"}, {"2", "London", "NULL"}}
	if diff := cmp.Diff(want, w.query("SELECT * FROM crawled.users ORDER BY id")); diff != "" {
		t.Error(diff)
	}
	if got, first := w.scanned("SELECT id FROM crawled.users"), bytesOf(w, "users", "id"); got <= first {
		t.Errorf("read %d bytes, and the column takes %d in the first file alone", got, first)
	}
}

func TestCancelsAQueryThatReadsMoreThanItsWorkgroupAllows(t *testing.T) {
	w := newWorldWith(t, nil, func(o *athena.Options) { o.WorkGroups[0].BytesScannedCutoff = 1 })
	createUsers(w)
	e := w.wait(w.start(`SELECT id FROM crawled.users`))
	if e.Status.State != types.QueryExecutionStateCancelled || aws.ToString(e.Status.StateChangeReason) != "Bytes scanned limit was exceeded" || *e.Statistics.DataScannedInBytes != 1 {
		t.Errorf("got %s %s after %d bytes", e.Status.State, aws.ToString(e.Status.StateChangeReason), *e.Statistics.DataScannedInBytes)
	}
	w.query(`CREATE VIEW people AS SELECT id FROM crawled.users`)
	w.query(`SELECT count(*) FROM people`)
	w.query(`SELECT 1`)
}

// BenchmarkCreateView makes a view over a crawled table, which is what a night does most.
func BenchmarkCreateView(b *testing.B) {
	w := newWorld(b)
	createUsers(w)
	for b.Loop() {
		w.query("CREATE OR REPLACE VIEW people AS SELECT id, name FROM crawled.users")
	}
}

// BenchmarkSelectFromHistory asks a view over views and tables.
func BenchmarkSelectFromHistory(b *testing.B) {
	w := newWorld(b)
	createHistory(w)
	for b.Loop() {
		w.query("SELECT count(*) FROM users_history WHERE snapshot_at = TIMESTAMP '2026-11-22 17:05:12'")
	}
}
