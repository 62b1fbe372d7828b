package stepfunctions_test

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// pipeline is the definition that is deployed, with each function named after its state.
func pipeline() string {
	return regexp.MustCompile(`\$\{(\w+)Function\}`).ReplaceAllString(workflow.Definition, "$1")
}

// night answers for the pipeline's functions: a state's answers in their order, the last one again and again.
type night map[string][]string

func goodNight() night {
	export := func(status string) string {
		return `{"id":"shop-20261121-1705-0","status":"` + status + `","prefix":"exports/shop/","percent":50,"gigabytes":1.5,"tables":3,"folders":2,"objects":5,"emptyTables":1,"skipped":[],"startedAt":"2026-11-21T17:05:20Z","redriveCount":0,"waitSeconds":60}`
	}
	crawl := func(status string) string {
		return `{"crawler":"snaplake-shop","tablePrefix":"e20261121_1705_0_","startedAt":"2026-11-21T17:30:00Z","status":"` + status + `","tables":2,"restarts":0,"redriveCount":0,"waitSeconds":15}`
	}
	return night{
		"FindSnapshot": {`{"arn":"arn:s","id":"rds:shop-2026-11-21-17-05","createdAt":"2026-11-21T17:05:12Z","engine":"mysql","redriveCount":0}`},
		"StartExport":  {export("STARTING")},
		"CheckExport":  {export("COMPLETE")},
		"StartCrawler": {crawl("RUNNING")},
		"CheckCrawler": {crawl("SUCCEEDED")},
		"CreateViews":  {`{"database":"shop","published":4,"status":"PUBLISHED","startedAt":"2026-11-21T17:31:00Z","seconds":9,"digest":"","warnings":[],"changed":["users: new"]}`},
		"Prune":        {`{"exports":0,"tables":0}`},
	}
}

// with puts other statuses in the place of a state's answers.
func (n night) with(state string, statuses ...string) night {
	var answers []string
	for _, s := range statuses {
		answers = append(answers, regexp.MustCompile(`"status":"\w+"`).ReplaceAllString(n[state][0], `"status":"`+s+`"`))
	}
	n[state] = answers
	return n
}

func (n night) invoke() invoke {
	var mu sync.Mutex
	return func(_ context.Context, function string, _ []byte) (stepfunctions.Invocation, error) {
		mu.Lock()
		defer mu.Unlock()
		answers := n[function]
		if len(answers) > 1 {
			n[function] = answers[1:]
		}
		return answer(answers[0])
	}
}

// visited are the states that were entered, in order.
func visited(events []stepfunctions.Event) string {
	var names []string
	for _, e := range events {
		if strings.HasSuffix(e.Type, "StateEntered") {
			names = append(names, e.Details.Name)
		}
	}
	return strings.Join(names, " ")
}

func TestRunsThePipeline(t *testing.T) {
	for _, c := range []struct {
		name   string
		night  night
		states string
		takes  time.Duration
	}{
		{"a good night", goodNight(),
			"FindSnapshot StartExport WaitForExport CheckExport IsExportComplete StartCrawler IsCrawlComplete WaitForCrawler CheckCrawler IsCrawlComplete CreateViews ArePublished Prune",
			75 * time.Second},
		{"an export that was published before", goodNight().with("StartCrawler", "SUCCEEDED"),
			"FindSnapshot StartExport WaitForExport CheckExport IsExportComplete StartCrawler IsCrawlComplete CreateViews ArePublished Prune",
			60 * time.Second},
		{"an export that is still running", goodNight().with("CheckExport", "STARTING", "IN_PROGRESS", "COMPLETE"),
			"FindSnapshot StartExport WaitForExport CheckExport IsExportComplete WaitForExport CheckExport IsExportComplete WaitForExport CheckExport IsExportComplete StartCrawler IsCrawlComplete WaitForCrawler CheckCrawler IsCrawlComplete CreateViews ArePublished Prune",
			195 * time.Second},
		{"an export and a crawl that begin again", goodNight().with("CheckExport", "RESTART", "COMPLETE").with("CheckCrawler", "RESTART", "SUCCEEDED"),
			"FindSnapshot StartExport WaitForExport CheckExport IsExportComplete StartExport WaitForExport CheckExport IsExportComplete StartCrawler IsCrawlComplete WaitForCrawler CheckCrawler IsCrawlComplete StartCrawler IsCrawlComplete WaitForCrawler CheckCrawler IsCrawlComplete CreateViews ArePublished Prune",
			150 * time.Second},
		{"views that take two invocations", goodNight().with("CreateViews", "PUBLISHING", "PUBLISHED"),
			"FindSnapshot StartExport WaitForExport CheckExport IsExportComplete StartCrawler IsCrawlComplete WaitForCrawler CheckCrawler IsCrawlComplete CreateViews ArePublished CreateViews ArePublished Prune",
			75 * time.Second},
		{"views of which tables are missing, and then objects", goodNight().with("CreateViews", "RESTART", "RESTART_EXPORT", "PUBLISHED"),
			"FindSnapshot StartExport WaitForExport CheckExport IsExportComplete StartCrawler IsCrawlComplete WaitForCrawler CheckCrawler IsCrawlComplete CreateViews ArePublished StartCrawler IsCrawlComplete WaitForCrawler CheckCrawler IsCrawlComplete CreateViews ArePublished StartExport WaitForExport CheckExport IsExportComplete StartCrawler IsCrawlComplete WaitForCrawler CheckCrawler IsCrawlComplete CreateViews ArePublished Prune",
			165 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.night.invoke())
			e := w.run(pipeline(), `{"source": "shop"}`)
			equal(t, stepfunctions.Succeeded, e.Status)
			equal(t, c.states, visited(w.history(e.ARN)))
			equal(t, c.takes, e.StoppedAt.Sub(e.StartedAt))
		})
	}
}

func TestTheRecordOfThePipelineHasOneNounAState(t *testing.T) {
	w := newWorld(t, goodNight().invoke())
	e := w.run(pipeline(), `{"source": "shop"}`)
	var record workflow.Record
	if err := json.Unmarshal([]byte(e.Output), &record); err != nil {
		t.Fatal(err)
	}
	equal(t, workflow.Record{
		Source:   "shop",
		Snapshot: &workflow.Snapshot{ARN: "arn:s", ID: "rds:shop-2026-11-21-17-05", CreatedAt: time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC), Engine: "mysql", Version: workflow.StateVersion},
		Export: &workflow.Export{ID: "shop-20261121-1705-0", Status: "COMPLETE", Prefix: "exports/shop/", Percent: 50, Gigabytes: 1.5,
			Tables: 3, Folders: 2, Objects: 5, EmptyTables: 1, Skipped: []string{}, StartedAt: time.Date(2026, 11, 21, 17, 5, 20, 0, time.UTC), WaitSeconds: 60},
		Crawl: &workflow.Crawl{Crawler: "snaplake-shop", TablePrefix: "e20261121_1705_0_", StartedAt: time.Date(2026, 11, 21, 17, 30, 0, 0, time.UTC),
			Status: "SUCCEEDED", Tables: 2, WaitSeconds: 15},
		Views:  &workflow.Views{Database: "shop", Published: 4, Status: workflow.Published, StartedAt: time.Date(2026, 11, 21, 17, 31, 0, 0, time.UTC), Seconds: 9, Warnings: []string{}, Changed: []string{"users: new"}},
		Pruned: &workflow.Pruned{},
	}, record)
}

func TestAFunctionOfThePipelineIsToldOfItsExecution(t *testing.T) {
	n := goodNight()
	var asked workflow.SnapshotRequest
	answers := n.invoke()
	w := newWorld(t, func(ctx context.Context, function string, payload []byte) (stepfunctions.Invocation, error) {
		if function == "FindSnapshot" {
			if err := json.Unmarshal(payload, &asked); err != nil {
				t.Error(err)
			}
		}
		return answers(ctx, function, payload)
	})
	w.run(pipeline(), `{"source": "shop", "exportId": "shop-20261120-1705-0"}`)
	equal(t, workflow.SnapshotRequest{
		Input:     workflow.Input{Source: "shop", ExportID: "shop-20261120-1705-0"},
		Execution: workflow.Execution{Name: "e", StartedAt: evening(), EnteredAt: evening()},
	}, asked)
}

func TestThePipelineWaitsForTonightsSnapshot(t *testing.T) {
	answers, tries := goodNight().invoke(), 0
	w := newWorld(t, func(ctx context.Context, function string, payload []byte) (stepfunctions.Invocation, error) {
		if tries++; tries <= 3 {
			return failure("SnapshotTooOld", "not yet")
		}
		return answers(ctx, function, payload)
	})
	e := w.run(pipeline(), `{"source": "shop"}`)
	equal(t, stepfunctions.Succeeded, e.Status)
	equal(t, 3*5*time.Minute+75*time.Second, e.StoppedAt.Sub(e.StartedAt))
}
