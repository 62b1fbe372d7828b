package main

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// fakeGlue is a fake of the Glue API with one crawler and one database.
type fakeGlue struct {
	crawler *types.Crawler
	tables  func(*glue.GetTablesInput) (*glue.GetTablesOutput, error)
}

func (f fakeGlue) GetCrawler(_ context.Context, in *glue.GetCrawlerInput, _ ...func(*glue.Options)) (*glue.GetCrawlerOutput, error) {
	if f.crawler == nil {
		return nil, &types.EntityNotFoundException{Message: aws.String("Crawler " + *in.Name + " not found")}
	}
	return &glue.GetCrawlerOutput{Crawler: f.crawler}, nil
}

func (f fakeGlue) GetTables(_ context.Context, in *glue.GetTablesInput, _ ...func(*glue.Options)) (*glue.GetTablesOutput, error) {
	return f.tables(in)
}

// shows returns a catalog with tables for these folders of the export.
func shows(folders ...string) func(*glue.GetTablesInput) (*glue.GetTablesOutput, error) {
	return func(*glue.GetTablesInput) (*glue.GetTablesOutput, error) {
		var out glue.GetTablesOutput
		for _, folder := range folders {
			out.TableList = append(out.TableList, types.Table{StorageDescriptor: &types.StorageDescriptor{Location: aws.String(target + folder)}})
		}
		return &out, nil
	}
}

const target = "s3://lake/exports/shop/shop-20261121-1705-0/"

var started = time.Date(2026, 11, 22, 3, 40, 0, 700e6, time.UTC)

func crawler(state types.CrawlerState, last *types.LastCrawlInfo) *types.Crawler {
	return &types.Crawler{
		State:     state,
		Targets:   &types.CrawlerTargets{S3Targets: []types.S3Target{{Path: aws.String(target)}}},
		LastCrawl: last,
	}
}

func lastCrawl(status types.LastCrawlStatus, at time.Time) *types.LastCrawlInfo {
	return &types.LastCrawlInfo{Status: status, StartTime: &at}
}

func request(redriveCount int) workflow.Request {
	return workflow.Request{
		State: workflow.State{
			Source: "shop",
			Export: &workflow.Export{ID: "shop-20261121-1705-0", Prefix: "exports/shop/", Folders: 2},
			Crawl: &workflow.Crawl{
				Crawler: "snaplake-shop", TablePrefix: "e20261121_1705_0_", StartedAt: started,
				Status: workflow.Running, WaitSeconds: 30,
			},
		},
		Execution: workflow.Execution{Name: "nightly-1", EnteredAt: started.Add(12 * time.Minute), RedriveCount: redriveCount},
	}
}

func handler(g Glue) *Handler {
	return &Handler{
		Setup: setup.Setup{
			Config:  workflow.Config{Name: "snaplake", Sources: []workflow.Source{{Name: "shop"}}},
			Log:     slog.New(slog.DiscardHandler),
			Metrics: metrics.Recorder{Pipeline: "snaplake", Out: io.Discard, Now: time.Now},
			Bucket:  "lake",
		},
		Glue: g,
	}
}

func TestCheckCrawler_ReturnsTheStatus(t *testing.T) {
	// Glue reports the start in whole seconds, so it can appear to be earlier than the start in the state.
	sameSecond := started.Truncate(time.Second)
	displaced := crawler(types.CrawlerStateRunning, nil)
	displaced.Targets.S3Targets[0].Path = aws.String("s3://lake/exports/shop/shop-20261122-1705-0/")
	updated := crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusSucceeded, started.Add(5*time.Minute)))
	updated.LastUpdated = aws.Time(started.Add(6 * time.Minute)) // that crawl had another target
	widened := crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusSucceeded, started))
	widened.Targets.S3Targets = append(widened.Targets.S3Targets, types.S3Target{Path: aws.String("s3://lake/else/")})

	for _, test := range []struct {
		name     string
		crawler  *types.Crawler
		redrives int
		want     string
	}{
		{"running", crawler(types.CrawlerStateRunning, lastCrawl(types.LastCrawlStatusFailed, started.Add(-24*time.Hour))), 0, workflow.Running},
		{"stopping", crawler(types.CrawlerStateStopping, nil), 0, workflow.Running},
		{"succeeded", crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusSucceeded, sameSecond)), 0, workflow.Succeeded},
		{"failed before this redrive", crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusFailed, started)), 1, workflow.Restart},
		{"cancelled before this redrive", crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusCancelled, started)), 1, workflow.Restart},
		{"pointed at another target", displaced, 0, workflow.Restart},
		{"pointed at another target and back since the last crawl", updated, 0, workflow.Restart},
		{"with a second target", widened, 0, workflow.Restart},
		{"with only an earlier crawl", crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusSucceeded, started.Add(-24*time.Hour))), 0, workflow.Restart},
		{"without a crawl", crawler(types.CrawlerStateReady, nil), 0, workflow.Restart},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := handler(fakeGlue{crawler: test.crawler, tables: shows()})
			got, err := h.Handle(t.Context(), request(test.redrives))
			if err != nil {
				t.Fatal(err)
			}
			want := *request(0).State.Crawl
			want.Status, want.WaitSeconds, want.RedriveCount = test.want, 36, test.redrives
			if test.want == workflow.Restart {
				want.Restarts = 1
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestCheckCrawler_WaitsForACrawlThatGlueDoesNotReportYet(t *testing.T) {
	previous := lastCrawl(types.LastCrawlStatusSucceeded, started.Add(-24*time.Hour))
	elsewhere := crawler(types.CrawlerStateReady, previous)
	elsewhere.Targets.S3Targets[0].Path = aws.String("s3://lake/exports/shop/shop-20261120-1705-0/")
	for name, shown := range map[string]*types.Crawler{
		"the previous crawl": crawler(types.CrawlerStateReady, previous),
		"no crawl":           crawler(types.CrawlerStateReady, nil),
		// StartCrawler started another crawl after this one.
		"a crawl that failed before the redrive": crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusFailed, started.Add(-5*time.Minute))),
		"the previous target":                    elsewhere,
	} {
		for _, test := range []struct {
			elapsed time.Duration
			want    string
		}{{2*time.Minute - time.Second, workflow.Running}, {2 * time.Minute, workflow.Restart}} {
			in := request(1)
			in.State.Crawl.RedriveCount = 1
			in.Execution.EnteredAt = started.Add(test.elapsed)
			got, err := handler(fakeGlue{crawler: shown, tables: shows()}).Handle(t.Context(), in)
			if err != nil || got.Status != test.want {
				t.Errorf("%s, after %s: got %+v, %v", name, test.elapsed, got, err)
			}
		}
	}
}

func TestCheckCrawler_CountsTablesIfTheCrawlerWasUsedSince(t *testing.T) {
	elsewhere := crawler(types.CrawlerStateRunning, lastCrawl(types.LastCrawlStatusFailed, started.Add(5*time.Minute)))
	elsewhere.Targets.S3Targets[0].Path = aws.String("s3://lake/exports/shop/shop-20261122-1705-0/")
	for _, test := range []struct {
		tables []string
		want   string
	}{
		{[]string{"shop/shop.users/"}, workflow.Restart},
		{[]string{"shop/shop.users/", "shop/shop.orders/"}, workflow.Succeeded},
	} {
		got, err := handler(fakeGlue{crawler: elsewhere, tables: shows(test.tables...)}).Handle(t.Context(), request(0))
		if err != nil || got.Status != test.want || got.Tables != len(test.tables) {
			t.Errorf("with tables %v: got %+v, %v, want %s", test.tables, got, err, test.want)
		}
	}
}

func TestCheckCrawler_FailsAfterThreeRestartsUntilARedrive(t *testing.T) {
	elsewhere := crawler(types.CrawlerStateReady, nil)
	elsewhere.Targets.S3Targets[0].Path = aws.String("s3://lake/exports/shop/shop-20261122-1705-0/")
	h := handler(fakeGlue{crawler: elsewhere, tables: shows("shop/shop.users/")})
	in := request(0)
	for n := 1; n <= maxRestarts; n++ {
		got, err := h.Handle(t.Context(), in)
		if err != nil || got.Status != workflow.Restart || got.Restarts != n {
			t.Fatalf("restart %d: got %+v, %v", n, got, err)
		}
		in.State.Crawl.Restarts = got.Restarts
	}
	_, err := h.Handle(t.Context(), in)
	const want = `crawler "snaplake-shop" was restarted 3 times: the crawler was used for something else, and the catalog contains only 1 of 2 tables. ` +
		`Check in the Glue console what else starts it`
	if _, ok := err.(workflow.CrawlFailed); !ok || err.Error() != want {
		t.Errorf("got  %T %v\nwant %s", err, err, want)
	}
	in.Execution.RedriveCount++
	if got, err := h.Handle(t.Context(), in); err != nil || got.Restarts != 1 {
		t.Errorf("after a redrive: got %+v, %v", got, err)
	}
}

func TestWaitSeconds_GrowsWithTheDuration(t *testing.T) {
	for elapsed, want := range map[time.Duration]int{-time.Second: 15, 0: 15, 5 * time.Minute: 15, 20 * time.Minute: 60, 24 * time.Hour: 120} {
		if got := waitSeconds(elapsed); got != want {
			t.Errorf("after %s: %d s, want %d", elapsed, got, want)
		}
	}
}

func TestCheckCrawler_CountsTheExportsTablesOnAllPages(t *testing.T) {
	table := func(location string) types.Table {
		return types.Table{StorageDescriptor: &types.StorageDescriptor{Location: &location}}
	}
	h := handler(fakeGlue{
		crawler: crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusSucceeded, started)),
		tables: func(in *glue.GetTablesInput) (*glue.GetTablesOutput, error) {
			if *in.DatabaseName != "snaplake_crawled" || *in.Expression != "e20261121_1705_0_.*" {
				t.Errorf("listed tables %s of %s", *in.Expression, *in.DatabaseName)
			}
			if in.NextToken == nil {
				return &glue.GetTablesOutput{NextToken: aws.String("2"), TableList: []types.Table{
					table(target + "shop/shop.users/"),
					table("s3://lake/exports/crm/crm-20261121-1705-0/crm/crm.users/"), // another source with the same minute
				}}, nil
			}
			return &glue.GetTablesOutput{TableList: []types.Table{table(target + "shop/shop.orders/"), {}}}, nil
		},
	})
	got, err := h.Handle(t.Context(), request(0))
	if err != nil {
		t.Fatal(err)
	}
	if got.Tables != 2 {
		t.Errorf("%d tables, want 2", got.Tables)
	}
}

func TestCheckCrawler_EmitsTheDurationOfTheCrawl(t *testing.T) {
	in := request(0)
	in.State.Crawl.StartedAt = started.Add(-24 * time.Hour) // attached: only the start of the previous crawl is known
	for name, test := range map[string]struct {
		crawler *types.Crawler
		want    string
	}{
		"succeeded": {
			crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusSucceeded, started)),
			`{"CrawlSeconds":720,"Execution":"nightly-1","Pipeline":"snaplake","Source":"shop",`,
		},
		"running": {crawler(types.CrawlerStateRunning, nil), ""},
	} {
		var out strings.Builder
		h := handler(fakeGlue{crawler: test.crawler, tables: shows()})
		h.Metrics.Out = &out
		if _, err := h.Handle(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(out.String(), test.want) || (test.want == "") != (out.Len() == 0) {
			t.Errorf("%s: recorded %s\nwant %s", name, &out, test.want)
		}
	}
}

func TestCheckCrawler_ReportsTheReasonAndTheLogOfAFailedCrawl(t *testing.T) {
	failed := lastCrawl(types.LastCrawlStatusFailed, started)
	failed.ErrorMessage = aws.String("Insufficient Lake Formation permission(s)")
	failed.LogGroup, failed.LogStream = aws.String("/aws-glue/crawlers"), aws.String("snaplake-shop")
	for _, test := range []struct {
		name string
		last *types.LastCrawlInfo
		want string
	}{
		{"failed", failed, `crawler "snaplake-shop" ended with status FAILED for ` + target + `: Insufficient Lake Formation permission(s); ` +
			`see log stream snaplake-shop in log group /aws-glue/crawlers`},
		{"cancelled", lastCrawl(types.LastCrawlStatusCancelled, started), `crawler "snaplake-shop" ended with status CANCELLED for ` + target +
			`: Glue gave no reason; see log stream snaplake-shop in log group /aws-glue/crawlers`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := handler(fakeGlue{crawler: crawler(types.CrawlerStateReady, test.last)}).Handle(t.Context(), request(0))
			failure, ok := err.(workflow.CrawlFailed)
			if !ok {
				t.Fatalf("got %T %v, want a CrawlFailed", err, err)
			}
			if failure.Error() != test.want {
				t.Errorf("got  %s\nwant %s", failure, test.want)
			}
		})
	}
}

func TestCheckCrawler_ReturnsTheMessageAboutAMissingPermission(t *testing.T) {
	const denied = "User: arn:aws:sts::123456789012:assumed-role/snaplake-checkcrawler/x is not authorized to perform: glue:GetTables " +
		"on resource: arn:aws:glue:ap-northeast-1:123456789012:catalog because no identity-based policy allows the glue:GetTables action"
	ofCrawler := lastCrawl(types.LastCrawlStatusFailed, started)
	ofCrawler.ErrorMessage = aws.String(denied)
	for name, g := range map[string]fakeGlue{
		"of the crawler": {crawler: crawler(types.CrawlerStateReady, ofCrawler)},
		"of this function": {
			crawler: crawler(types.CrawlerStateReady, lastCrawl(types.LastCrawlStatusSucceeded, started)),
			tables: func(*glue.GetTablesInput) (*glue.GetTablesOutput, error) {
				return nil, &types.AccessDeniedException{Message: aws.String(denied)}
			},
		},
	} {
		if _, err := handler(g).Handle(t.Context(), request(0)); err == nil || !strings.Contains(err.Error(), denied) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestCheckCrawler_RejectsAStateWithoutACrawl(t *testing.T) {
	in := request(0)
	in.State.Crawl = nil
	_, err := handler(fakeGlue{}).Handle(t.Context(), in)
	const want = `source "shop": the state has no crawl`
	if _, ok := err.(workflow.InvalidInput); !ok || err.Error() != want {
		t.Errorf("got %T: %v, want %s", err, err, want)
	}
}

func TestCheckCrawler_ReportsAMissingCrawler(t *testing.T) {
	_, err := handler(fakeGlue{}).Handle(t.Context(), request(0))
	const want = `crawler "snaplake-shop" no longer exists: EntityNotFoundException: Crawler snaplake-shop not found. ` +
		`A deployment does not restore it; create it as defined in the template`
	if _, ok := err.(workflow.CallRefused); !ok || err.Error() != want {
		t.Errorf("got  %T: %v\nwant %s", err, err, want)
	}
}
