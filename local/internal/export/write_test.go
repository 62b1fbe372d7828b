package export

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// folder is a fake bucket. It records the names of the files in the order in which they were put.
type folder struct {
	dir   string
	names []string
}

func (f *folder) put(name, file string) error {
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f.names = append(f.names, name)
	return os.Rename(file, path) // Put may move the file
}

// fixed returns a function that yields the same rows for every table.
func fixed(rows ...[]sql.RawBytes) Rows {
	return func(context.Context, Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

func text(values ...string) []sql.RawBytes {
	row := make([]sql.RawBytes, len(values))
	for i, v := range values {
		row[i] = sql.RawBytes(v)
	}
	return row
}

func table(name string) Table {
	return Table{Database: "shop", Name: name, Columns: []Column{{Name: "id", Type: "int", Precision: 10}}}
}

func task() Task {
	at := time.Date(2026, 11, 21, 17, 5, 9, 0, time.UTC)
	return Task{
		ID: "shop-20261121-1705-0", SourceARN: "arn:aws:rds:ap-northeast-1:123456789012:snapshot:rds:shop", SnapshotTime: at,
		StartTime: at.Add(time.Hour), EndTime: at.Add(2 * time.Hour), Bucket: "lake", Prefix: "exports/shop/",
		IAMRoleARN: "arn:aws:iam::123456789012:role/export", KMSKeyID: "arn:aws:kms:ap-northeast-1:123456789012:key/k",
	}
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// write exports tables. It returns the names of the files, in which "UUID" replaces each UUID, their folder and the result.
func write(t *testing.T, task Task, rows Rows, tables ...Table) (names []string, dir string, result Result) {
	t.Helper()
	f := &folder{dir: t.TempDir()}
	task.Dir = t.TempDir()
	result, err := Write(t.Context(), task, tables, rows, f.put)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range f.names {
		f.names[i] = uuid.ReplaceAllString(n, "UUID")
	}
	return f.names, f.dir, result
}

// statuses reads all export_tables_info files in order.
func statuses(t *testing.T, dir string) []tableStatus {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "export_tables_info_*.json"))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(files, func(a, b string) int { return len(a) - len(b) })
	var all []tableStatus
	for _, file := range files {
		var m struct{ PerTableStatus []tableStatus }
		readInto(t, file, &m)
		all = append(all, m.PerTableStatus...)
	}
	return all
}

func readInto(t *testing.T, file string, v any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func TestWrite_UsesLayoutOfRDS(t *testing.T) {
	names, dir, result := write(t, task(), fixed(text("1"), text("2")), table("users"), table(`odd name"s`))
	want := []string{
		"shop/shop.users/1/part-00000-UUID.gz.parquet",
		"shop/shop.users/1/_SUCCESS",
		"shop/shop.odd_name_s/1/part-00000-UUID.gz.parquet",
		"shop/shop.odd_name_s/1/_SUCCESS",
		"export_tables_info_shop-20261121-1705-0_from_1_to_2.json",
		"export_info_shop-20261121-1705-0.json",
	}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
	var size int64
	for _, pattern := range []string{"shop/shop.users/1/*.parquet", "shop/shop.odd_name_s/1/*.parquet"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		info, err := os.Stat(files[0])
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if d := cmp.Diff(Result{Bytes: size}, result); d != "" {
		t.Error(d)
	}
}

func TestWrite_WritesOnlySuccessFileForEmptyTable(t *testing.T) {
	names, dir, _ := write(t, task(), fixed(), table("coupons"))
	want := []string{
		"shop/shop.coupons/1/_SUCCESS",
		"export_tables_info_shop-20261121-1705-0_from_1_to_1.json",
		"export_info_shop-20261121-1705-0.json",
	}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
	if info, err := os.Stat(filepath.Join(dir, want[0])); err != nil || info.Size() != 0 {
		t.Errorf("_SUCCESS is not an empty file: %v", err)
	}
	if s := statuses(t, dir)[0]; s.Status != "COMPLETE" || *s.SizeGB != 0 || len(s.SchemaMetadata["originalTypeMappings"]) != 1 {
		t.Errorf("unexpected status of an empty table: %+v", s)
	}
}

func TestWrite_WritesExportInfo(t *testing.T) {
	_, dir, _ := write(t, task(), fixed(), table("users"))
	var got map[string]any
	readInto(t, filepath.Join(dir, "export_info_shop-20261121-1705-0.json"), &got)
	want := map[string]any{
		"exportTaskIdentifier": "shop-20261121-1705-0", "sourceArn": "arn:aws:rds:ap-northeast-1:123456789012:snapshot:rds:shop",
		"exportOnly": []any{}, "snapshotTime": "Nov 21, 2026, 5:05:09 PM", "taskStartTime": "Nov 21, 2026, 6:05:09 PM",
		"taskEndTime": "Nov 21, 2026, 7:05:09 PM", "s3Bucket": "lake", "s3Prefix": "exports/shop/",
		"exportedFilesPath": "exports/shop/shop-20261121-1705-0", "iamRoleArn": "arn:aws:iam::123456789012:role/export",
		"kmsKeyId": "arn:aws:kms:ap-northeast-1:123456789012:key/k", "status": "COMPLETE", "percentProgress": 100.0,
		"totalExportedDataInGB": 0.0,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWrite_WritesExportTablesInfo(t *testing.T) {
	columns := []Column{
		{Name: "id", Type: "bigint", Unsigned: true, Precision: 20},
		{Name: "price", Type: "decimal", Precision: 12, Scale: 2},
		{Name: "name", Type: "varchar", CharLength: 100},
		{Name: "at", Type: "datetime", TimePrecision: 6},
	}
	_, dir, _ := write(t, task(), fixed(), Table{Database: "shop", Name: "orders", Columns: columns})
	var got struct{ PerTableStatus []map[string]any }
	readInto(t, filepath.Join(dir, "export_tables_info_shop-20261121-1705-0_from_1_to_1.json"), &got)
	column := func(name, original, exported string, length, precision, fraction float64) any {
		return map[string]any{"columnName": name, "originalType": original, "expectedExportedType": exported,
			"originalCharMaxLength": length, "originalNumPrecision": precision, "originalDateTimePrecision": fraction}
	}
	want := []map[string]any{{
		"target": "shop.shop.orders", "status": "COMPLETE", "sizeGB": 0.0,
		"tableStatistics": map[string]any{
			"extractionStartTime": "Nov 21, 2026, 6:05:09 PM", "extractionEndTime": "Nov 21, 2026, 7:05:09 PM",
			"partitioningInfo": map[string]any{"numberOfPartitions": 1.0, "numberOfCompletedPartitions": 1.0},
		},
		"schemaMetadata": map[string]any{"originalTypeMappings": []any{
			column("id", "bigint", "fixed_len_byte_array(9) (DECIMAL(20,0))", 0, 20, 0),
			column("price", "decimal", "int64 (DECIMAL(12,2))", 0, 12, 0),
			column("name", "varchar", "binary (UTF8)", 100, 0, 0),
			column("at", "datetime", "int64 (TIMESTAMP_MICRO)", 0, 0, 6),
		}},
	}}
	if d := cmp.Diff(want, got.PerTableStatus); d != "" {
		t.Error(d)
	}
}

func TestWrite_SplitsExportTablesInfo(t *testing.T) {
	var tables []Table
	for i := range statusesPerManifest + 1 {
		tables = append(tables, table(fmt.Sprintf("t%03d", i)))
	}
	names, dir, _ := write(t, task(), fixed(), tables...)
	want := []string{
		"export_tables_info_shop-20261121-1705-0_from_1_to_100.json",
		"export_tables_info_shop-20261121-1705-0_from_101_to_101.json",
		"export_info_shop-20261121-1705-0.json",
	}
	if d := cmp.Diff(want, names[len(tables):]); d != "" {
		t.Error(d)
	}
	if all := statuses(t, dir); len(all) != len(tables) || all[100].Target != "shop.shop.t100" {
		t.Errorf("the manifests list %d tables, want %d, with shop.shop.t100 last", len(all), len(tables))
	}
}

func TestWrite_WarnsAboutSkippedTables(t *testing.T) {
	odd := table("odd")
	odd.Columns = append(odd.Columns, Column{Name: "a b", Type: "int"})
	names, dir, result := write(t, task(), fixed(), table("users"), table("a/b"), odd)
	if got := names[0]; len(names) != 3 || got != "shop/shop.users/1/_SUCCESS" {
		t.Errorf("wrote %v, want only files of shop.users", names)
	}
	column := "the name of column a b contains a space, a tab, a newline, or one of , ; { } ( ) ="
	slash := "the table's name contains a slash"
	want := []tableStatus{
		{Target: "shop.shop.a/b", WarningMessage: slash},
		{Target: "shop.shop.odd", WarningMessage: column},
	}
	if d := cmp.Diff(want, statuses(t, dir)[1:]); d != "" {
		t.Error(d)
	}
	message := `{"skippedTables":[{"target":"shop.shop.a/b","reason":"` + slash + `"},{"target":"shop.shop.odd","reason":"` + column +
		`"}],"skippedObjectives":[],"general":[]}`
	if d := cmp.Diff(message, result.WarningMessage); d != "" {
		t.Error(d)
	}
}

func TestWrite_SelectsByExportOnly(t *testing.T) {
	tables := []Table{table("users"), table("orders"), {Database: "audit", Name: "log", Columns: table("").Columns}}
	for _, c := range []struct {
		only []string
		want []string
	}{
		{nil, []string{"shop.shop.users", "shop.shop.orders", "audit.audit.log"}},
		{[]string{"shop"}, []string{"shop.shop.users", "shop.shop.orders"}},
		{[]string{"shop.orders", "audit"}, []string{"shop.shop.orders", "audit.audit.log"}},
		{[]string{"shop.users", "shop.users"}, []string{"shop.shop.users"}},
	} {
		task := task()
		task.ExportOnly = c.only
		_, dir, result := write(t, task, fixed(), tables...)
		var got []string
		for _, s := range statuses(t, dir) {
			got = append(got, s.Target)
		}
		if d := cmp.Diff(c.want, got); d != "" || result.WarningMessage != "" {
			t.Errorf("%v: %s\n%s", c.only, result.WarningMessage, d)
		}
	}
}

func TestWrite_UsesSchemasOfPostgreSQL(t *testing.T) {
	tables := []Table{
		{Database: "app", Schema: "public", Name: "users", Columns: []Column{{Name: "id", Type: "integer", Precision: 32}}},
		{Database: "app", Schema: "my audit", Name: "log", Columns: []Column{{Name: "at", Type: "timestamp with time zone", TimePrecision: 6}}},
		{Database: "app", Schema: "public", Name: "cache", Skipped: "the table is unlogged"},
	}
	names, dir, result := write(t, task(), fixed(text("1")), tables...)
	want := []string{
		"app/public.users/1/part-00000-UUID.gz.parquet",
		"app/public.users/1/_SUCCESS",
		"app/my_audit.log/1/part-00000-UUID.gz.parquet",
		"app/my_audit.log/1/_SUCCESS",
	}
	if d := cmp.Diff(want, names[:4]); d != "" {
		t.Error(d)
	}
	var got []string
	for _, s := range statuses(t, dir) {
		got = append(got, s.Target+" "+s.Status+s.WarningMessage)
	}
	if d := cmp.Diff([]string{"app.public.users COMPLETE", "app.my audit.log COMPLETE", "app.public.cache the table is unlogged",
		"rdsadmin PERMISSIONS_DO_NOT_EXIST", "postgres PERMISSIONS_DO_NOT_EXIST"}, got); d != "" {
		t.Error(d)
	}
	if message := `{"skippedTables":[{"target":"app.public.cache","reason":"the table is ` +
		`unlogged"}],"skippedObjectives":[],"general":[]}`; result.WarningMessage != message {
		t.Errorf("the warning is %s, want %s", result.WarningMessage, message)
	}
	log := statuses(t, dir)[1].SchemaMetadata["originalTypeMappings"][0]
	if d := cmp.Diff(typeMapping{"at", "timestamp with time zone", "binary (UTF8)", 0, 0, 6}, log); d != "" {
		t.Error(d)
	}
}

func TestWrite_SelectsPostgreSQLByExportOnly(t *testing.T) {
	in := func(schema, name string) Table {
		return Table{Database: "app", Schema: schema, Name: name, Columns: []Column{{Name: "id", Type: "integer"}}}
	}
	tables := []Table{in("app", "app"), in("app", "users"), in("public", "users")}
	for _, c := range []struct {
		only []string
		want []string
	}{
		{[]string{"app"}, []string{"app.app.app", "app.app.users", "app.public.users"}},
		{[]string{"app.app"}, []string{"app.app.app", "app.app.users"}},
		{[]string{"app.public.users"}, []string{"app.public.users"}},
		{[]string{"app.public.user"}, []string{"app.public.user the table does not exist"}},
		{[]string{"app.users"}, []string{"app.users FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}},
	} {
		task := task()
		task.ExportOnly = c.only
		_, dir, _ := write(t, task, fixed(), tables...)
		var got []string
		for _, s := range statuses(t, dir) {
			got = append(got, strings.TrimSpace(s.Target+" "+s.WarningMessage))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%v: %s", c.only, d)
		}
	}
}

func TestWrite_WarnsAboutUnknownNamesInExportOnly(t *testing.T) {
	task := task()
	task.ExportOnly = []string{"shop.users", "shop.user", "shop.user", "shoop"}
	_, dir, result := write(t, task, fixed(), table("users"))
	want := []tableStatus{
		{Target: "shop.shop.user", WarningMessage: "the table does not exist"},
		{Target: "shoop", WarningMessage: "FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"},
	}
	if d := cmp.Diff(want, statuses(t, dir)[1:]); d != "" {
		t.Error(d)
	}
	message := `{"skippedTables":[{"target":"shop.shop.user","reason":"the table does not exist"}],"skippedObjectives":[],` +
		`"general":[{"reason":"FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}]}`
	if d := cmp.Diff(message, result.WarningMessage); d != "" {
		t.Error(d)
	}
}

func TestWrite_SplitsLargeTable(t *testing.T) {
	letters := Table{Database: "shop", Name: "letters", Columns: []Column{{Name: "body", Type: "longtext"}}}
	row := text(strings.Repeat("x", partBytes/2))
	names, dir, _ := write(t, task(), fixed(row, row, row), letters)
	want := []string{
		"shop/shop.letters/1/part-00000-UUID.gz.parquet",
		"shop/shop.letters/1/part-00001-UUID.gz.parquet",
		"shop/shop.letters/1/_SUCCESS",
	}
	if d := cmp.Diff(want, names[:3]); d != "" {
		t.Error(d)
	}
	partitions := map[string]any{"numberOfPartitions": 2.0, "numberOfCompletedPartitions": 2.0}
	if d := cmp.Diff(partitions, statuses(t, dir)[0].TableStatistics["partitioningInfo"]); d != "" {
		t.Error(d)
	}
}

func TestWrite_NamesCauseOfFailure(t *testing.T) {
	lost := func(context.Context, Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) { yield(nil, errors.New("connection lost")) }
	}
	vector := Table{Database: "shop", Name: "users", Columns: []Column{{Name: "v", Type: "vector"}}}
	for _, c := range []struct {
		name   string
		tables []Table
		rows   Rows
		want   string
	}{
		{"value", []Table{table("users")}, fixed(text("1"), text("one")), `table shop.users: column id: the value "one" is not a number`},
		{"type", []Table{vector}, fixed(), "table shop.users: column v: AWS does not document how RDS exports type vector; exclude the table " +
			"from the export"},
		{"lost connection", []Table{table("users")}, lost, "table shop.users: connection lost"},
		{"two tables with the same folder", []Table{table("a b"), table("a_b")}, fixed(),
			"table shop.a_b: its folder shop/shop.a_b/1/ is also the folder of table shop.a b; export only one of the two"},
	} {
		t.Run(c.name, func(t *testing.T) {
			task := task()
			task.Dir = t.TempDir()
			f := &folder{dir: t.TempDir()}
			_, err := Write(t.Context(), task, c.tables, c.rows, f.put)
			if want := "export shop-20261121-1705-0: " + c.want; err == nil || err.Error() != want {
				t.Errorf("got error %v, want %s", err, want)
			}
			for _, name := range f.names {
				if strings.HasSuffix(name, ".json") {
					t.Errorf("a failed export wrote the manifest %s", name)
				}
			}
		})
	}
}
