package source

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/export"
)

// take returns the next snapshot of the sample.
func take(t *testing.T, d *sample) sampleDay {
	t.Helper()
	s, err := d.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.(sampleDay)
}

// content returns the lines of each table. The first line lists the columns, and each other line is a row.
func content(t *testing.T, s sampleDay) map[string][]string {
	t.Helper()
	tables, rows := s.read()
	lines := map[string][]string{}
	for _, table := range tables {
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, c.Name+" "+c.Type)
		}
		lines[table.Name] = []string{strings.Join(columns, ", ")}
		for row, err := range rows(t.Context(), table) {
			if err != nil {
				t.Fatal(err)
			}
			lines[table.Name] = append(lines[table.Name], fmt.Sprintf("%q", row))
		}
	}
	return lines
}

func TestSample_ChangesEveryDay(t *testing.T) {
	d := &sample{}
	days := []sampleDay{take(t, d), take(t, d), take(t, d)}
	t.Run("is always the same", func(t *testing.T) {
		if d := cmp.Diff(content(t, days[0]), content(t, take(t, &sample{}))); d != "" {
			t.Error(d)
		}
	})
	t.Run("changes every day", func(t *testing.T) { testDays(t, days) })
	t.Run("has every type that RDS exports", func(t *testing.T) { testTypes(t, days[0]) })
	t.Run("is exported with its values", func(t *testing.T) { testValues(t, days[0]) })
}

func testDays(t *testing.T, snapshots []sampleDay) {
	days := make([]map[string][]string, len(snapshots))
	for i, s := range snapshots {
		days[i] = content(t, s)
	}
	for i, want := range []string{
		"id int, name varchar, budget int, memo varchar",
		"id int, name varchar, budget int, memo varchar, discount_rate decimal",
		"id int, name varchar, budget bigint, discount_rate decimal, channel varchar",
	} {
		if got := days[i]["campaigns"][0]; got != want {
			t.Errorf("on day %d, campaigns has columns %s, want %s", i, got, want)
		}
		rows := map[string]int{}
		for name, lines := range days[i] {
			rows[name] = len(lines) - 1
		}
		users := []int{500, 512 - 1, 524 - 2}[i] // from day 1, one user is deleted per day
		want := map[string]int{"CATEGORY_MASTER": 8, "campaigns": 3, "coupons": 0, "every_type": 4, "order_items": 2000 + 80*i,
			"orders": 1000 + 40*i, "products": 240, "reviews": 400, "users": users}
		if i >= 1 {
			want["gift_cards"] = 60 + 15*(i-1)
		}
		if i < 2 {
			want["flash_sales"] = 24
		}
		if d := cmp.Diff(want, rows); d != "" {
			t.Errorf("rows on day %d: %s", i, d)
		}
	}
	for _, table := range []string{"users", "products", "orders", "gift_cards"} {
		if !changes(days[1][table], days[2][table]) {
			t.Errorf("no row of %s changes from day 1 to day 2", table)
		}
	}
}

// changes reports whether the values of any row differ between before and after. A row begins with its key.
func changes(before, after []string) bool {
	return slices.ContainsFunc(before[1:], func(row string) bool {
		key, _, _ := strings.Cut(row, " ")
		return !slices.Contains(after, row) && slices.ContainsFunc(after, func(r string) bool { return strings.HasPrefix(r, key+" ") })
	})
}

func testTypes(t *testing.T, s sampleDay) {
	types := map[string]bool{}
	tables, _ := s.read()
	for _, table := range tables {
		for _, c := range table.Columns {
			name := c.Type
			if c.Unsigned {
				name += " unsigned"
			}
			types[name] = true
		}
	}
	for _, name := range strings.Split("tinyint,tinyint unsigned,smallint,smallint unsigned,mediumint,mediumint unsigned,int,int unsigned,"+
		"bigint,bigint unsigned,decimal,float,double,bit,year,date,time,datetime,timestamp,char,varchar,tinytext,text,mediumtext,longtext,"+
		"enum,set,json,binary,varbinary,tinyblob,blob,mediumblob,longblob,geometry,point,linestring,polygon,multipoint,multilinestring,"+
		"multipolygon,geometrycollection", ",") {
		if !types[name] {
			t.Errorf("the sample has no column of type %s", name)
		}
	}
}

// exportTo exports a snapshot to a new folder and returns the folder.
func exportTo(t *testing.T, s export.Snapshot) string {
	t.Helper()
	dir := t.TempDir()
	_, err := s.Export(t.Context(), export.Task{ID: "sample", Dir: t.TempDir()}, func(name, file string) error {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.Rename(file, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func testValues(t *testing.T, s sampleDay) {
	dir := exportTo(t, s)
	db, err := sql.Open("duckdb", "?autoinstall_known_extensions=false&autoload_known_extensions=false")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct{ table, columns, where, want string }{
		{"users", "id, name, email, birthday, plan", "id = 2", "2, 鈴木 さくら, user0002@example.jp, 1957-02-02, free"},
		{"users", "name, prefecture, birthday", "id = 1", "佐藤 翔太, NULL, NULL"},
		{"orders", "id, total, note, ordered_at", "id = 1", "1, 1960.00, 置き配希望🚚, 2026-10-01 00:00:00"},
		{"CATEGORY_MASTER", "CATEGORY_CD, CATEGORY_NAME, PARENT_CD", "SORT_ORDER = 20", "C003, 書籍, C001"},
		{"every_type", "c_bigint_unsigned, c_decimal_38_10, c_time, c_datetime_6, hex(c_bit_64), hex(c_binary), c_year", "id = 1",
			"18446744073709551615, 9999999999999999999999999999.9999999999, 838:59:59, 9999-12-31 23:59:59.999999, " +
				"FFFFFFFFFFFFFFFF, 00FF80FE, 2155"},
		{"every_type", "c_date, c_datetime, c_timestamp, c_varchar", "id = 3", "0000-00-00, NULL, NULL, NULL"},
		{"every_type", "c_char, c_enum, c_set, hex(c_blob), c_tinyint", "id = 2", ", 小, , , -128"},
	} {
		var parts []string
		for _, column := range strings.Split(c.columns, ", ") {
			parts = append(parts, "coalesce(cast("+column+" AS varchar), 'NULL')")
		}
		query := "SELECT concat_ws(', ', " + strings.Join(parts, ", ") + ") FROM read_parquet('" + dir + "/shop/shop." + c.table +
			"/1/*.parquet') WHERE " + c.where
		var got string
		if err := db.QueryRow(query).Scan(&got); err != nil {
			t.Error(err)
		} else if got != c.want {
			t.Errorf("%s where %s: got %s, want %s", c.table, c.where, got, c.want)
		}
	}
}

func TestSample_DescribesColumns(t *testing.T) {
	got := parseColumns("a bigint unsigned, b decimal(12,2), c char(4), d text, e datetime(6), f tinyint, g bit(64), h double, i json")
	want := []export.Column{
		{Name: "a", Type: "bigint", Unsigned: true},
		{Name: "b", Type: "decimal", Precision: 12, Scale: 2},
		{Name: "c", Type: "char", CharLength: 4},
		{Name: "d", Type: "text"},
		{Name: "e", Type: "datetime", TimePrecision: 6},
		{Name: "f", Type: "tinyint"},
		{Name: "g", Type: "bit", Precision: 64},
		{Name: "h", Type: "double"},
		{Name: "i", Type: "json"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
