package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestRun_ContinuesLakeOfLastRun(t *testing.T) {
	dir := t.TempDir()
	run(t, "run", fast, "--dir", dir)
	run(t, "run", fast, "--dir", dir)
	got := run(t, "query", "--dir", dir, "SELECT count(DISTINCT snapshot_at) AS n FROM users_history")
	if !strings.Contains(got, "2") {
		t.Errorf("the history does not show two runs: %s", got)
	}
	got = run(t, "query", "--dir", dir, "SELECT operation FROM users_changes WHERE operation = 'delete'")
	if !strings.Contains(got, "delete") {
		t.Errorf("the sample did not continue with the next day: %s", got)
	}
}

func TestRun_BeginsNewLake(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(t *testing.T, lake string)
		want   string
	}{
		"older version": {
			func(t *testing.T, lake string) {
				replaceIn(t, filepath.Join(lake, "lake.json"), `"format": 1`, `"format": 0`)
			},
			"lake.json was written by another version of this command",
		},
		"damaged": {
			func(t *testing.T, lake string) { replaceIn(t, filepath.Join(lake, "lake.json"), `"format"`, `"format`) },
			"lake.json is damaged",
		},
		"invalid state": {
			func(t *testing.T, lake string) {
				replaceIn(t, filepath.Join(lake, "lake.json"), `\"StartAt\": \"`, `\"StartAt\": \"No`)
			},
			"the state of the data lake cannot be restored: load execution ",
		},
		"other database": {
			func(t *testing.T, lake string) {
				replaceIn(t, filepath.Join(lake, "lake.json"), `"shop": "sample"`, `"shop": "mysql://reader@127.0.0.1:3306/shop"`)
			},
			"the data of source shop is from mysql://reader@127.0.0.1:3306/shop, not from sample",
		},
		"other stack": {
			func(t *testing.T, lake string) {
				replaceIn(t, filepath.Join(lake, "lake.json"), `"account": "123456789012"`, `"account": "210987654321"`)
			},
			"the data lake belongs to another stack (account 210987654321",
		},
		"other configuration": {
			func(t *testing.T, lake string) {
				replaceIn(t, filepath.Join(lake, assemblyFile), sampleAssembly, userAssembly)
			},
			"the last run used your configuration, not the configuration of the sample",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			run(t, "run", fast, "--dir", dir)
			test.damage(t, filepath.Join(dir, lakeFolder))
			got := run(t, "run", fast, "--dir", dir, "--assembly", sampleAssembly, "--source", "sample")
			if !strings.Contains(got, "This command creates a new data lake: ") || !strings.Contains(got, test.want) {
				t.Errorf("the output does not contain %q: %s", test.want, got)
			}
			if _, err := os.Stat(filepath.Join(dir, previousFolder, "lake.json")); err != nil {
				t.Errorf("the previous lake was not kept: %v", err)
			}
			if got := run(t, "query", "--dir", dir, "SELECT count(*) AS n FROM orders"); !strings.Contains(got, "1000") {
				t.Errorf("the new lake does not begin with the first day: %s", got)
			}
		})
	}
}

func replaceIn(t *testing.T, file, old, with string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), old, with, 1)
	if text == string(b) {
		t.Fatalf("%s does not contain %s", file, old)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRun_FailsWithoutDatabasesOfLastRun(t *testing.T) {
	dir := t.TempDir()
	run(t, "run", fast, "--dir", dir)
	replaceIn(t, filepath.Join(dir, lakeFolder, "lake.json"), `"shop": "sample"`, `"shop": "export:`+dir+`/none"`)
	const want = "snaplake: the databases of the last run cannot be used: "
	if got := fails(t, "", "run", fast, "--dir", dir); !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := run(t, "query", "--dir", dir, "SELECT count(*) AS n FROM orders"); !strings.Contains(got, "1000") {
		t.Errorf("the data lake changed: %s", got)
	}
}

// serveIn starts serve in the folder and returns its settings. The returned function ends it with a signal.
func serveIn(t *testing.T, dir string, args ...string) (served, func(syscall.Signal)) {
	t.Helper()
	c := command(t, append([]string{"serve", "--dir", dir}, args...)...)
	waitFor(t, c, "To query the views")
	return readServed(t, dir), func(s syscall.Signal) {
		t.Helper()
		if err := c.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		want := 0
		if s == syscall.SIGTERM {
			want = 143
		}
		if err := c.Wait(); c.ProcessState.ExitCode() != want {
			t.Fatalf("serve ended with %v, want exit status %d", err, want)
		}
	}
}

func executionsOf(s served) *sfn.Client {
	return sfn.New(sfn.Options{
		Region: s.Region, BaseEndpoint: &s.Endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(s.AccessKeyID, s.SecretAccessKey, ""),
	})
}

func TestServe_RedrivesExecutionOfFailedRun(t *testing.T) {
	dir := t.TempDir()
	failed := fails(t, "", "run", fast, "--dir", dir, "--fault", "export:1=failed")
	if !strings.Contains(failed, "ExportFailed") {
		t.Fatal(failed)
	}
	execution, _ := lastExecution(t, dir)
	arn := execution.ARN
	c := command(t, "serve", "--dir", dir)
	waitFor(t, c, "redrive-execution --execution-arn "+arn+"  # FAILED ExportFailed\n")
	if err := errors.Join(c.Process.Signal(os.Interrupt), c.Wait()); err != nil {
		t.Fatal(err)
	}
	s, stop := serveIn(t, dir, fast)
	if got := describe(t, s, arn); got.Status != types.ExecutionStatusFailed || got.RedriveStatus != types.ExecutionRedriveStatusRedrivable {
		t.Fatalf("the execution of the run is %s, %s", got.Status, got.RedriveStatus)
	}
	if _, err := executionsOf(s).RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &arn}); err != nil {
		t.Fatal(err)
	}
	if got := waitForEnd(t, s, arn); got.Status != types.ExecutionStatusSucceeded {
		t.Errorf("the redriven execution is %s", got.Status)
	}
	stop(syscall.SIGTERM)
	mail, err := os.ReadFile(filepath.Join(dir, lakeFolder, mailFolder, "0001.txt"))
	if err != nil || !strings.Contains(string(mail), "Subject: ") {
		t.Errorf("the email was not kept: %v", err)
	}
	if got := run(t, "query", "--dir", dir, "SELECT count(*) AS n FROM orders"); !strings.Contains(got, "1000") {
		t.Errorf("the views of the redriven run are not in the lake: %s", got)
	}
}

// Clients of the local AWS compare the expiration of credentials with the time of the machine.
func TestServe_ClockDoesNotStartBehindRealTime(t *testing.T) {
	dir := t.TempDir()
	c := command(t, "run", fast, "--dir", dir)
	c.Env = append(c.Env, "SNAPLAKE_BEGIN=2026-01-01T00:00:00Z")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	began := now()
	s, stop := serveIn(t, dir)
	input := `{"source": "shop"}`
	started, err := executionsOf(s).StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &s.StateMachineARN, Input: &input})
	if err != nil {
		t.Fatal(err)
	}
	if started.StartDate.Before(began) {
		t.Errorf("at %s, the clock is at %s", began, started.StartDate)
	}
	stop(syscall.SIGINT)
}

func TestServed_PrintsAnalystsSettingsThatTheStackHas(t *testing.T) {
	for want, s := range map[string]served{
		"\n  workgroup     analysts\n  staging path  s3://lake/analysts/\n": {AnalystsWorkGroup: "analysts", StagingPath: "s3://lake/analysts/"},
		"\n  role          arn:aws:iam::1:role/r\n  external ID   id-1\n":   {AnalystsRoleARN: "arn:aws:iam::1:role/r", AnalystsExternalID: "id-1"},
	} {
		var out strings.Builder
		s.print(&out, filepath.Join(defaultDir, servedFile), "shop", "run-1", 1)
		if !strings.HasSuffix(out.String(), "(docs/redash.md):"+want) {
			t.Errorf("got %s, want %s", &out, want)
		}
	}
}

func TestServe_KeepsExecutionThatItInterrupts(t *testing.T) {
	dir := t.TempDir()
	_, stop := serveIn(t, dir, fast)
	stop(syscall.SIGINT)
	s, stop := serveIn(t, dir, "--speed=1")
	input := `{"source": "shop"}`
	started, err := executionsOf(s).StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &s.StateMachineARN, Input: &input})
	if err != nil {
		t.Fatal(err)
	}
	for len(history(t, s, *started.ExecutionArn)) < 10 { // until it waits for the export
	}
	stop(syscall.SIGINT)
	s, stop = serveIn(t, dir, fast)
	events := history(t, s, *started.ExecutionArn)
	if got := events[len(events)-1].Type; got != types.HistoryEventTypeExecutionAborted {
		t.Errorf("the last event is %s", got)
	}
	if _, err := executionsOf(s).RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: started.ExecutionArn}); err != nil {
		t.Fatal(err)
	}
	if got := waitForEnd(t, s, *started.ExecutionArn); got.Status != types.ExecutionStatusSucceeded {
		t.Errorf("the redriven execution is %s", got.Status)
	}
	stop(syscall.SIGINT)
}

func history(t *testing.T, s served, arn string) []types.HistoryEvent {
	t.Helper()
	out, err := executionsOf(s).GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, MaxResults: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return out.Events
}

func describe(t *testing.T, s served, arn string) *sfn.DescribeExecutionOutput {
	t.Helper()
	got, err := executionsOf(s).DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRun_RunsSeveralSources(t *testing.T) {
	root, layer := rootWith(t, "dist/cdk.test", userAssembly)
	writeView(t, layer, "billing/everywhere.sql", "SELECT count(*) AS users FROM users UNION ALL SELECT count(*) AS users FROM shop.users")
	out := runIn(t, root, "run", fast, "--source", "billing=sample", "--source", "shop=sample")
	for _, want := range []string{
		"Run 1 of 1, source billing, database sample (mysql", "Run 1 of 1, source shop, database sample (mysql",
		"  billing  FindSnapshot ", "  shop     FindSnapshot ", "  billing SUCCEEDED in ", "  shop SUCCEEDED in ", "\nbilling.everywhere ", "\nshop.users ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the output does not contain %q: %s", want, out)
		}
	}
	if got := runIn(t, root, "query", "SELECT users FROM billing.everywhere"); strings.Count(got, "500") != 2 {
		t.Errorf("the view over two sources returned %s", got)
	}
	t.Run("one source twice", func(t *testing.T) {
		got := fails(t, root, "run", fast, "--source", "shop=sample", "--source", "shop=sample")
		if want := "--source gives source shop two databases"; !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestCheckOlder_FindsNewerConfiguration(t *testing.T) {
	dir := t.TempDir()
	config, manifest := filepath.Join(dir, "pipeline.yaml"), filepath.Join(dir, "cdk.out", "manifest.json")
	view, views := filepath.Join(dir, "views", "shop", "a.sql"), filepath.Join(dir, "views", "shop")
	for _, file := range []string{config, manifest, view} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	synthesized := time.Now()
	for _, newer := range []string{"", config, view, views} { // a folder is newer if a file in it was deleted
		for _, path := range []string{config, view, views, filepath.Join(dir, "views"), manifest} {
			at := synthesized
			if path == newer {
				at = at.Add(time.Second)
			}
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
		err := checkOlder(config, manifest)
		if newer == "" && err != nil || newer != "" && (err == nil || err.Error() != newer+" is newer than the synthesized stack") {
			t.Errorf("with newer %q: %v", newer, err)
		}
	}
}
