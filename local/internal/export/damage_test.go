package export

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shop is a snapshot with two tables of one row each, an empty table, and a table that RDS skips.
type shop struct{}

func (shop) Export(ctx context.Context, t Task, put Put) (Result, error) {
	rows := func(_ context.Context, t Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			if t.Name != "coupons" {
				yield(text("1"), nil)
			}
		}
	}
	return Write(ctx, t, []Table{table("users"), table("order items"), table("coupons"), table("a/b")}, rows, put)
}

func (shop) Close() error { return nil }

// damage exports the shop and applies d. It returns the names of the files, their folder and the result.
func damage(t *testing.T, d Damage) (names []string, dir string, r Result) {
	t.Helper()
	f := &folder{dir: t.TempDir()}
	task := task()
	task.Dir = t.TempDir()
	r, err := Damaged(t.Context(), shop{}, d, task, f.put)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range f.names {
		f.names[i] = uuid.ReplaceAllString(n, "UUID")
	}
	return f.names, f.dir, r
}

const (
	usersPart     = "shop/shop.users/1/part-00000-UUID.gz.parquet"
	usersDone     = "shop/shop.users/1/_SUCCESS"
	itemsPart     = "shop/shop.order_items/1/part-00000-UUID.gz.parquet"
	itemsDone     = "shop/shop.order_items/1/_SUCCESS"
	couponsDone   = "shop/shop.coupons/1/_SUCCESS"
	tableManifest = "export_tables_info_shop-20261121-1705-0_from_1_to_4.json"
	infoManifest  = "export_info_shop-20261121-1705-0.json"
)

func TestDamaged_PutsRemainingFiles(t *testing.T) {
	for name, c := range map[string]struct {
		damage Damage
		want   []string
	}{
		"Nothing":            {Nothing, nil},
		"FirstTable":         {FirstTable, []string{usersPart, usersDone}},
		"Tables":             {Tables, []string{usersPart, usersDone, itemsPart, itemsDone, couponsDone}},
		"LoseTableManifests": {LoseTableManifests, []string{usersPart, usersDone, itemsPart, itemsDone, couponsDone, infoManifest}},
		"LoseParts":          {LoseParts, []string{usersPart, usersDone, itemsDone, couponsDone, tableManifest, infoManifest}},
		"CutTableManifest": {CutTableManifest, []string{usersPart, usersDone, itemsPart, itemsDone, couponsDone, tableManifest,
			infoManifest}},
		"SkipTable": {SkipTable, []string{usersPart, usersDone, couponsDone, tableManifest, infoManifest}},
	} {
		names, _, _ := damage(t, c.damage)
		if d := cmp.Diff(c.want, names); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestCutTableManifest_LeavesInvalidJSON(t *testing.T) {
	_, dir, _ := damage(t, CutTableManifest)
	if b := read(t, dir, tableManifest); json.Valid(b) || !strings.Contains(string(b), `"perTableStatus"`) {
		t.Errorf("got %s", b)
	}
	if b := read(t, dir, infoManifest); !json.Valid(b) {
		t.Errorf("export_info is truncated, too: %s", b)
	}
}

func TestSkipTable_ReportsTable(t *testing.T) {
	_, dir, result := damage(t, SkipTable)
	const want = `{"skippedTables":[{"target":"shop.shop.a/b","reason":"the table's name contains a slash"},` +
		`{"target":"shop.shop.order items","reason":"PERMISSIONS_DO_NOT_EXIST"}],"skippedObjectives":[],"general":[]}`
	if result.WarningMessage != want {
		t.Errorf("got  %s\nwant %s", result.WarningMessage, want)
	}
	all := statuses(t, dir)
	i := slices.IndexFunc(all, func(s tableStatus) bool { return s.Target == "shop.shop.order items" })
	if d := cmp.Diff(tableStatus{Target: "shop.shop.order items", WarningMessage: "PERMISSIONS_DO_NOT_EXIST"}, all[i]); d != "" {
		t.Error(d)
	}
	if len(all) != 4 || all[0].Status != statusComplete || all[0].SchemaMetadata == nil {
		t.Errorf("the statuses of the other tables have changed: %+v", all)
	}
}

func TestDamaged_FailsIfDamageDoesNotApply(t *testing.T) {
	for want, c := range map[string]struct {
		damage Damage
		tables []Table
	}{
		"damage export shop-20261121-1705-0: no export_tables_info file to truncate": {CutTableManifest, nil},
		"damage export shop-20261121-1705-0: no table has rows":                      {LoseParts, []Table{table("coupons")}},
	} {
		task := task()
		task.Dir = t.TempDir()
		f := &folder{dir: t.TempDir()}
		_, err := Damaged(t.Context(), tables(c.tables), c.damage, task, f.put)
		if err == nil || err.Error() != want || len(f.names) != 0 {
			t.Errorf("got %v and files %v, want %s", err, f.names, want)
		}
	}
}

// tables is a snapshot of empty tables.
type tables []Table

func (ts tables) Export(ctx context.Context, t Task, put Put) (Result, error) {
	return Write(ctx, t, ts, fixed(), put)
}

func (tables) Close() error { return nil }

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
