package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// TestMain makes the test binary act as the command if SNAPLAKE_COMMAND is set, so that tests can start, stop and kill the command.
func TestMain(m *testing.M) {
	if os.Getenv("SNAPLAKE_COMMAND") != "" {
		at := now()
		if fixed := os.Getenv("SNAPLAKE_BEGIN"); fixed != "" {
			var err error
			if at, err = time.Parse(time.RFC3339, fixed); err != nil {
				panic(err)
			}
		}
		syscall.Umask(0) // the command must keep its files private under any umask
		begin(at)
		return
	}
	os.Exit(m.Run())
}

// command returns the command line, to be run in the project's root.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, args...)
	c.Dir = ".."
	c.Env = append(os.Environ(), "SNAPLAKE_COMMAND=1")
	return c
}

// run runs the command and returns its standard output.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	c := command(t, args...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, &stderr)
	}
	return string(out)
}

// fails runs the command, expects exit status 1, and returns its standard error.
func fails(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	c := command(t, args...)
	c.Stderr = &stderr
	if dir != "" {
		c.Dir = dir
	}
	if err := c.Run(); c.ProcessState.ExitCode() != 1 {
		t.Fatalf("%v ended with %v: %s", args, err, &stderr)
	}
	return strings.TrimSpace(stderr.String())
}

// lastExecution returns the last execution in the data lake, and the names of its states in the order in which they were entered.
func lastExecution(t *testing.T, dir string) (last stepfunctions.Execution, states []string) {
	t.Helper()
	saved, err := cloud.ReadSaved(filepath.Join(dir, lakeFolder))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		stepfunctions.Execution
		History []stepfunctions.Event
	}
	if err := json.Unmarshal(saved.StepFunctions, &all); err != nil {
		t.Fatal(err)
	}
	e := all[len(all)-1]
	for _, event := range e.History {
		if strings.HasSuffix(event.Type, "StateEntered") {
			states = append(states, event.Details.Name)
		}
	}
	return e.Execution, states
}

// requireClosed requires that other users cannot access a folder and its contents.
func requireClosed(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fast shortens the waits of a run. It does not speed up the work.
const fast = "--speed=3000"

func TestRun_UpdatesViewsWhenTablesChange(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	out := run(t, "run", "--runs=3", fast, "--dir", dir)

	var names, orders []string
	for _, printed := range strings.Split(out, "Run ")[1:] {
		var views []string
		for _, line := range regexp.MustCompile(`(?m)^(shop\.\w+) +(\d+) rows$`).FindAllStringSubmatch(printed, -1) {
			views = append(views, line[1])
			if line[1] == "shop.orders" {
				orders = append(orders, line[2])
			}
		}
		names = append(names, strings.Join(views, " "))
	}
	always := "shop.campaigns shop.category_master shop.coupons shop.daily_sales shop.every_type%s shop.order_items shop.orders " +
		"shop.products shop.reviews shop.snaplake_freshness shop.users shop.users_changes shop.users_history"
	want := []string{
		fmt.Sprintf(always, " shop.flash_sales"),
		fmt.Sprintf(always, " shop.flash_sales shop.gift_cards"),
		fmt.Sprintf(always, " shop.gift_cards"),
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("views of the runs: %s", diff)
	}
	if len(slices.Compact(orders)) != 3 {
		t.Errorf("orders per run: %v; want three different counts", orders)
	}
	for _, line := range []string{"gift_cards: new", "flash_sales: removed", "campaigns.budget: bigint, was integer"} {
		if strings.Count(out, line) != 1 {
			t.Errorf("not printed exactly once: %s", line)
		}
	}

	execution, entered := lastExecution(t, dir)
	if execution.Status != "SUCCEEDED" {
		t.Errorf("the last execution is %s", execution.Status)
	}
	states := []string{
		"FindSnapshot", "StartExport", "WaitForExport", "CheckExport", "IsExportComplete",
		"StartCrawler", "IsCrawlComplete", "WaitForCrawler", "CheckCrawler", "CreateViews", "ArePublished", "Prune",
	}
	if diff := cmp.Diff(states, firstOfEach(entered)); diff != "" {
		t.Errorf("states: %s", diff)
	}
	if want := fmt.Sprintf(": %d transitions, ", len(entered)); !strings.Contains(out, want) { // without a retry
		t.Errorf("the output lacks %q", want)
	}
	last := run(t, "query", "--dir", dir, "SELECT count(*) AS n FROM orders")
	if !strings.Contains(last, orders[2]) {
		t.Errorf("the query returned %s, want %s from the last run", last, orders[2])
	}
	requireClosed(t, dir)
	t.Run("rejected query", func(t *testing.T) {
		if got := fails(t, "", "query", "--dir", dir, "SELECT nothing FROM orders"); !strings.Contains(got, "COLUMN_NOT_FOUND") {
			t.Error(got)
		}
	})
}

// firstOfEach returns the distinct names in the order of their first occurrence.
func firstOfEach(names []string) []string {
	var first []string
	for _, n := range names {
		if !slices.Contains(first, n) {
			first = append(first, n)
		}
	}
	return first
}

// ownRoot returns a project root with its own copy of the sample's synthesized layer, and the folder of that layer. Tests can change the
// layer without affecting other tests.
func ownRoot(t *testing.T) (root, layer string) {
	t.Helper()
	return rootWith(t, sampleAssembly, sampleAssembly)
}

// rootWith returns a project root in which the folder named assembly has the stack of another folder, and its own copy of the layer.
func rootWith(t *testing.T, stackFolder, assembly string) (root, layer string) {
	t.Helper()
	root = t.TempDir()
	project, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(root, "dist"), 0o755))
	must(os.Symlink(filepath.Join(project, functionsFolder), filepath.Join(root, functionsFolder)))
	must(os.MkdirAll(filepath.Join(root, assembly), 0o755))
	parts, err := filepath.Glob(filepath.Join(project, stackFolder, "*"))
	must(err)
	stack, err := cloudformation.Load(filepath.Join(project, stackFolder))
	if err != nil {
		t.Fatalf("%v; run make check, which synthesizes the stack", err)
	}
	asset, err := stack.Asset(stack.OfType("AWS::Lambda::LayerVersion")[0])
	must(err)
	for _, part := range parts {
		to := filepath.Join(root, assembly, filepath.Base(part))
		if filepath.Base(part) != filepath.Base(asset) {
			must(os.Symlink(part, to))
			continue
		}
		must(os.CopyFS(to, os.DirFS(part)))
		layer = to
	}
	return root, layer
}

// withViews returns a new project root with user-defined views.
func withViews(t *testing.T, views map[string]string) string {
	t.Helper()
	root, layer := ownRoot(t)
	for name, text := range views {
		writeView(t, layer, name, text)
	}
	return root
}

func writeView(t *testing.T, layer, file, text string) {
	t.Helper()
	configure(t, layer, func(c *workflow.Config) {
		view := workflow.View{Name: strings.TrimSuffix(filepath.Base(file), ".sql"), SQL: text, File: "views/" + file}
		s := &c.Sources[slices.IndexFunc(c.Sources, func(s workflow.Source) bool { return s.Name == filepath.Dir(file) })]
		s.Views = append(slices.DeleteFunc(s.Views, func(v workflow.View) bool { return v.Name == view.Name }), view)
	})
}

// configure changes the configuration in a layer.
func configure(t *testing.T, layer string, change func(*workflow.Config)) {
	t.Helper()
	config, err := workflow.ReadLayer(os.DirFS(layer))
	if err != nil {
		t.Fatal(err)
	}
	change(&config)
	if err := workflow.WriteLayer(layer, config); err != nil {
		t.Fatal(err)
	}
}

// runIn runs the command in a project root and returns its output.
func runIn(t *testing.T, root string, args ...string) string {
	t.Helper()
	c := command(t, args...)
	c.Dir = root
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestRun_CreatesUserDefinedViewsInDependencyOrder(t *testing.T) {
	root := withViews(t, map[string]string{
		"shop/best_day.sql":    "SELECT max(orders) AS orders FROM daily_sales",
		"shop/daily_sales.sql": "SELECT date(ordered_at) AS day, count(*) AS orders, sum(total) AS sales\nFROM orders\nGROUP BY date(ordered_at)",
	})
	got := shownColumns(runIn(t, root, "run", fast))
	for _, want := range []string{`shop\.daily_sales \d+\nday date\norders bigint\nsales decimal\(38,2\)\nshop`, `shop\.best_day 1\norders bigint\nshop`} {
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

// shownColumns returns the views in the output of run with their numbers of rows, each followed by the names and types of its columns.
func shownColumns(output string) string {
	var shown strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^(shop\.\w+ +\d+) rows$|^   (\w+ +[\w(),]+)(  .*)?$`).FindAllStringSubmatch(output, -1) {
		shown.WriteString(strings.Join(strings.Fields(m[1]+m[2]), " ") + "\n")
	}
	return shown.String()
}

func TestRun_NamesFileOfUserDefinedViewThatAthenaRejects(t *testing.T) {
	root := withViews(t, map[string]string{"shop/daily_sales.sql": "SELECT date(ordered_at) AS day\nFROM ordres"})
	got := fails(t, root, "run", fast)
	for _, want := range []string{"ViewsFailed", "views/shop/daily_sales.sql", "ordres", "TABLE_NOT_FOUND: line 2:6", `run "make serve"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	if e, states := lastExecution(t, filepath.Join(root, ".local")); e.Status != "FAILED" || states[len(states)-1] != "CreateViews" {
		t.Errorf("status %s after %v", e.Status, states)
	}
}

func TestRun_ReplaysFinishedExport(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	root, _ := rootWith(t, sampleAssembly, userAssembly)
	original := shownColumns(run(t, "run", fast, "--dir", first))
	exports, err := filepath.Glob(filepath.Join(first, "lake", "buckets", "*", "exports", "shop", "*"))
	if err != nil || len(exports) != 1 {
		t.Fatalf("got %v, %v", exports, err)
	}
	replayed := shownColumns(runIn(t, root, "run", fast, "--dir", second, "--source", "export:"+exports[0]))
	if diff := cmp.Diff(original, replayed); diff != "" || !strings.Contains(original, "shop.orders") {
		t.Errorf("the replayed views differ: %s", diff)
	}
}

func TestRun_KeepsLastLakeWhenKilled(t *testing.T) {
	dir := t.TempDir()
	run(t, "run", fast, "--dir", dir)
	before := run(t, "query", "--dir", dir, "SELECT count(*) AS n FROM users")

	c := command(t, "run", "--dir", dir, "--speed=10")
	waitFor(t, c, "StartExport")
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	if after := run(t, "query", "--dir", dir, "SELECT count(*) AS n FROM users"); after != before {
		t.Errorf("before the killed run: %s; after it: %s", before, after)
	}
	run(t, "run", fast, "--dir", dir)
}

func TestInterrupt_StopsRunAndServe(t *testing.T) {
	for name, test := range map[string]struct {
		args    []string
		waitFor string
		status  int
		isSaved bool
	}{
		"run":                    {[]string{"run", "--speed=10"}, "StartExport", 130, false},
		"serve in its first run": {[]string{"serve", "--speed=10"}, "StartExport", 130, false},
		"serve":                  {[]string{"serve"}, "To query the views", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c := command(t, append(test.args, "--dir", dir)...)
			waitFor(t, c, test.waitFor)
			if err := c.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait() // the exit status is checked below
			if got := c.ProcessState.ExitCode(); got != test.status {
				t.Errorf("exit status %d, want %d", got, test.status)
			}
			if _, err := os.Stat(filepath.Join(dir, lakeFolder)); (err == nil) != test.isSaved {
				t.Errorf("saved: %t, want %t", err == nil, test.isSaved)
			}
			for _, left := range []string{"serve.json", "lake.next"} {
				if _, err := os.Stat(filepath.Join(dir, left)); err == nil {
					t.Errorf("%s still exists", left)
				}
			}
		})
	}
}

// waitFor starts the command and waits until its standard output contains the text.
func waitFor(t *testing.T, c *exec.Cmd, text string) {
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	c.Stderr = &stderr
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var read []byte
	for buffer := make([]byte, 4096); !strings.Contains(string(read), text); {
		n, err := out.Read(buffer)
		if read = append(read, buffer[:n]...); err != nil {
			t.Fatalf("%v before it printed %q: %s%s", err, text, read, &stderr)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
}

func TestServe_WorksWithSDKs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	c := command(t, "serve", "--dir", dir, "--speed=3000")
	waitFor(t, c, "To query the views")
	s := readServed(t, dir)
	if diff := cmp.Diff([]string{"shop"}, s.Sources); diff != "" {
		t.Error(diff)
	}
	if want := "s3://" + s.Bucket + "/athena/analysts/"; s.StagingPath != want {
		t.Errorf("staging path %s, want %s", s.StagingPath, want)
	}
	got := runExecution(t, s, `{"source": "shop", "snapshot": "nothing"}`)
	if got.Status != types.ExecutionStatusFailed || *got.Error != "SnapshotNotFound" {
		t.Fatalf("the run of an unknown snapshot ended with status %s", got.Status)
	}
	if got := runExecution(t, s, `{"source": "shop"}`); got.Status != types.ExecutionStatusSucceeded {
		t.Fatalf("the run ended with status %s: %s", got.Status, aws.ToString(got.Cause))
	}
	lake := athenaclient.New(&cloud.Cloud{
		Endpoint: s.Endpoint, Region: s.Region, AnalystsWorkGroup: s.AnalystsWorkGroup,
		Analyst: lambda.Credentials{AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey},
	}, "shop")
	answer, err := lake.Query(t.Context(), "SELECT count(*) AS n FROM coupons")
	if err != nil {
		t.Fatal(err)
	}
	if got := *answer.Rows[0][0]; got != "0" {
		t.Errorf("the empty table has %s rows", got)
	}
	requireClosed(t, dir)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
}

func readServed(t *testing.T, dir string) (s served) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "serve.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// runExecution starts an execution and waits until it has ended.
func runExecution(t *testing.T, s served, input string) *sfn.DescribeExecutionOutput {
	t.Helper()
	started, err := executionsOf(s).StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &s.StateMachineARN, Input: &input})
	if err != nil {
		t.Fatal(err)
	}
	return waitForEnd(t, s, *started.ExecutionArn)
}

func waitForEnd(t *testing.T, s served, arn string) *sfn.DescribeExecutionOutput {
	t.Helper()
	for {
		if got := describe(t, s, arn); got.Status != types.ExecutionStatusRunning {
			return got
		}
		runtime.Gosched()
	}
}

func TestRun_RejectsFolderInUse(t *testing.T) {
	dir := t.TempDir()
	c := command(t, "run", "--dir", dir, "--speed=10")
	waitFor(t, c, "StartExport")
	got := fails(t, "", "run", "--dir", dir)
	want := fmt.Sprintf("snaplake: %s is in use by \"run\" (process %d); end it, or choose another folder with --dir", dir, c.Process.Pid)
	if got != want {
		t.Errorf("got %s", got)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
}

func TestCommands_ReportInvalidInputInOneLine(t *testing.T) {
	empty, dir := t.TempDir(), t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	noRun := `no run has finished yet; to create a data lake, run "go run ./local run --dir ` + empty
	for name, test := range map[string]struct {
		in   string // the folder, or "" for the project's root
		args []string
		want string
	}{
		"not synthesized": {empty, []string{"run", "--dir", dir}, `run "make run"`},
		"unknown source": {
			"", []string{"run", "--dir", dir, "--source", "oracle://x"},
			"use sample, mysql://user@host:port/database, postgres://user@host:port/database or export:DIR",
		},
		"unknown name": {
			"", []string{"run", "--dir", dir, "--source", "shopp=sample"}, `source "shopp" is not configured; the sources are app`,
		},
		"no database": {"", []string{"run", "--dir", dir, "--source", "mysql://reader:secret@127.0.0.1:1/shop"}, "127.0.0.1:1"},
		"no export":   {"", []string{"run", "--dir", dir, "--source", "export:" + empty}, empty},
		"no runs":     {"", []string{"run", "--dir", dir, "--runs", "0"}, "--runs must be at least 1"},
		"fault that Trino ignores": {
			"", []string{"run", "--dir", dir, "--engine", "trino", "--fault", "information_schema.columns=no-views"},
			"the fault information_schema.columns needs --engine duckdb",
		},
		"speed below 1": {"", []string{"run", "--dir", dir, "--speed", "0.5"}, "--speed must be at least 1"},
		"port in use": {
			"", []string{"serve", "--dir", dir, "--port", fmt.Sprint(port)},
			fmt.Sprintf("port %d is in use; choose another port with --port", port),
		},
		"misplaced URL": {
			"", []string{"run", "--dir", dir, "mysql://reader:secret@127.0.0.1/shop"}, "unexpected argument mysql://reader:***@127.0.0.1/shop",
		},
		"invalid port":     {"", []string{"serve", "--dir", dir, "--port", "70000"}, "--port must be between 0 and 65535"},
		"nothing to prune": {"", []string{"prune", "--dir", empty}, noRun},
		"no views to show": {"", []string{"views", "--dir", empty}, noRun},
		"nothing to query": {"", []string{"query", "--dir", empty, "SELECT 1"}, noRun},
	} {
		t.Run(name, func(t *testing.T) {
			got := fails(t, test.in, test.args...)
			if strings.Contains(got, "\n") {
				t.Errorf("more than one line: %s", got)
			}
			if !strings.HasPrefix(got, "snaplake: ") || !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if strings.Contains(got, "secret") {
				t.Errorf("the password was printed: %s", got)
			}
		})
	}
}
