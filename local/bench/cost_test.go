package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

func TestDocumentHasTheTableOfPrices(t *testing.T) {
	text, err := os.ReadFile("../../docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, p := range prices {
		confirmed := "no"
		if p.confirmed {
			confirmed = "yes"
		}
		want = append(want, fmt.Sprintf("| %s | %s | %s | %s | %s | %s |",
			p.service, p.unit, strconv.FormatFloat(p.usd, 'f', -1, 64), number(p.per), p.page, confirmed))
	}
	_, table, _ := strings.Cut(string(text), "| service | what | USD | for | page | confirmed |\n|---|---|--:|--:|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if diff := cmp.Diff(want, strings.Split(table, "\n")); diff != "" {
		t.Errorf("docs/cost.md has other prices than prices.go (-prices.go +docs):\n%s", diff)
	}
	if begin := fmt.Sprintf("list prices of %s, as they were found on %s", pricesRegion, pricesDate); !strings.Contains(string(text), begin) {
		t.Errorf("docs/cost.md does not say that these are the %s", begin)
	}
}

func TestAChargeIsSoMuchOfAPrice(t *testing.T) {
	c := charge{transition, 4000}
	if got, want := c.usd(), 0.1; got != want {
		t.Errorf("%v cost %v, want %v", c, got, want)
	}
	if got, want := c.String(), "Step Functions: 4,000 state transitions"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLessMemoryComputesLongerAndWaitsAsLong(t *testing.T) {
	r := lambda.Report{Init: 20 * time.Millisecond, Duration: 80 * time.Millisecond, CPU: 32 * time.Millisecond}
	got := map[int]time.Duration{}
	for _, memory := range []int{128, 256, 1769, 3538} {
		got[memory] = onLambda(r, memory)
	}
	// 32 ms of computing take 1769/128 times as long, 442.25 ms; 68 ms are waiting.
	want := map[int]time.Duration{128: 511 * time.Millisecond, 256: 290 * time.Millisecond, 1769: 100 * time.Millisecond, 3538: 100 * time.Millisecond}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSeveralProcessorsAreNoNegativeWaiting(t *testing.T) {
	r := lambda.Report{Duration: 10 * time.Millisecond, CPU: 16 * time.Millisecond}
	if got, want := onLambda(r, wholeProcessor), 16*time.Millisecond; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestANightIsCounted(t *testing.T) {
	at := func(second int, kind, name string) stepfunctions.Event {
		return stepfunctions.Event{Type: kind, Time: time.Unix(int64(second), 0), Details: &stepfunctions.Details{Name: name}}
	}
	n := nightCount{
		history: []stepfunctions.Event{
			at(0, "TaskStateEntered", "StartExport"), at(1, "TaskScheduled", ""), at(2, "TaskScheduled", ""), at(3, "TaskStateExited", "StartExport"),
			at(4, "TaskStateEntered", "StartCrawler"), at(5, "TaskScheduled", ""), at(6, "TaskStateExited", "StartCrawler"),
			at(7, "WaitStateEntered", "WaitForCrawler"), at(96, "TaskStateEntered", "CreateViews"),
		},
		calls: []cloud.Call{
			{Service: "s3", Operation: "GetObject"}, {Service: "s3", Operation: "ListObjectsV2"},
			{Service: "s3", Operation: "DeleteObjects"}, {Service: "glue", Operation: "GetTables"},
		},
		reports: []lambda.Report{{Duration: 2 * time.Second, MemorySize: 512}},
		objects: objects{exported: 7, statements: 3, queries: 2},
		logged: []byte(`{"level": "INFO", "msg": "published"}
a line of text
{"_aws": {"CloudWatchMetrics": [{"Metrics": [{"Name": "Succeeded"}, {"Name": "SucceededTime"}]}]}}
`),
	}
	got := map[string]float64{}
	for _, c := range n.orchestration() {
		p := prices[c.item]
		got[p.service+": "+p.unit] = c.quantity
	}
	want := map[string]float64{
		"Step Functions: state transitions":     5, // four states, and a retry
		"Lambda: requests":                      1,
		"Lambda: GB-seconds on arm64":           1,
		"S3: PUT, COPY, POST and LIST requests": 7, // a list, and two files of each statement
		"S3: GET and HEAD requests":             1,
		"KMS: requests":                         7, // all but the list
		"Glue Data Catalog: requests":           1,
		"CloudWatch Logs: GB taken in":          float64(len(n.logged)+n.machineLog()) / 1e9,
		"CloudWatch: metrics for a month":       2.0 / hoursOfMonth,
		"X-Ray: traces recorded":                1,
		"EventBridge Scheduler: invocations":    1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := n.crawlTime(), 90*time.Second; got != want {
		t.Errorf("the crawl took %v, want %v", got, want)
	}
}

func TestAShortCrawlIsChargedForTenMinutes(t *testing.T) {
	var n nightCount
	for _, c := range n.beside() {
		if c.item == crawlerHour && c.quantity != crawlerDPUs/6.0 {
			t.Errorf("a short crawl is charged for %v DPU-hours, want two for ten minutes", c.quantity)
		}
	}
}
