package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

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

// bucket contains objects by their names inside the export's folder.
type bucket map[string]string

func (b bucket) s3() fakeS3 {
	const folder = "exports/shop/" + exportID + "/"
	return fakeS3{
		list: func(in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
			out := &s3.ListObjectsV2Output{}
			for name := range b {
				if *in.Bucket == "lake" && *in.Prefix == folder {
					out.Contents = append(out.Contents, s3types.Object{Key: aws.String(folder + name)})
				}
			}
			return out, nil
		},
		get: func(in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
			return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(b[strings.TrimPrefix(*in.Key, folder)]))}, nil
		},
	}
}

// exported returns a complete export with these entries in its table manifest. It contains the objects, and _SUCCESS in their folders.
func exported(entries []string, objects ...string) bucket {
	b := bucket{
		"export_info_x.json":                  `{"status": "COMPLETE", "percentProgress": 0, "totalExportedDataInGB": "1.24E1"}`,
		"export_tables_info_x_from_1_to.json": `{"perTableStatus": [` + strings.Join(entries, ",") + `]}`,
	}
	for _, name := range objects {
		b[name], b[path.Dir(name)+"/_SUCCESS"] = "", ""
	}
	return b
}

func entry(target string) string { return fmt.Sprintf(`{"target": %q, "status": "COMPLETE"}`, target) }

func skippedEntry(target, warning string) string {
	return fmt.Sprintf(`{"target": %q, "warningMessage": %q}`, target, warning)
}

const (
	users = "shop/shop.users/1/part-00000.gz.parquet"
	empty = "shop/shop.empty/1/_SUCCESS"
	event = "app/public.events/1/part-00000.gz.parquet"
)

func warned(message string) types.ExportTask {
	return task("COMPLETE", func(t *types.ExportTask) { t.WarningMessage = aws.String(message) })
}

func TestCheckExport_CountsTablesOfACompleteExport(t *testing.T) {
	objects := exported([]string{entry("shop.shop.users"), entry("shop.empty"), entry("app.public.events")}, users, empty, event)
	got, err := check(t, task("COMPLETE"), workflow.Source{}, request(2), objects)
	got.WaitSeconds = 0 // not used after COMPLETE
	want := workflow.Export{
		ID: exportID, Status: "COMPLETE", Prefix: "exports/shop/", Percent: 100, Gigabytes: 12.4, Tables: 3, EmptyTables: 1, Folders: 2, Objects: 7, Skipped: []string{},
		StartedAt: now.Add(-2 * time.Hour), RedriveCount: 2,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}

func TestCheckExport_EmitsMetricsOfACompleteExport(t *testing.T) {
	objects := exported([]string{entry("shop.users"), entry("shop.empty")}, users, empty)
	var out strings.Builder
	if _, err := measure(t, task("COMPLETE"), workflow.Source{}, request(1), objects, &out); err != nil {
		t.Fatal(err)
	}
	const want = `{"Execution":"nightly-1","ExportGigabytes":12.4,"ExportSeconds":7200,"Pipeline":"snaplake","Source":"shop","Tables":2,`
	if !strings.HasPrefix(out.String(), want) {
		t.Errorf("recorded %s\nwant %s", &out, want)
	}
}

func TestCheckExport_EmitsNothingForAnIncompleteExport(t *testing.T) {
	for name, bad := range map[string]types.ExportTask{"running": task("IN_PROGRESS"), "to be replaced": task("FAILED")} {
		var out strings.Builder
		if _, err := measure(t, bad, workflow.Source{}, request(2), nil, &out); err != nil || out.Len() > 0 {
			t.Errorf("%s: %v, recorded %s", name, err, &out)
		}
	}
}

func TestCheckExport_FindsTablesByAnyFormOfTheirNames(t *testing.T) {
	objects := exported([]string{entry("shop.shop.users"), entry("app.public.events")}, users, event)
	source := workflow.Source{Tables: []string{"shop", "shop.users", "app", "app.public", "app.public.events"}}
	if _, err := check(t, task("COMPLETE"), source, request(1), objects); err != nil {
		t.Error(err)
	}
}

func TestCheckExport_AcceptsAllowedGaps(t *testing.T) {
	source := workflow.Source{
		Tables:       []string{"shop", "app.public.events", "shop.gone"},
		AllowSkipped: []string{"shop.audit", "shop.shop.logs", "app.public.events", "shop.gone", "shop.users"},
	}
	for name, test := range map[string]struct {
		warning string
		entries []string
		want    []string
	}{
		"in the manifests": {"", []string{skippedEntry("shop.shop.audit", "ROW"), skippedEntry("shop.logs", "ROW"), skippedEntry("app.public.events", "ROW")},
			[]string{"app.public.events", "shop.audit", "shop.gone", "shop.logs"}},
		"in the task's warning, as names": {`{"skippedTables": ["shop.audit", "shop.shop.logs"], "skippedObjectives": [], "general": []}`, nil,
			[]string{"app.public.events", "shop.audit", "shop.gone", "shop.logs"}},
		"in the task's warning, as objects": {`{"skippedTables": [{"table": "shop.audit", "reason": "ROW"}], "general": [{}], "skippedObjectives": null}`, nil,
			[]string{"app.public.events", "shop.audit", "shop.gone"}},
		"in a text": {"shop.audit", nil, []string{"app.public.events", "shop.audit", "shop.gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			objects := exported(append(test.entries, entry("shop.users"), entry("shop.empty")), users, empty)
			got, err := check(t, warned(test.warning), source, request(1), objects)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.Skipped); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if got.Tables != 2 || got.EmptyTables != 1 {
				t.Errorf("%d tables, %d empty", got.Tables, got.EmptyTables)
			}
		})
	}
}

func TestCheckExport_ListsTheGaps(t *testing.T) {
	const (
		before = `source "shop": RDS reports export shop-20261121-1705-0 as COMPLETE, but it is incomplete: `
		// repeated is the end of the text if another export would have the same gaps.
		repeated = `; another export of this snapshot would have the same gaps; correct "tables" or allow_skipped, then redrive`
	)
	var many []string
	for i := range 22 {
		many = append(many, skippedEntry(fmt.Sprintf("shop.t%02d", i), "ROW"))
	}
	unmarked := exported([]string{entry("shop.users"), entry("shop.empty")}, users, empty)
	delete(unmarked, "shop/shop.users/1/_SUCCESS")
	for name, test := range map[string]struct {
		warning string
		source  workflow.Source
		objects bucket
		text    string
	}{
		"a skipped table": {"", workflow.Source{}, exported([]string{entry("shop.users"), skippedEntry("shop.shop.audit", "ROW_TOO_LARGE")}, users), "shop.audit (ROW_TOO_LARGE)"},
		"a table that RDS has no permission to read": {`{"skippedTables": [{"reason": "PERMISSIONS_DO_NOT_EXIST", "table": "shop.shop.audit"}]}`, workflow.Source{},
			exported([]string{entry("shop.users"), skippedEntry("shop.shop.audit", "PERMISSIONS_DO_NOT_EXIST")}, users), "shop.audit (PERMISSIONS_DO_NOT_EXIST)"},
		"a failed table":           {"", workflow.Source{}, exported([]string{`{"target": "shop.users", "status": "FAILED"}`}, users), "shop.users (status FAILED)"},
		"a table without a status": {"", workflow.Source{}, exported([]string{`{"target": "shop.users"}`}, users), "shop.users (status missing)"},
		"no files":                 {"", workflow.Source{}, exported([]string{entry("shop.users")}), "shop.users (no objects in shop/shop.users/)"},
		"lost part files":          {"", workflow.Source{}, exported([]string{`{"target": "shop.users", "status": "COMPLETE", "sizeGB": 0.5}`}, "shop/shop.users/1/_SUCCESS"), "shop.users (0.5 GB, but no file in shop/shop.users/)"},
		"an unfinished batch":      {"", workflow.Source{}, unmarked, "shop.users (shop/shop.users/1/ has no _SUCCESS)"},
		"partitions": {"", workflow.Source{}, exported([]string{
			`{"target": "shop.users", "status": "COMPLETE", "tableStatistics": {"partitioningInfo": {"numberOfPartitions": 4, "numberOfCompletedPartitions": "3"}}}`}, users),
			"shop.users (3 of 4 partitions were written)"},
		"no tables":                 {"", workflow.Source{}, exported(nil), "every table (the export contains no tables; tables of system databases are included only if they are listed under \"tables\")"},
		"a database":                {"", workflow.Source{Tables: []string{"reports", "shop.users"}}, exported([]string{entry("shop.users"), skippedEntry("reports", "NO_LIST")}, users), "reports (NO_LIST)"},
		"a table that tables names": {"", workflow.Source{Tables: []string{"shop.orders"}}, exported([]string{entry("shop.users")}, users), "shop.orders (not mentioned in the manifests)"},
		"the task's warning": {
			`{"skippedTables": ["shop.audit"], "skippedObjectives": [], "general": [{"reason": "FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}]}`,
			workflow.Source{}, exported([]string{entry("shop.users")}, users), "FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE, shop.audit",
		},
		"a warning of another shape": {`{"tables": {"count": 2, "again": 0}, "note": "two were left out", "retry": false}`, workflow.Source{}, exported([]string{entry("shop.users")}, users), "two were left out, 2"},
		"a warning that is not JSON": {"Two tables were left out.", workflow.Source{}, exported([]string{entry("shop.users")}, users), "Two tables were left out."},
		"many tables": {"", workflow.Source{}, exported(many),
			"shop.t00 (ROW), shop.t01 (ROW), shop.t02 (ROW), shop.t03 (ROW), shop.t04 (ROW), shop.t05 (ROW), shop.t06 (ROW), shop.t07 (ROW), shop.t08 (ROW), shop.t09 (ROW), " +
				"shop.t10 (ROW), shop.t11 (ROW), shop.t12 (ROW), shop.t13 (ROW), shop.t14 (ROW), shop.t15 (ROW), shop.t16 (ROW), shop.t17 (ROW), shop.t18 (ROW), shop.t19 (ROW), and 2 more"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := check(t, warned(test.warning), test.source, request(1), test.objects)
			end := ""
			if errors.Is(err, errRepeats) {
				end = repeated
			}
			expect(t, err, workflow.ExportIncomplete{}, before+test.text+end)
		})
	}
}

func TestCheckExport_IgnoresSystemDatabasesThatAreNotSelected(t *testing.T) {
	objects := exported([]string{
		skippedEntry("rdsadmin", "PERMISSIONS_DO_NOT_EXIST"), skippedEntry("postgres", "No tables were found in the database"), entry("mysql.user"),
		skippedEntry("app.pg_catalog.pg_class", "ROW"), entry("app.public.events"),
	}, event)
	for warning, incomplete := range map[string]bool{
		"": false,
		`{"skippedTables": ["mysql.mysql.user"], "general": [{"reason": "FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}]}`: false,
		`{"skippedTables": ["app.public.other"]}`: true,
	} {
		got, err := check(t, warned(warning), workflow.Source{}, request(1), objects)
		if (err != nil) != incomplete || !incomplete && got.Tables != 1 {
			t.Errorf("%s: got %+v, %v", warning, got, err)
		}
	}
	_, err := check(t, task("COMPLETE"), workflow.Source{Tables: []string{"app", "rdsadmin", "mysql.user"}}, request(1), objects)
	if err == nil || !strings.Contains(err.Error(), "rdsadmin (PERMISSIONS_DO_NOT_EXIST)") || !strings.Contains(err.Error(), "mysql.user (no objects in mysql/mysql.user/)") {
		t.Errorf("if they are selected: %v", err)
	}
}

func TestCheckExport_IgnoresNoticesAboutCompleteTables(t *testing.T) {
	objects := exported([]string{`{"target": "shop.users", "status": "COMPLETE", "warningMessage": "String conversion occurred for column v"}`}, users)
	for warning, incomplete := range map[string]bool{
		"": false,
		`{"general": [{"reason": "String conversion occurred for column v of table shop.shop.users."}]}`: false,
		`{"general": ["shop.users was converted, shop.audit was not"]}`:                                  true,
		`{"skippedTables": ["shop.users"]}`:                                                              true,
	} {
		got, err := check(t, warned(warning), workflow.Source{}, request(1), objects)
		if (err != nil) != incomplete || !incomplete && (got.Tables != 1 || len(got.Skipped) > 0) {
			t.Errorf("%s: got %+v, %v", warning, got, err)
		}
	}
}

func TestCheckExport_AllowsAGapByItsNameInTheMessage(t *testing.T) {
	objects := exported([]string{entry("shop.users"), skippedEntry("reports", "NO_LIST")}, users)
	task := warned(`{"general": ["Two tables were left out."]}`)
	_, err := check(t, task, workflow.Source{}, request(1), objects)
	if err == nil || !strings.Contains(err.Error(), "it is incomplete: reports (NO_LIST), Two tables were left out.") {
		t.Fatal(err)
	}
	source := workflow.Source{AllowSkipped: []string{"reports", "Two tables were left out."}}
	got, err := check(t, task, source, request(1), objects)
	if diff := cmp.Diff([]string{"Two tables were left out.", "reports"}, got.Skipped); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}

func TestCheckExport_ExportsAgainOnlyIfThatCanHelp(t *testing.T) {
	for name, test := range map[string]struct {
		objects bucket
		again   bool
	}{
		"lost files":              {exported([]string{entry("shop.users")}), true},
		"a row that is too large": {exported([]string{entry("shop.users"), skippedEntry("shop.audit", "ROW_TOO_LARGE")}, users), true},
		"a table that RDS has no permission to read": {exported([]string{entry("shop.users"), skippedEntry("shop.audit", "PERMISSIONS_DO_NOT_EXIST")}, users), false},
		"no tables": {exported(nil), false},
	} {
		got, err := check(t, task("COMPLETE"), workflow.Source{}, request(2), test.objects) // after a redrive
		if again := err == nil && got.Status == workflow.Restart; again != test.again {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestCheckExport_ExportsAgainAfterTablesWereCorrected(t *testing.T) {
	source := workflow.Source{Tables: []string{"shop.audit", "shop.users"}}
	objects := exported([]string{entry("shop.users")}, users)
	for only, again := range map[string]bool{"shop.audti": true, "shop.audit": false} {
		complete := task("COMPLETE", func(t *types.ExportTask) { t.ExportOnly = []string{"shop.users", only} })
		got, err := check(t, complete, source, request(2), objects) // after a redrive
		if isAgain := err == nil && got.Status == workflow.Restart; isAgain != again {
			t.Errorf("%s was exported: got %+v, %v", only, got, err)
		}
	}
}

func TestCheckExport_WaitsThreeMinutesForTheManifests(t *testing.T) {
	for elapsed, want := range map[time.Duration]string{0: workflow.InProgress, 3*time.Minute - time.Second: workflow.InProgress, 3 * time.Minute: ""} {
		complete := task("COMPLETE", func(t *types.ExportTask) { t.TaskEndTime = aws.Time(now.Add(-elapsed)) })
		got, err := check(t, complete, workflow.Source{}, request(1), bucket{})
		if _, incomplete := err.(workflow.ExportIncomplete); got.Status != want || incomplete != (want == "") || want != "" && got.WaitSeconds <= 0 {
			t.Errorf("after %s: got %+v, %v", elapsed, got, err)
		}
	}
}

func TestCheckExport_WarnsAboutAPatternWithoutAMatch(t *testing.T) {
	var log strings.Builder
	source := workflow.Source{Tables: []string{"shop.users", "shop.log_*"}}
	h := handler(t, task("COMPLETE"), source, exported([]string{entry("shop.users")}, users).s3(), io.Discard)
	h.Log = slog.New(slog.NewTextHandler(&log, nil))
	got, err := h.Handle(t.Context(), request(1))
	if err != nil || got.Tables != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	if want := `level=WARN msg="a table pattern matches no exported table" export=` + exportID + ` pattern=shop.log_*`; !strings.Contains(log.String(), want) {
		t.Errorf("logged %s\nwant %s", &log, want)
	}
}

// For a pattern, RDS exports the whole database.
func TestCheckExport_IgnoresTablesThatNoPatternMatches(t *testing.T) {
	unmarked := exported([]string{
		entry("shop.users"), entry("shop.empty"), entry("shop.tmp_1"), skippedEntry("shop.tmp_2", "ROW"), skippedEntry("app.public.tmp", "ROW"),
		skippedEntry("reports", "NO_LIST"),
	}, users, empty, "shop/shop.tmp_1/1/part-00000.gz.parquet")
	delete(unmarked, "shop/shop.tmp_1/1/_SUCCESS")
	source := workflow.Source{Tables: []string{"shop.use*", "shop.e*"}, AllowSkipped: []string{"shop.tmp_3"}}
	for _, warning := range []string{
		"",
		`{"skippedTables": ["shop.tmp_2", "shop.shop.tmp_3", "app.public.tmp"]}`,
		`{"skippedTables": [{"table": "shop.tmp_2", "reason": "ROW_TOO_LARGE"}]}`,
		"shop.tmp_2",
	} {
		got, err := check(t, warned(warning), source, request(1), unmarked)
		if err != nil || got.Tables != 2 || got.EmptyTables != 1 || len(got.Skipped) > 0 || got.Objects != 6 {
			t.Errorf("%s: got %+v, %v", warning, got, err)
		}
	}
}

func TestCheckExport_ReportsGapsThatAPatternMatches(t *testing.T) {
	objects := func(more ...string) bucket { return exported(append(more, entry("shop.users")), users) }
	for name, test := range map[string]struct {
		tables  []string
		warning string
		objects bucket
		text    string
	}{
		"a skipped table":                         {[]string{"shop.users", "shop.au*"}, "", objects(skippedEntry("shop.audit", "ROW")), "shop.audit (ROW)"},
		"a skipped table of the task's warning":   {[]string{"shop.u*", "shop.au*"}, `{"skippedTables": ["shop.audit"]}`, objects(), "shop.audit"},
		"a database":                              {[]string{"shop.u*", "rep*"}, "", objects(skippedEntry("reports", "NO_LIST")), "reports (NO_LIST)"},
		"any database":                            {[]string{"*"}, "", objects(skippedEntry("reports", "NO_LIST")), "reports (NO_LIST)"},
		"a database by a pattern in its tables":   {[]string{"shop.u*", "reports.*"}, "", objects(skippedEntry("reports", "NO_LIST")), "reports (NO_LIST)"},
		"a table name besides a pattern":          {[]string{"shop.u*", "shop.orders"}, "", objects(), "shop.orders (not mentioned in the manifests)"},
		"only patterns without a match":           {[]string{"shop.x*", "*_log"}, "", objects(), "shop.x* (the pattern matches no table in the export), *_log (the pattern matches no table in the export)"},
		"a pattern, and an export without tables": {[]string{"shop.*"}, "", exported(nil), "shop.* (the pattern matches no table in the export)"},
		"a warning that is not a table name":      {[]string{"shop.u*"}, "shop.tmp_2 and others were left out", objects(), "shop.tmp_2 and others were left out"},
		"the name of an unknown database":         {[]string{"shop.u*"}, `{"general": [{"reason": "RDS.INTERNAL"}]}`, objects(), "RDS.INTERNAL"},
		"a warning about a database":              {[]string{"shop.u*"}, `{"general": ["shop"]}`, objects(), "shop"},
		"a schema of PostgreSQL":                  {[]string{"app.public.*"}, `{"general": ["app.public"]}`, exported([]string{entry("app.public.events")}, event), "app.public"},
	} {
		_, err := check(t, warned(test.warning), workflow.Source{Tables: test.tables}, request(1), test.objects)
		if _, ok := err.(workflow.ExportIncomplete); !ok || !strings.Contains(err.Error(), " but it is incomplete: "+test.text) {
			t.Errorf("%s: got %T: %v", name, err, err)
		}
	}
}

func TestCheckExport_IgnoresWarningsAboutOtherDatabases(t *testing.T) {
	objects := exported([]string{entry("shop.users"), skippedEntry("reports", "NO_LIST")}, users)
	if _, err := check(t, task("COMPLETE"), workflow.Source{Tables: []string{"shop.users"}}, request(1), objects); err != nil {
		t.Error(err)
	}
}

func TestCheckExport_ChecksTheStatusInTheManifest(t *testing.T) {
	objects := exported([]string{entry("shop.users")}, users)
	objects["export_info_x.json"] = `{"status": "IN_PROGRESS"}`
	_, err := check(t, task("COMPLETE"), workflow.Source{}, request(1), objects)
	if _, ok := err.(workflow.ExportIncomplete); !ok || !strings.Contains(err.Error(), `but it is incomplete: damaged manifest: the status in the export_info file is "IN_PROGRESS"`) {
		t.Errorf("got %T: %v", err, err)
	}
}

func TestCheckExport_MissingOrTruncatedManifestIsIncomplete(t *testing.T) {
	const folder = "s3://lake/exports/shop/shop-20261121-1705-0/"
	cut := exported([]string{entry("shop.users")}, users)
	cut["export_tables_info_x_from_1_to.json"] = `{"perTableStatus": [{"target": "shop.us`
	for text, objects := range map[string]bucket{
		folder + "export_info_*.json: no such manifest":                                                   {},
		folder + "export_tables_info_*.json: no such manifest":                                            {"export_info_x.json": `{"status": "COMPLETE"}`},
		"read " + folder + "export_info_x.json: damaged manifest: the file is truncated":                  {"export_info_x.json": `{"status": "COMP`},
		"read " + folder + "export_tables_info_x_from_1_to.json: damaged manifest: the file is truncated": cut,
	} {
		_, err := check(t, task("COMPLETE"), workflow.Source{}, request(1), objects)
		expect(t, err, workflow.ExportIncomplete{}, `source "shop": RDS reports export shop-20261121-1705-0 as COMPLETE, but it is incomplete: `+text)

		got, err := check(t, task("COMPLETE"), workflow.Source{}, request(2), objects)
		if err != nil || got.Status != "RESTART" {
			t.Errorf("%s: after a redrive: got %+v, %v", text, got, err)
		}
	}
}

func TestCheckExport_DoesNotExportAgainAfterAFailedRead(t *testing.T) {
	slow := &smithy.GenericAPIError{Code: "SlowDown"}
	for want, body := range map[error]io.Reader{slow: nil, io.ErrUnexpectedEOF: iotest.ErrReader(io.ErrUnexpectedEOF)} {
		s3Client := exported([]string{entry("shop.users")}, users).s3()
		s3Client.get = func(*s3.GetObjectInput) (*s3.GetObjectOutput, error) {
			if body == nil {
				return nil, want
			}
			return &s3.GetObjectOutput{Body: io.NopCloser(body)}, nil
		}
		h := handler(t, task("COMPLETE"), workflow.Source{}, s3Client, io.Discard)
		got, err := h.Handle(t.Context(), request(2))
		if !errors.Is(err, want) || workflow.IsNamed(err) || !strings.HasPrefix(err.Error(), `source "shop": export shop-20261121-1705-0: read s3://lake/`) {
			t.Errorf("got %+v, %T: %v", got, err, err)
		}
	}
}
