package manifest_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// fakeS3 is a fake of the S3 API.
type fakeS3 struct {
	list func(*s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error)
	get  func(*s3.GetObjectInput) (*s3.GetObjectOutput, error)
}

func (f fakeS3) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return f.list(in)
}

func (f fakeS3) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return f.get(in)
}

const folder = "exports/shop/x/"

// bucket returns a bucket with these objects in folder. It lists two per page.
func bucket(objects map[string]string) fakeS3 {
	var keys []string
	for name := range objects {
		keys = append(keys, folder+name)
	}
	slices.Sort(keys)
	return fakeS3{
		list: func(in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
			var found []types.Object
			for _, key := range keys {
				if strings.HasPrefix(key, *in.Prefix) {
					found = append(found, types.Object{Key: aws.String(key), Size: aws.Int64(int64(len(objects[key[len(folder):]])))})
				}
			}
			from, _ := strconv.Atoi(aws.ToString(in.ContinuationToken))
			to := min(from+2, len(found))
			return &s3.ListObjectsV2Output{
				Contents:              found[from:to],
				IsTruncated:           aws.Bool(to < len(found)),
				NextContinuationToken: aws.String(strconv.Itoa(to)),
			}, nil
		},
		get: func(in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
			return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(objects[(*in.Key)[len(folder):]]))}, nil
		},
	}
}

// sample adds the manifests in testdata whose names contain kind to the objects.
func sample(t *testing.T, kind string, objects map[string]string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/export_*_" + kind + "*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sample %q: %v", kind, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		objects[filepath.Base(file)] = string(b)
	}
	return objects
}

func TestRead_ReadsAnExportOfMySQL(t *testing.T) {
	objects := sample(t, "mysql", map[string]string{
		"shop/shop.users/1/_SUCCESS":                  "",
		"shop/shop.users/1/part-00000-a.gz.parquet":   "0123456789",
		"shop/shop.users/2/_SUCCESS":                  "",
		"shop/shop.users/2/part-00007-b.gz.parquet":   "01234",
		"shop/shop.order_items/part-00000.gz.parquet": "012",
		"shop/shop.order_items/_SUCCESS":              "",
		"shop/shop.empty/1/_SUCCESS":                  "",
	})
	got, err := manifest.Read(t.Context(), bucket(objects), "lake", folder)
	if err != nil {
		t.Fatal(err)
	}
	want := manifest.Export{
		Info: manifest.Info{
			SnapshotTime:  time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC),
			TaskStartTime: time.Date(2026, 11, 21, 18, 30, 41, 0, time.UTC),
			TaskEndTime:   time.Date(2026, 11, 21, 18, 58, 3, 250e6, time.UTC),
			Status:        "COMPLETE",
			Gigabytes:     12.4,
		},
		Tables: []manifest.Table{
			{
				TableName: workflow.TableName{Database: "shop", Schema: "shop", Table: "users"}, Status: "COMPLETE",
				Columns: []manifest.Column{
					{Name: "id", OriginalType: "bigint", ExportedType: "int64", NumPrecision: 19},
					{Name: "氏名", OriginalType: "varchar", ExportedType: "binary (UTF8)"},
					{Name: "created_at", OriginalType: "datetime", ExportedType: "int64 (TIMESTAMP_MICRO)", DateTimePrecision: 6},
				},
				Gigabytes: 3.7252902984619141e-9, Partitions: 1, CompletedPartitions: 1,
				Folder: "shop/shop.users/", Objects: 4, Files: 2, Bytes: 15,
			},
			{TableName: workflow.TableName{Database: "shop", Schema: "shop", Table: "order items"}, Status: "COMPLETE", Folder: "shop/shop.order_items/", Objects: 2, Files: 1, Bytes: 3},
			{TableName: workflow.TableName{Database: "shop", Schema: "shop", Table: "audit.2026"}, Warning: `{ "reason": "ROW_TOO_LARGE" }`, Folder: "shop/shop.audit.2026/"},
			{TableName: workflow.TableName{Database: "shop", Schema: "shop", Table: "empty"}, Status: "COMPLETE", Folder: "shop/shop.empty/", Objects: 1},
		},
		Warnings: []manifest.Warning{{Database: "reports", Message: "FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}},
		Folders:  2,
		Objects:  10,
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestRead_ReadsAnExportOfPostgreSQL(t *testing.T) {
	objects := sample(t, "postgres", map[string]string{"app/public.events/1/part-00000-a.gz.parquet": "0123"})
	got, err := manifest.Read(t.Context(), bucket(objects), "lake", folder)
	if err != nil {
		t.Fatal(err)
	}
	want := manifest.Export{
		Info: manifest.Info{
			SnapshotTime:  time.Date(2020, 9, 10, 7, 0, 1, 0, time.UTC),
			TaskStartTime: time.Date(2020, 9, 10, 7, 13, 10, 0, time.UTC),
			Status:        "COMPLETE",
			Gigabytes:     0.5,
		},
		Tables: []manifest.Table{{
			TableName: workflow.TableName{Database: "app", Schema: "public", Table: "events"}, Status: "COMPLETE",
			Columns: []manifest.Column{
				{Name: "at", OriginalType: "timestamp with time zone", ExportedType: "binary (UTF8)"},
				{Name: "price", OriginalType: "numeric", ExportedType: "binary (UTF8)", NumPrecision: 12, NumScale: new(2)},
				{Name: "pieces", OriginalType: "numeric", ExportedType: "binary (UTF8)", NumPrecision: 9, NumScale: new(0)},
				{Name: "ratio", OriginalType: "numeric", ExportedType: "binary (UTF8)", NumPrecision: 9},
				{Name: "tags", OriginalType: "ARRAY", ExportedType: "binary (UTF8)"},
			},
			Partitions: 2, CompletedPartitions: 2,
			Folder: "app/public.events/", Objects: 1, Files: 1, Bytes: 4,
		}},
		Folders: 1, Objects: 3,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestReadWithoutColumns_OmitsOnlyColumns(t *testing.T) {
	objects := sample(t, "mysql", map[string]string{"shop/shop.users/1/_SUCCESS": "", "shop/shop.users/1/part-00000-a.gz.parquet": "0123456789"})
	want, err := manifest.Read(t.Context(), bucket(objects), "lake", folder)
	if err != nil {
		t.Fatal(err)
	}
	got, err := manifest.ReadWithoutColumns(t.Context(), bucket(objects), "lake", folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Tables[0].Columns) == 0 {
		t.Error("the sample has no columns")
	}
	for i := range want.Tables {
		want.Tables[i].Columns = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestReadInfo_ReadsOnlyTheInfoManifest(t *testing.T) {
	objects := sample(t, "postgres", map[string]string{})
	c := bucket(objects)
	list := c.list
	c.list = func(in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
		if want := folder + "export_info_"; *in.Prefix != want {
			t.Errorf("listed %s, want only %s", *in.Prefix, want)
		}
		return list(in)
	}
	info, err := manifest.ReadInfo(t.Context(), c, "lake", folder)
	if err != nil || info.Status != "COMPLETE" {
		t.Errorf("got %+v, %v", info, err)
	}
}

// info and tables return small manifests.
func info(members string) string   { return `{"status": "COMPLETE"` + members + `}` }
func tables(entries string) string { return `{"perTableStatus": [` + entries + `]}` }
func table(target string) string   { return `{"target": "` + target + `", "status": "COMPLETE"}` }
func export(i, t string) fakeS3    { return bucket(map[string]string{infoFile: i, tablesFile: t}) }

const (
	infoFile   = "export_info_x.json"
	tablesFile = "export_tables_info_x_from_1_to_1.json"
)

func TestRead_AcceptsKnownTimeFormats(t *testing.T) {
	want := time.Date(2023, 7, 19, 23, 21, 0, 0, time.UTC)
	for _, form := range []string{
		"Jul 19, 2023 11:21:00 PM", "Jul 19, 2023, 11:21:00 PM", "Jul 19, 2023, 11:21:00\u202fPM",
		"2023-07-19T23:21:00Z", "2023-07-20T08:21:00+09:00", "2023-07-20T08:21:00+0900", "2023-07-19T23:21:00", "2023-07-19 23:21:00",
	} {
		got, err := manifest.ReadInfo(t.Context(), export(info(`, "snapshotTime": "`+form+`"`), ""), "lake", folder)
		if err != nil || !got.SnapshotTime.Equal(want) {
			t.Errorf("%q is read as %v, %v", form, got.SnapshotTime, err)
		}
	}
}

func TestRead_FindsAFolderWithAHash(t *testing.T) {
	const users = "shop/shop.users_7ADB5D19965123A2/"
	manifests := map[string]string{
		infoFile:                        info(""),
		tablesFile:                      tables(table("shop.shop.users")),
		users + "part-00000.gz.parquet": "0123",
	}
	got, err := manifest.Read(t.Context(), bucket(manifests), "lake", folder)
	if err != nil {
		t.Fatal(err)
	}
	if f := got.Tables[0]; f.Folder != users || f.Bytes != 4 {
		t.Errorf("got %+v", f)
	}
}

func TestRead_KeepsTheFolderOfATableNamedLikeAHash(t *testing.T) {
	manifests := map[string]string{
		infoFile:   info(""),
		tablesFile: tables(table("shop.users") + "," + table("shop.users_7ADB5D19965123A2")),
		"shop/shop.users_7ADB5D19965123A2/part-00000.gz.parquet": "0123",
	}
	got, err := manifest.Read(t.Context(), bucket(manifests), "lake", folder)
	if err != nil {
		t.Fatal(err)
	}
	if users, other := got.Tables[0], got.Tables[1]; users.Objects != 0 || other.Files != 1 {
		t.Errorf("users %+v, other %+v", users, other)
	}
}

func TestRead_NamesAMissingManifest(t *testing.T) {
	for _, test := range []struct {
		objects map[string]string
		want    string
	}{
		{map[string]string{}, "s3://lake/exports/shop/x/export_info_*.json: no such manifest"},
		{map[string]string{infoFile: info("")}, "s3://lake/exports/shop/x/export_tables_info_*.json: no such manifest"},
	} {
		_, err := manifest.Read(t.Context(), bucket(test.objects), "lake", folder)
		if !errors.Is(err, manifest.ErrMissing) || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

func TestRead_IgnoresUnknownFormatsOfTimesAndNumbers(t *testing.T) {
	for _, form := range []string{`"yesterday"`, `20231119`, `{"at": 1}`, `null`, `""`} {
		got, err := manifest.ReadInfo(t.Context(), export(info(`, "taskEndTime": `+form), ""), "lake", folder)
		if err != nil || !got.TaskEndTime.IsZero() {
			t.Errorf("%s is read as %v, %v", form, got.TaskEndTime, err)
		}
	}
	for _, form := range []string{`"much"`, `"NaN"`, `"-Inf"`, `1e999`, `[1]`, `null`, `""`} {
		got, err := manifest.ReadInfo(t.Context(), export(info(`, "totalExportedDataInGB": `+form), ""), "lake", folder)
		if err != nil || got.Gigabytes != 0 {
			t.Errorf("%s is read as %v, %v", form, got.Gigabytes, err)
		}
	}
}

func TestRead_ReportsADamagedManifest(t *testing.T) {
	const infoKey, tablesKey = "read s3://lake/" + folder + infoFile + ": damaged manifest: ", "read s3://lake/" + folder + tablesFile + ": damaged manifest: "
	for _, test := range []struct{ info, tables, want string }{
		{`{"status": "COMP`, "", infoKey + "the file is truncated"},
		{`<Error>`, "", infoKey + "invalid character '<' looking for beginning of value"},
		{info(""), `[]`, tablesKey + "found [ instead of {"},
		{info(""), `{"tables": []}`, tablesKey + "perTableStatus is missing"},
		{info(""), `{"perTableStatus": {}}`, tablesKey + "perTableStatus: found { instead of ["},
		{info(""), tables(table("a.b") + `, {"status": "COMPLETE"}`), tablesKey + "perTableStatus: entry 2: \"target\" is missing"},
	} {
		_, err := manifest.Read(t.Context(), export(test.info, test.tables), "lake", folder)
		if !errors.Is(err, manifest.ErrDamaged) || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

func TestRead_ReportsATruncatedManifestAsDamaged(t *testing.T) {
	for _, name := range []string{"export_info_mysql.json", "export_tables_info_mysql_from_1_to_2.json"} {
		objects := sample(t, "mysql", map[string]string{})
		whole := strings.TrimSpace(objects[name])
		for n := range len(whole) {
			objects[name] = whole[:n]
			if _, err := manifest.Read(t.Context(), bucket(objects), "lake", folder); !errors.Is(err, manifest.ErrDamaged) || !strings.Contains(err.Error(), name) {
				t.Fatalf("%s of %d bytes: %v", name, n, err)
			}
		}
	}
}

func TestRead_DoesNotReportALostConnectionAsDamage(t *testing.T) {
	for _, lost := range []error{io.ErrUnexpectedEOF, errors.New("connection reset by peer")} {
		c := export(info(""), tables(""))
		c.get = func(*s3.GetObjectInput) (*s3.GetObjectOutput, error) {
			return &s3.GetObjectOutput{Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"status": `), iotest.ErrReader(lost)))}, nil
		}
		_, err := manifest.Read(t.Context(), c, "lake", folder)
		if errors.Is(err, manifest.ErrDamaged) || !errors.Is(err, lost) {
			t.Errorf("got %v", err)
		}
	}
}

func TestRead_ReportsADeletedManifestAsMissing(t *testing.T) {
	c := export(info(""), tables(""))
	c.get = func(*s3.GetObjectInput) (*s3.GetObjectOutput, error) { return nil, &types.NoSuchKey{} }
	_, err := manifest.Read(t.Context(), c, "lake", folder)
	if !errors.Is(err, manifest.ErrMissing) || err.Error() != "s3://lake/exports/shop/x/export_info_x.json: no such manifest" {
		t.Errorf("got %v", err)
	}
}

func TestRead_WarnsOfTwoTablesInOneFolder(t *testing.T) {
	c := bucket(map[string]string{infoFile: info(""), tablesFile: tables(table("a.b b") + "," + table("a.b_b")), "a/a.b_b/1/_SUCCESS": ""})
	got, err := manifest.Read(t.Context(), c, "lake", folder)
	if err != nil {
		t.Fatal(err)
	}
	for i, other := range []string{"a.b_b", "a.b b"} {
		if gap, want := got.Tables[i].Gap(), "its folder a/a.b_b/ is also the folder of "+other+"; select only one of them under \"tables\""; gap != want {
			t.Errorf("got %q, want %q", gap, want)
		}
		if got.Tables[i].Objects > 0 {
			t.Errorf("%s has objects that may be the other's", got.Tables[i])
		}
	}
}

func TestRead_IgnoresTheFolderOfASkippedTable(t *testing.T) {
	skipped := `{"target": "a.b b", "warningMessage": "SKIPPED"}`
	got, err := manifest.Read(t.Context(), export(info(""), tables(table("a.b_b")+","+skipped)), "lake", folder)
	if err != nil || got.Tables[0].Warning != "" || got.Tables[1].Warning != "SKIPPED" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestTable_Gap_NamesWhatIsMissing(t *testing.T) {
	const part, mark, other = "a/a.b/1/part-00000.gz.parquet", "a/a.b/1/_SUCCESS", "a/a.other/1/_SUCCESS"
	for _, test := range []struct {
		name, entry string
		objects     []string
		want        string
	}{
		{"nothing", `{"target": "a.b", "status": "COMPLETE", "sizeGB": 1}`, []string{part, mark}, ""},
		{"nothing, empty", `{"target": "a.b", "status": "COMPLETE", "sizeGB": "0.0"}`, []string{mark}, ""},
		{"nothing, if no folder has a marker", table("a.b"), []string{part}, ""},
		{"all, skipped", `{"target": "a.b", "warningMessage": "ROW_TOO_LARGE"}`, nil, "ROW_TOO_LARGE"},
		{"all, failed", `{"target": "a.b", "status": "FAILED"}`, nil, "status FAILED"},
		{"all, without a status or a warning", `{"target": "a.b"}`, nil, "status missing"},
		{"nothing, with a notice", `{"target": "a.b", "status": "COMPLETE", "warningMessage": "String conversion occurred"}`, []string{part, mark}, ""},
		{"the folder", table("a.b"), nil, "no objects in a/a.b/"},
		{"partitions", `{"target": "a.b", "status": "COMPLETE", "tableStatistics": {"partitioningInfo": {"numberOfPartitions": 3, "numberOfCompletedPartitions": 2}}}`,
			[]string{part, mark}, "2 of 3 partitions were written"},
		{"the marker of one folder", table("a.b"), []string{part, mark, "a/a.b/2/part-00000.gz.parquet"}, "a/a.b/2/ has no _SUCCESS"},
		{"the only marker", table("a.b"), []string{part, other}, "a/a.b/1/ has no _SUCCESS"},
		{"the files", `{"target": "a.b", "status": "COMPLETE", "sizeGB": 1.5e-05}`, []string{mark}, "1.5e-05 GB, but no file in a/a.b/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects := map[string]string{infoFile: info(""), tablesFile: tables(test.entry)}
			for _, name := range test.objects {
				objects[name] = "PAR1"
			}
			got, err := manifest.Read(t.Context(), bucket(objects), "lake", folder)
			if err != nil {
				t.Fatal(err)
			}
			if gap := got.Tables[0].Gap(); gap != test.want {
				t.Errorf("got %q, want %q", gap, test.want)
			}
		})
	}
}

func TestRead_NamesTheObjectThatCannotBeRead(t *testing.T) {
	refused := errors.New("access denied")
	c := export(info(""), tables(""))
	c.get = func(*s3.GetObjectInput) (*s3.GetObjectOutput, error) { return nil, refused }
	_, err := manifest.Read(t.Context(), c, "lake", folder)
	if !errors.Is(err, refused) || err.Error() != "read s3://lake/exports/shop/x/export_info_x.json: access denied" {
		t.Errorf("got %v", err)
	}
	c.list = func(*s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) { return nil, refused }
	_, err = manifest.Read(t.Context(), c, "lake", folder)
	if !errors.Is(err, refused) || err.Error() != "list s3://lake/exports/shop/x/: access denied" {
		t.Errorf("got %v", err)
	}
}
