package stepfunctions_test

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// pipeline returns the deployed definition, with each function named after its state.
func pipeline() string {
	return regexp.MustCompile(`\$\{(\w+)Function\}`).ReplaceAllString(workflow.Definition, "$1")
}

// functions maps the pipeline's functions to their responses, in order. The last response is repeated.
type functions map[string][]string

// completeRun returns the responses in a run that succeeds.
func completeRun() functions {
	const export = `{"id":"shop-20261121-1705-0","status":"STARTING","prefix":"exports/shop/","percent":50,"gigabytes":1.5,"tables":3,
		"folders":2,"objects":5,"emptyTables":1,"skipped":[],"startedAt":"2026-11-21T17:05:20Z","redriveCount":0,"waitSeconds":60}`
	const crawl = `{"crawler":"snaplake-shop","tablePrefix":"e20261121_1705_0_","startedAt":"2026-11-21T17:30:00Z","status":"RUNNING",
		"tables":2,"restarts":0,"redriveCount":0,"waitSeconds":15}`
	f := functions{
		"FindSnapshot": {`{"arn":"arn:s","id":"rds:shop-2026-11-21-17-05","createdAt":"2026-11-21T17:05:12Z","engine":"mysql","redriveCount":0}`},
		"StartExport":  {export},
		"CheckExport":  {export},
		"StartCrawler": {crawl},
		"CheckCrawler": {crawl},
		"CreateViews": {`{"database":"shop","published":4,"status":"PUBLISHED","startedAt":"2026-11-21T17:31:00Z","seconds":9,"digest":"",
			"warnings":[],"changed":["users: new"]}`},
		"Prune": {`{"exports":0,"tables":0}`},
	}
	return f.with("CheckExport", "COMPLETE").with("CheckCrawler", "SUCCEEDED")
}

// with replaces the responses of a function. The new responses have the given statuses.
func (f functions) with(name string, statuses ...string) functions {
	var answers []string
	for _, s := range statuses {
		answers = append(answers, regexp.MustCompile(`"status":"\w+"`).ReplaceAllString(f[name][0], `"status":"`+s+`"`))
	}
	f[name] = answers
	return f
}

func (f functions) invoke() invoke {
	var mu sync.Mutex
	return func(_ context.Context, name string, _ []byte) (lambda.Invocation, error) {
		mu.Lock()
		defer mu.Unlock()
		answers := f[name]
		if len(answers) > 1 {
			f[name] = answers[1:]
		}
		return answer(answers[0])
	}
}

// visited returns the names of the entered states, in order.
func visited(events []stepfunctions.Event) string {
	var names []string
	for _, e := range events {
		if strings.HasSuffix(e.Type, "StateEntered") {
			names = append(names, e.Details.Name)
		}
	}
	return strings.Join(names, " ")
}

func TestPipeline_VisitsItsStates(t *testing.T) {
	const (
		export  = " StartExport WaitForExport CheckExport IsExportComplete"
		poll    = " WaitForExport CheckExport IsExportComplete"
		crawl   = " StartCrawler IsCrawlComplete WaitForCrawler CheckCrawler IsCrawlComplete"
		views   = " CreateViews ArePublished"
		crawled = " StartCrawler IsCrawlComplete"
	)
	for name, c := range map[string]struct {
		function string // the function that returns these statuses
		statuses []string
		states   string // between FindSnapshot and Prune
		seconds  int
	}{
		"success":                        {"CheckExport", []string{"COMPLETE"}, export + crawl + views, 75},
		"crawled export":                 {"StartCrawler", []string{"SUCCEEDED"}, export + crawled + views, 60},
		"running export":                 {"CheckExport", []string{"STARTING", "COMPLETE"}, export + poll + crawl + views, 135},
		"repeated export":                {"CheckExport", []string{"RESTART", "COMPLETE"}, export + export + crawl + views, 135},
		"repeated crawl":                 {"CheckCrawler", []string{"RESTART", "SUCCEEDED"}, export + crawl + crawl + views, 90},
		"two invocations of CreateViews": {"CreateViews", []string{"PUBLISHING", "PUBLISHED"}, export + crawl + views + views, 75},
		"missing table":                  {"CreateViews", []string{"RESTART", "PUBLISHED"}, export + crawl + views + crawl + views, 90},
		"missing object": {
			"CreateViews", []string{"RESTART_EXPORT", "PUBLISHED"}, export + crawl + views + export + crawl + views, 150,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, completeRun().with(c.function, c.statuses...).invoke())
			e := s.run(pipeline(), `{"source": "shop"}`)
			equal(t, stepfunctions.Succeeded, e.Status)
			equal(t, "FindSnapshot"+c.states+" Prune", visited(s.history(e.ARN)))
			equal(t, time.Duration(c.seconds)*time.Second, e.StoppedAt.Sub(e.StartedAt))
		})
	}
}

func TestPipeline_AddsOneKeyPerState(t *testing.T) {
	s := newService(t, completeRun().invoke())
	e := s.run(pipeline(), `{"source": "shop"}`)
	var state workflow.State
	if err := json.Unmarshal([]byte(e.Output), &state); err != nil {
		t.Fatal(err)
	}
	at := func(hour, minute, second int) time.Time {
		return time.Date(2026, 11, 21, hour, minute, second, 0, time.UTC)
	}
	equal(t, workflow.State{
		Source: "shop",
		Snapshot: &workflow.Snapshot{ARN: "arn:s", ID: "rds:shop-2026-11-21-17-05", CreatedAt: at(17, 5, 12), Engine: "mysql",
			Version: workflow.StateVersion},
		Export: &workflow.Export{
			ID: "shop-20261121-1705-0", Status: "COMPLETE", Prefix: "exports/shop/", Percent: 50, Gigabytes: 1.5, Tables: 3, Folders: 2,
			Objects: 5, EmptyTables: 1, Skipped: []string{}, StartedAt: at(17, 5, 20), WaitSeconds: 60,
		},
		Crawl: &workflow.Crawl{
			Crawler: "snaplake-shop", TablePrefix: "e20261121_1705_0_", StartedAt: at(17, 30, 0), Status: "SUCCEEDED", Tables: 2, WaitSeconds: 15,
		},
		Views: &workflow.Views{
			Database: "shop", Published: 4, Status: workflow.Published, StartedAt: at(17, 31, 0), Seconds: 9, Warnings: []string{},
			Changed: []string{"users: new"},
		},
		Pruned: &workflow.Pruned{},
	}, state)
}

func TestPipeline_PassesTheExecutionToItsFunctions(t *testing.T) {
	var request workflow.SnapshotRequest
	answers := completeRun().invoke()
	s := newService(t, func(ctx context.Context, function string, payload []byte) (lambda.Invocation, error) {
		if function == "FindSnapshot" {
			if err := json.Unmarshal(payload, &request); err != nil {
				t.Error(err)
			}
		}
		return answers(ctx, function, payload)
	})
	s.run(pipeline(), `{"source": "shop", "exportId": "shop-20261120-1705-0"}`)
	equal(t, workflow.SnapshotRequest{
		Input:     workflow.Input{Source: "shop", ExportID: "shop-20261120-1705-0"},
		Execution: workflow.Execution{Name: "e", StartedAt: evening(), EnteredAt: evening()},
	}, request)
}

func TestPipeline_WaitsForTheLatestSnapshot(t *testing.T) {
	answers, calls := completeRun().invoke(), 0
	s := newService(t, func(ctx context.Context, function string, payload []byte) (lambda.Invocation, error) {
		if calls++; calls <= 3 {
			return failure("SnapshotTooOld", "not yet")
		}
		return answers(ctx, function, payload)
	})
	e := s.run(pipeline(), `{"source": "shop"}`)
	equal(t, stepfunctions.Succeeded, e.Status)
	equal(t, 3*5*time.Minute+75*time.Second, e.StoppedAt.Sub(e.StartedAt))
}
