package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"snaplake/workflow"
)

// where is appended to every configuration. It is at the end so that it does not change the line numbers.
const where = "account: \"123456789012\"\nregion: ap-northeast-1\n"

// write creates a folder with the given files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load reads a valid configuration.
func load(t *testing.T, files map[string]string) workflow.Config {
	t.Helper()
	config, err := Load(filepath.Join(write(t, files), "pipeline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// mistakesOf returns the mistakes in a configuration, one per line.
func mistakesOf(t *testing.T, files map[string]string) []string {
	t.Helper()
	dir := write(t, files)
	_, err := Load(filepath.Join(dir, "pipeline.yaml"))
	mistakes, ok := errors.AsType[Mistakes](err)
	if !ok {
		t.Fatalf("got %v, want mistakes", err)
	}
	return strings.Split(strings.ReplaceAll(mistakes.Error(), dir+string(filepath.Separator), ""), "\n")
}

func TestLoad_ReadsShippedConfiguration(t *testing.T) {
	config, err := Load("../pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := workflow.Config{
		Name: "snaplake", Account: "123456789012", Region: "ap-northeast-1", LogRetentionDays: 180,
		Tracing: true, TerminationProtection: true, RetainData: true, Tags: map[string]string{},
		Analysts: workflow.Analysts{Access: workflow.AccessRole, ScanLimitGB: 100},
	}
	want.Sources = []workflow.Source{{
		Name: "app", Cluster: "app-prod", Snapshots: workflow.SnapshotsAutomated, MaxSnapshotAge: workflow.Duration(26 * time.Hour),
		Schedule: "cron(30 3 * * ? *)", TimeZone: "Asia/Tokyo",
		ViewTemplate: "{table}", Keep: 2,
	}}
	if diff := cmp.Diff(want, config, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_HasDefaultsOfShippedComments(t *testing.T) {
	shipped, err := os.ReadFile("../pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := string(shipped)
	for _, key := range []string{"name", "snapshots", "max_snapshot_age", "on_snapshot", "notify", "log_retention_days", "tracing", "termination_protection", "retain_data", "tags", "tables", "allow_skipped", "allow_gone", "keep", "view_name", "names"} {
		before := all
		if all = strings.Replace(all, "# "+key+":", key+":", 1); all == before {
			t.Errorf("pipeline.yaml does not mention %s", key)
		}
	}
	if diff := cmp.Diff(load(t, map[string]string{"pipeline.yaml": string(shipped)}), load(t, map[string]string{"pipeline.yaml": all}), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_ReportsAllMistakesWithLines(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"many": {
			files: map[string]string{"pipeline.yaml": `naem: x
sources:
  shop:
    cluster: shop-prod
    instance: shop-prod
    schedule: cron(30 3 * * *)
    time_zone: Asia/Tokio
    tables: [shop.users, shop.Users, "shop.my table"]
    keep: two
  Orders:
    instance: orders
    schedule: cron(30 3 * * ? *)
  empty:
    schedule: cron(61 3 ? * MON *)
    snapshots: newest
` + where},
			want: []string{
				`pipeline.yaml:1: naem: unknown key (did you mean name?); allowed keys are account, analysts, bucket, key, log_retention_days, name, notify, region, retain_data, sources, tags, termination_protection, tracing`,
				`pipeline.yaml:5: sources.shop.instance: "instance" and "cluster" are both set; remove one of them`,
				`pipeline.yaml:6: sources.shop.schedule: must be cron(minutes hours day-of-month month day-of-week year), where day-of-month or day-of-week is ?, for example cron(30 3 * * ? *) for every day at 3:30`,
				`pipeline.yaml:7: sources.shop.time_zone: unknown time zone "Asia/Tokio"; use a name in the IANA database, for example Asia/Tokyo or UTC`,
				`pipeline.yaml:8: sources.shop.tables[1]: duplicate view name "users", used for both table shop.users and table shop.Users; set view_name, for example "{database}_{table}", or set another view name under "names"`,
				`pipeline.yaml:8: sources.shop.tables[2]: "shop.my table" does not match ^[A-Za-z0-9$_*]+(\.[A-Za-z0-9$_*]+){0,2}$. The tables to export and create views for: databases (shop), tables (shop.users), or patterns (shop.log_*; a PostgreSQL schema is app.public.*). RDS accepts only letters, digits, $ and _ in these names. Default: everything.`,
				`pipeline.yaml:9: sources.shop.keep: must be of type integer, not string. How many published exports to keep, including the current one. Default: 2.`,
				`pipeline.yaml:10: sources.Orders: a source name must begin with a letter and contain up to 30 lower-case letters, digits and single underscores`,
				`pipeline.yaml:13: sources.empty: "cluster" (for Aurora) or "instance" (for RDS) is missing; set it to the DB identifier`,
				`pipeline.yaml:14: sources.empty.schedule: is not a valid schedule: parse cron expression: invalid numeric field 61`,
				`pipeline.yaml:15: sources.empty.snapshots: must be one of automated, manual, awsbackup, any, live. Which kind of snapshot to export. With live, RDS exports an Aurora cluster directly, without a snapshot. Default: automated.`,
			},
		},
		"no sources": {
			files: map[string]string{"pipeline.yaml": "name: lake\n"},
			want:  []string{`pipeline.yaml:1: missing keys: account, region, sources`},
		},
		"no schedule": {
			files: map[string]string{"pipeline.yaml": "sources:\n  shop:\n    instance: shop\n" + where},
			want:  []string{`pipeline.yaml:2: sources.shop: missing keys: schedule`},
		},
		"invalid YAML": {
			files: map[string]string{"pipeline.yaml": "sources:\n  shop: [1\n"},
			want:  []string{`pipeline.yaml:2: sequence end token ']' not found`},
		},
		"two sources with one name, and another mistake": {
			files: map[string]string{"pipeline.yaml": `sources:
  shop:
    instance: shop
    schedule: cron(0 3 * * ? *)
  shop:
    instance: other
    schedule: cron(0 3 * * *)
    keep: 0
` + where},
			want: []string{
				`pipeline.yaml:5: sources.shop: duplicate of the key on line 2; rename one of the two`,
				`pipeline.yaml:7: sources.shop.schedule: must be cron(minutes hours day-of-month month day-of-week year), where day-of-month or day-of-week is ?, for example cron(30 3 * * ? *) for every day at 3:30`,
				`pipeline.yaml:8: sources.shop.keep: must be at least 1. How many published exports to keep, including the current one. Default: 2.`,
			},
		},
		"empty file": {
			files: map[string]string{"pipeline.yaml": "# nothing\n"},
			want:  []string{`pipeline.yaml:1: the file must contain one YAML document, with the key "sources"`},
		},
		"no mapping": {
			files: map[string]string{"pipeline.yaml": "- shop\n"},
			want:  []string{`pipeline.yaml:1: the file must contain a mapping, with the key "sources"`},
		},
		"live export of an instance": {
			files: map[string]string{"pipeline.yaml": "sources:\n  shop:\n    instance: shop\n    schedule: cron(0 3 * * ? *)\n    snapshots: live\n" + where},
			want:  []string{`pipeline.yaml:5: sources.shop.snapshots: only an Aurora cluster can be exported live; use "automated", "manual", "awsbackup" or "any"`},
		},
		"a deployment that cannot work": {
			files: map[string]string{"pipeline.yaml": `account: 123456789012
region: tokyo
notify: [data, "Data <data@example.com>", data@example.com]
bucket: company-lake
key: arn:aws:kms:us-west-2:123456789012:key/01234567-89ab-cdef-0123-456789abcdef
log_retention_days: 100
tags: {"aws:x": y, "a?b": c, ok: 3}
analysts:
  access: policy
  trusted: [arn:aws:iam::123456789012:role/redash, redash]
  external_id: x
  scan_limit_gb: 0
sources:
  shop:
    instance: shop
    schedule: cron(0 3 * * ? *)
    on_snapshot: yes please
`},
			want: []string{
				`pipeline.yaml:1: account: must be of type string, not number. ID of the AWS account to deploy to: 12 digits in quotation marks. Deployments with credentials for another account fail.`,
				`pipeline.yaml:2: region: "tokyo" does not match ^[a-z]{2}(-[a-z]+)+-[0-9]$. The AWS Region of the databases, for example ap-northeast-1. Exports are stored in the same Region.`,
				`pipeline.yaml:3: notify[0]: "data" is not a plain email address such as data-team@example.com`,
				`pipeline.yaml:3: notify[1]: "Data <data@example.com>" is not a plain email address such as data-team@example.com`,
				`pipeline.yaml:4: bucket: "company-lake" does not match ^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$. ARN of an existing bucket, arn:aws:s3:::NAME, to use instead of one that the stack creates; see docs/deploy.md.`,
				`pipeline.yaml:6: log_retention_days: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653. How many days CloudWatch Logs keeps the logs. Default: 180.`,
				`pipeline.yaml:7: tags.a?b: a tag name must consist of 1 to 128 letters, digits, spaces and the characters _ . : / = + @ -`,
				`pipeline.yaml:7: tags.aws:x: AWS reserves tag names that begin with aws:`,
				`pipeline.yaml:7: tags.ok: must be of type string, not number. Tags for all resources of the stack, for example for cost reports. Default: none.`,
				`pipeline.yaml:10: analysts.trusted: applies only if "access" is "role"`,
				`pipeline.yaml:10: analysts.trusted[1]: "redash" does not match ^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/[A-Za-z0-9+=,.@_/-]+)$. ARNs of the roles, users or accounts that may assume the role. Default: the account that you deploy to, so that its IAM policies decide.`,
				`pipeline.yaml:11: analysts.external_id: applies only if "access" is "role"`,
				`pipeline.yaml:11: analysts.external_id: is too short; the minimum length is 2. The external ID that is required to assume the role. By default, any external ID is accepted.`,
				`pipeline.yaml:12: analysts.scan_limit_gb: must be at least 1. How many gigabytes a query may read before Athena cancels it. Default: 100.`,
				`pipeline.yaml:17: sources.shop.on_snapshot: must be of type boolean, not string. Whether a run also starts when RDS reports a new automated snapshot. Default: false.`,
			},
		},
		"resources in another partition and Region": {
			files: map[string]string{"pipeline.yaml": `sources: {shop: {instance: shop, schedule: cron(0 3 * * ? *)}}
bucket: arn:aws-cn:s3:::company-lake
key: arn:aws:kms:us-west-2:123456789012:key/01234567-89ab-cdef-0123-456789abcdef
` + where},
			want: []string{
				`pipeline.yaml:2: bucket: must begin with arn:aws:, because the stack is in Region ap-northeast-1`,
				`pipeline.yaml:3: key: the key is in us-west-2, but it must be in the stack's Region, ap-northeast-1`,
			},
		},
		"on_snapshot without automated snapshots": {
			files: map[string]string{"pipeline.yaml": "sources:\n  shop:\n    instance: shop\n    schedule: cron(0 3 * * ? *)\n    snapshots: manual\n    on_snapshot: true\n" + where},
			want:  []string{`pipeline.yaml:6: sources.shop.on_snapshot: needs automated snapshots, but "snapshots" is "manual"; remove on_snapshot, or set "snapshots" to "automated" or "any"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, mistakesOf(t, test.files)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// With more sources or principals, a deployment would fail partway through.
func TestLoad_RejectsMoreThanStackCanHold(t *testing.T) {
	const account = "account: \"123456789012\"\nregion: eu-west-1\n"
	stack := func(sources, trusted int) map[string]string {
		text := account + "sources:\n"
		for i := range sources {
			text += fmt.Sprintf("  s%d: {instance: s%d, schedule: cron(0 3 * * ? *)}\n", i, i)
		}
		text += "analysts:\n  external_id: night-shift\n  trusted:\n"
		for i := range trusted {
			text += fmt.Sprintf("    - arn:aws:iam::123456789012:role/redash-%02d\n", i)
		}
		return map[string]string{"pipeline.yaml": text}
	}
	load(t, stack(75, 41))
	want := []string{
		`pipeline.yaml:3: sources: has 76 entries; the maximum is 75. The databases to export, each under a name that you choose. Each has a database of the same name in Athena, unless database sets another name. A stack can have at most 75 sources.`,
		`pipeline.yaml:82: analysts.trusted: the ARNs and external_id have 1814 characters in total, but the limit is 1800; trust one role that the others can assume, or the whole account`,
	}
	if diff := cmp.Diff(want, mistakesOf(t, stack(76, 42))); diff != "" {
		t.Error(diff)
	}
}

// november is the time at which the tests check schedules.
var november = time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)

func TestCheckCron_AcceptsSyntaxOfScheduler(t *testing.T) {
	for _, valid := range []string{
		"0 3 * * ? *", "0 3 ? * MON-FRI *", "0 3 L * ? *", "0 3 ? * 6L *", "0 3 ? * 2#1 *", "0 3 15W * ? *", "0,30 3 1,15 JAN ? 2026-2030", "0/15 * * 1/2 ? *",
	} {
		if problem := checkCron("cron("+valid+")", november); problem != "" {
			t.Errorf("%s: %s", valid, problem)
		}
	}
	for _, invalid := range []string{
		"? 3 * * ? *", "0 ? * * ? *", "0 3 * ? ? *", "0 3 * * ? ?", "0 3 * * * *", "0 3 ? * ? *", "0 3 LW * ? *", "0 3 L-3 * ? *", "0 3 ? * * 1969", "0 3 ? * * 2200",
		"0 3 ? * 8 *", "0 3 32 * ? *", "0 3 * 13 ? *", "0 24 * * ? *", "60 3 * * ? *", "0/90 3 * * ? *", "0 3 ? * 2#6 *", "10-5 3 * * ? *", "H 3 * * ? *", "0 3 ? * MONDAY *",
	} {
		if checkCron("cron("+invalid+")", november) == "" {
			t.Errorf("%s is accepted", invalid)
		}
	}
}

func TestCheckCron_RequiresFutureDay(t *testing.T) {
	for _, valid := range []string{
		"30 4 29 2 ? *", "30 4 29 2 ? 2028", "0 3 * * ? 2026", "0 3 * * ? 2020,2027", "0 3 * * ? 2020/1", "0 3 * * ? 2020-2027", "0 3 31 */2 ? *", "0 3 31 1/2 ? *",
		"0 3 31 JAN-APR ? *", "0 3 30-31 * ? *", "0 3 28/2 2 ? 2028", "0 3 L 2 ? *", "0 3 31W 12 ? *", "0 3 ? 2 2#5 *", "0 3 ? 2 MON#4 2027", "0 3 ? 2 6L *", "0 3 ? * MON-FRI 2199",
	} {
		if problem := checkCron("cron("+valid+")", november); problem != "" {
			t.Errorf("%s: %s", valid, problem)
		}
	}
	for _, invalid := range []string{
		"30 4 30 2 ? *", "30 4 31 2,4,6,9,11 ? *", "0 3 30-31 FEB ? *", "0 3 30/1 2 ? *", "30 4 29 2 ? 2027", "30 4 29 2 ? 2100", "0 3 * * ? 2025", "0 3 * * ? 2020-2025", "0 3 L * ? 1999",
		"0 3 * 1 ? 2026", "0 3 1-28 11 ? 2026", "0 3 31W 4 ? *", "0 3 ? 2 2#5 2027", "0 3 ? * MON 2025", "0 3 ? 1-10 MON 2026",
	} {
		if checkCron("cron("+invalid+")", november) == "" {
			t.Errorf("%s is accepted", invalid)
		}
	}
	want := []string{"pipeline.yaml:4: sources.shop.schedule: matches no day in the future"}
	if diff := cmp.Diff(want, mistakesOf(t, map[string]string{"pipeline.yaml": strings.Replace(shop(""), "0 3 * * ? *", "30 4 30 2 ? *", 1)})); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_RequiresIANATimeZone(t *testing.T) {
	for _, zone := range []string{"posix/Asia/Tokyo", "right/Asia/Tokyo", "Local", "localtime", "posixrules", "Asia/Tokio", "../Asia/Tokyo", `""`} {
		want := []string{fmt.Sprintf("pipeline.yaml:5: sources.shop.time_zone: unknown time zone %q; use a name in the IANA database, for example Asia/Tokyo or UTC", strings.Trim(zone, `"`))}
		if diff := cmp.Diff(want, mistakesOf(t, map[string]string{"pipeline.yaml": shop("    time_zone: " + zone + "\n")})); diff != "" {
			t.Errorf("%s: %s", zone, diff)
		}
	}
	for _, zone := range []string{"Asia/Tokyo", "UTC", "Etc/GMT+9", "America/Argentina/Buenos_Aires", "Japan"} {
		load(t, map[string]string{"pipeline.yaml": shop("    time_zone: " + zone + "\n")})
	}
}

func TestLoad_IgnoresByteOrderMark(t *testing.T) {
	config := load(t, map[string]string{"pipeline.yaml": "\ufeff" + shop("    tables: [shop.users]\n")})
	if len(config.Sources) != 1 {
		t.Errorf("got %v", config.Sources)
	}
}

func TestLoad_ReportsLookalikesBesideOtherMistakes(t *testing.T) {
	const space, colon = "full-width space (U+3000); use an ordinary space", "full-width colon (U+FF1A); use a colon"
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"a colon after a key":             {"sources：\n  shop:\n    instance: shop\n", []string{"1: " + colon, "1: unexpected key name"}},
		"a colon after an inner key":      {shop("    # コメント：\u3000x\n    keep: 2\n    keep_days：5\n"), []string{"7: " + colon, "7: non-map value is specified"}},
		"a space before a key":            {shop("\u3000\u3000keep: 2\n"), []string{"5: " + space}},
		"a space after a colon":           {shop("    keep:\u30002\n    keep_days: 5\n"), []string{"5: " + space}},
		"in the next line":                {shop("    time_zone: Asia/Tokyo\n      keep：\u30002\n"), []string{"6: " + colon, "6: " + space}},
		"a space copied from a web page":  {shop("    keep:\u00a02\n    keep_days: 5\n"), []string{"5: no-break space (U+00A0); use an ordinary space"}},
		"a byte order mark in the middle": {shop("\ufeff    keep: 2\n"), []string{"5: byte order mark (U+FEFF); remove it"}},
	} {
		got := mistakesOf(t, map[string]string{"pipeline.yaml": test.text})
		for _, line := range test.want {
			if !slices.Contains(got, "pipeline.yaml:"+line) {
				t.Errorf("%s: got %q, want %s among them", name, got, line)
			}
		}
		for _, line := range got {
			if strings.Contains(line, "U+") && !slices.Contains(test.want, strings.TrimPrefix(line, "pipeline.yaml:")) {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
	load(t, map[string]string{"pipeline.yaml": shop("    columns: {orders.金額：円: raw, orders.商品\u3000名: raw}\n")}) // valid names of columns
}

func TestLoad_WorksInFolderWithAnyName(t *testing.T) {
	for _, name := range []string{"a b", "ü", "100%", "日本", "a#b", "a?b", "a[b"} {
		dir := filepath.Join(write(t, map[string]string{name + "/pipeline.yaml": shop(""), name + "/views/shop/own.sql": "SELECT 1 AS one"}), name)
		t.Chdir(dir)
		for _, file := range []string{"pipeline.yaml", filepath.Join(dir, "pipeline.yaml")} {
			if config, err := Load(file); err != nil || len(config.Sources[0].Views) != 1 {
				t.Errorf("%s in %s: %v, %v", file, name, err, config.Sources)
			}
		}
	}
}

func TestLoad_NamesMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "prod.yaml"))
	if err == nil || !strings.Contains(err.Error(), "prod.yaml: no such file") {
		t.Errorf("got %v", err)
	}
}

func TestWriteLayer_ContainsConfiguration(t *testing.T) {
	config := load(t, map[string]string{
		"pipeline.yaml": `sources:
  shop:
    instance: shop
    schedule: cron(0 3 * * ? *)
    max_snapshot_age: 1h30m
    names: {shop.顧客: customers}
    columns: {orders.price: double}
    changes: {users: id}
    checks: {users: {max_drop_percent: 0}}
` + where,
		"views/shop/daily_sales.sql": "\ufeff\nSELECT 1 AS one\n-- each day\n; -- done\n\n",
		"views/README.md":            "not a view",
	})
	if want := []workflow.View{{Name: "daily_sales", SQL: "\nSELECT 1 AS one\n-- each day", File: "views/shop/daily_sales.sql"}}; !cmp.Equal(config.Sources[0].Views, want) {
		t.Error(cmp.Diff(want, config.Sources[0].Views))
	}
	roundTrips(t, config)
}

func TestReadLayer_RejectsInvalidLayer(t *testing.T) {
	for text, want := range map[string]string{
		`{"config": {"sources": {"shop": {"max_snapshot_age": "soon"}}}}`: `pipeline.json: time: invalid duration "soon"`,
		`{"sources": {"shop": {}}}`:                                       "pipeline.json contains no sources; another version of Snaplake wrote it",
	} {
		_, err := workflow.ReadLayer(fstest.MapFS{"pipeline.json": {Data: []byte(text)}})
		if want = "read the configuration layer: " + want; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestSource_UnknownNameListsTheSources(t *testing.T) {
	config := workflow.Config{Sources: []workflow.Source{{Name: "orders"}, {Name: "shop"}}}
	_, err := config.Source("shopp")
	if want := `source "shopp" is not configured; the sources are orders, shop`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestParse_ResolvesAliases(t *testing.T) {
	doc, err := parse("f", []byte("shop: &s\n  keep: 2\ncrm:\n  <<: *s\n  cluster: crm-prod"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"shop": map[string]any{"keep": 2.0}, "crm": map[string]any{"keep": 2.0, "cluster": "crm-prod"}}
	if diff := cmp.Diff(want, doc.value); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

const twoSources = `sources:
  crm:
    instance: crm
    schedule: cron(0 3 * * ? *)
    database: crm_dev
  shop:
    instance: shop
    schedule: cron(0 3 * * ? *)
`

func TestLoad_ReadsDatabaseOfSource(t *testing.T) {
	config := load(t, map[string]string{"pipeline.yaml": twoSources + where})
	var got []string
	for _, s := range config.Sources {
		got = append(got, s.Database())
	}
	if diff := cmp.Diff([]string{"crm_dev", "shop"}, got); diff != "" {
		t.Errorf("databases (-want +got):\n%s", diff)
	}
	roundTrips(t, config)
}

func TestLoad_RejectsInvalidDatabases(t *testing.T) {
	source := func(name, database string) string {
		return "  " + name + ":\n    instance: x\n    schedule: cron(0 3 * * ? *)\n" + database
	}
	for name, test := range map[string]struct{ sources, want string }{
		"the name of another source": {
			source("crm", "") + source("shop", "    database: crm\n"),
			`pipeline.yaml:8: sources.shop.database: source "crm" also uses database crm; set a different database for one of the two`,
		},
		"one database twice": {
			source("crm", "    database: lake\n") + source("shop", "    database: lake\n"),
			`pipeline.yaml:9: sources.shop.database: source "crm" also uses database lake; set a different database for one of the two`,
		},
		"the database of the crawled tables": {
			source("shop", "    database: snaplake_crawled\n"),
			`pipeline.yaml:5: sources.shop.database: snaplake_crawled is reserved; choose another name`,
		},
		"the source's name": {
			source("default", ""),
			`pipeline.yaml:2: sources.default.database: default is reserved; choose another name`,
		},
		"a hyphen": {
			source("shop", "    database: shop-dev\n"),
			`pipeline.yaml:5: sources.shop.database: "shop-dev" does not match ^[a-z][a-z0-9_]*$. Name of the source's database in Athena: lower-case letters, digits and underscores, beginning with a letter. Default: the source's name.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]string{test.want}, mistakesOf(t, map[string]string{"pipeline.yaml": "sources:\n" + test.sources + where})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckAccount_FindsPlaceholder(t *testing.T) {
	own := workflow.Config{Account: "111122223333", Key: "arn:aws:kms:ap-northeast-1:111122223333:key/00000000-0000-0000-0000-123456789012"}
	if err := CheckAccount("a.yaml", own); err != nil {
		t.Errorf("without the placeholder: %v", err)
	}
	for key, edit := range map[string]func(*workflow.Config){
		"account":          func(c *workflow.Config) { c.Account = placeholder },
		"key":              func(c *workflow.Config) { c.Key = "arn:aws:kms:ap-northeast-1:123456789012:key/0123" },
		"analysts.trusted": func(c *workflow.Config) { c.Analysts.Trusted = []string{"arn:aws:iam::123456789012:role/redash"} },
	} {
		c := own
		edit(&c)
		want := `a.yaml: 123456789012 under "` + key + `" is a placeholder; enter the ID of your AWS account`
		if err := CheckAccount("a.yaml", c); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
