package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// fakeGlue is a fake of the Glue API with one crawler, snaplake-shop.
type fakeGlue struct {
	get    func() (*types.Crawler, error)
	update func(*glue.UpdateCrawlerInput) error
	start  func(*glue.StartCrawlerInput) error
	// targets holds the targets of the last update.
	targets *types.CrawlerTargets
}

func (f *fakeGlue) GetCrawler(_ context.Context, in *glue.GetCrawlerInput, _ ...func(*glue.Options)) (*glue.GetCrawlerOutput, error) {
	if *in.Name != "snaplake-shop" {
		return nil, &types.EntityNotFoundException{Message: aws.String("Crawler not found")}
	}
	c, err := f.get()
	if c != nil && f.targets != nil {
		c.Targets = f.targets
	}
	return &glue.GetCrawlerOutput{Crawler: c}, err
}

func (f *fakeGlue) UpdateCrawler(_ context.Context, in *glue.UpdateCrawlerInput, _ ...func(*glue.Options)) (*glue.UpdateCrawlerOutput, error) {
	err := f.update(in)
	if err == nil {
		f.targets = in.Targets
	}
	return &glue.UpdateCrawlerOutput{}, err
}

func (f *fakeGlue) StartCrawler(_ context.Context, in *glue.StartCrawlerInput, _ ...func(*glue.Options)) (*glue.StartCrawlerOutput, error) {
	return &glue.StartCrawlerOutput{}, f.start(in)
}

// objects is a fake of the S3 API. It holds the contents of objects by bucket and key.
type objects map[string]string

func (o objects) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out := &s3.ListObjectsV2Output{}
	if _, ok := o[*in.Bucket+"/"+*in.Prefix]; ok {
		out.Contents = []s3types.Object{{Key: in.Prefix}}
	}
	return out, nil
}

func (o objects) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	text, ok := o[*in.Bucket+"/"+*in.Key]
	if !ok {
		return nil, &s3types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(text))}, nil
}

const target = "s3://lake/exports/shop/shop-20261121-1705-0/"

var entered = time.Date(2026, 11, 22, 3, 40, 0, 500e6, time.UTC)

func request() workflow.Request {
	return workflow.Request{
		State: workflow.State{
			Source: "shop",
			Export: &workflow.Export{ID: "shop-20261121-1705-0", Prefix: "exports/shop/", Status: workflow.Complete},
		},
		Execution: workflow.Execution{EnteredAt: entered, RedriveCount: 1},
	}
}

func handler(g Glue) *Handler {
	return &Handler{
		Setup: setup.Setup{
			Config: workflow.Config{Name: "snaplake", Sources: []workflow.Source{{Name: "shop"}}},
			Log:    slog.New(slog.DiscardHandler),
			Bucket: "lake",
		},
		Glue: g,
		S3:   objects{},
	}
}

func crawler(state types.CrawlerState, path string, lastStart time.Time) *types.Crawler {
	return &types.Crawler{
		State:     state,
		Targets:   &types.CrawlerTargets{S3Targets: []types.S3Target{{Path: &path}}},
		LastCrawl: &types.LastCrawlInfo{StartTime: &lastStart, Status: types.LastCrawlStatusSucceeded},
	}
}

func TestStartCrawler_PointsTheCrawlerAtTheExportAndStartsIt(t *testing.T) {
	var update *glue.UpdateCrawlerInput
	var calls []string
	h := handler(&fakeGlue{
		get: func() (*types.Crawler, error) {
			return crawler(types.CrawlerStateReady, "s3://lake/exports/shop/shop-20261120-1705-0/", entered.Add(-24*time.Hour)), nil
		},
		update: func(in *glue.UpdateCrawlerInput) error { update = in; calls = append(calls, "update"); return nil },
		start:  func(in *glue.StartCrawlerInput) error { calls = append(calls, "start "+*in.Name); return nil },
	})
	got, err := h.Handle(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	want := workflow.Crawl{
		Crawler: "snaplake-shop", TablePrefix: "e20261121_1705_0_", StartedAt: entered,
		Status: workflow.Running, RedriveCount: 1, WaitSeconds: 30,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("crawl: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"update", "start snaplake-shop"}, calls); diff != "" {
		t.Errorf("calls: -want +got\n%s", diff)
	}
	wantUpdate := &glue.UpdateCrawlerInput{
		Name:        aws.String("snaplake-shop"),
		TablePrefix: aws.String("e20261121_1705_0_"),
		Targets: &types.CrawlerTargets{S3Targets: []types.S3Target{{
			Path: aws.String(target), Exclusions: []string{"**.json", "**/_SUCCESS"},
		}}},
		Configuration: aws.String(`{"Version":1.0,"CreatePartitionIndex":false,"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":6},` +
			`"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"},"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"}}}`),
		RecrawlPolicy:      &types.RecrawlPolicy{RecrawlBehavior: "CRAWL_EVERYTHING"},
		SchemaChangePolicy: &types.SchemaChangePolicy{UpdateBehavior: "LOG", DeleteBehavior: "LOG"},
	}
	if diff := cmp.Diff(wantUpdate, update, cmpopts.IgnoreUnexported(glue.UpdateCrawlerInput{}, types.CrawlerTargets{}, types.S3Target{}, types.RecrawlPolicy{}, types.SchemaChangePolicy{})); diff != "" {
		t.Errorf("update: -want +got\n%s", diff)
	}
}

// published is a bucket that contains the publication of the request's export.
var published = objects{"lake/exports/shop/shop-20261121-1705-0/published.json": `{"crawledTables":45,"views":{"users":"table"}}`}

func TestStartCrawler_SkipsAPublishedExport(t *testing.T) {
	h := handler(&fakeGlue{}) // any call to Glue panics
	h.S3 = published
	got, err := h.Handle(t.Context(), request())
	want := workflow.Crawl{
		Crawler: "snaplake-shop", TablePrefix: "e20261121_1705_0_", StartedAt: entered,
		Status: workflow.Succeeded, Tables: 45, RedriveCount: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}

func TestStartCrawler_CrawlsAPublishedExportAfterARestart(t *testing.T) {
	started := false
	h := handler(&fakeGlue{
		get: func() (*types.Crawler, error) {
			return crawler(types.CrawlerStateReady, target, entered.Add(-time.Hour)), nil
		},
		update: func(*glue.UpdateCrawlerInput) error { return nil },
		start:  func(*glue.StartCrawlerInput) error { started = true; return nil },
	})
	h.S3 = published
	in := request()
	in.State.Crawl = &workflow.Crawl{Crawler: "snaplake-shop", Status: workflow.Succeeded, Tables: 45}
	got, err := h.Handle(t.Context(), in)
	if err != nil || !started || got.Status != workflow.Running || got.Tables != 0 {
		t.Errorf("got %+v, %v, started %t", got, err, started)
	}
}

func TestStartCrawler_CrawlsAnExportWithADamagedPublication(t *testing.T) {
	started := false
	h := handler(&fakeGlue{
		get: func() (*types.Crawler, error) {
			return crawler(types.CrawlerStateReady, target, entered.Add(-time.Hour)), nil
		},
		update: func(*glue.UpdateCrawlerInput) error { return nil },
		start:  func(*glue.StartCrawlerInput) error { started = true; return nil },
	})
	h.S3 = objects{"lake/exports/shop/shop-20261121-1705-0/published.json": `{"crawledTables":4`}
	if _, err := h.Handle(t.Context(), request()); err != nil || !started {
		t.Errorf("%v, started %t", err, started)
	}
}

// refusing is a fake of the S3 API that denies all calls.
type refusing struct{}

var denied = &smithy.GenericAPIError{Code: "AccessDenied"}

func (refusing) ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return nil, denied
}

func (refusing) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return nil, denied
}

func TestStartCrawler_FailsIfThePublicationCannotBeRead(t *testing.T) {
	h := handler(&fakeGlue{})
	h.S3 = refusing{}
	_, err := h.Handle(t.Context(), request())
	const want = `source "shop": check whether export shop-20261121-1705-0 was published: look for ` + target + `published.json: `
	if !errors.Is(err, denied) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

func TestStartCrawler_IgnoresTheFailedCrawlOfAnEarlierAttempt(t *testing.T) {
	h := handler(&fakeGlue{
		get: func() (*types.Crawler, error) { // it failed, and a retry or a redrive did not enter this state again
			return crawler(types.CrawlerStateReady, target, entered.Add(90*time.Second)), nil
		},
		update: func(*glue.UpdateCrawlerInput) error { return nil },
		start:  func(*glue.StartCrawlerInput) error { return nil },
	})
	got, err := h.Handle(t.Context(), request())
	if want := entered.Truncate(time.Second).Add(91 * time.Second); err != nil || !got.StartedAt.Equal(want) {
		t.Errorf("started at %s, want %s, %v", got.StartedAt, want, err)
	}
}

func TestStartCrawler_KeepsTheCountOfRestarts(t *testing.T) {
	in := request()
	in.State.Crawl = &workflow.Crawl{Crawler: "snaplake-shop", Status: workflow.Restart, Restarts: 2}
	got, err := handler(&fakeGlue{
		get: func() (*types.Crawler, error) {
			return crawler(types.CrawlerStateReady, target, entered.Add(-time.Hour)), nil
		},
		update: func(*glue.UpdateCrawlerInput) error { return nil },
		start:  func(*glue.StartCrawlerInput) error { return nil },
	}).Handle(t.Context(), in)
	if err != nil || got.Restarts != 2 || !got.StartedAt.Equal(entered) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Two runs update the crawler before one of them starts it. The crawl has the target of the second update.
func TestStartCrawler_IsBusyIfAnotherRunChangesTheTarget(t *testing.T) {
	g := &fakeGlue{update: func(*glue.UpdateCrawlerInput) error { return nil }}
	state := types.CrawlerStateReady
	g.get = func() (*types.Crawler, error) {
		return crawler(state, "s3://lake/exports/shop/shop-20261120-1705-0/", entered.Add(-24*time.Hour)), nil
	}
	g.start = func(*glue.StartCrawlerInput) error {
		g.targets, state = nil, types.CrawlerStateRunning
		return nil
	}
	_, err := handler(g).Handle(t.Context(), request())
	const want = `crawler "snaplake-shop" is RUNNING for s3://lake/exports/shop/shop-20261120-1705-0/, not for ` + target + ``
	if _, ok := err.(workflow.CrawlerBusy); !ok || err.Error() != want {
		t.Errorf("got  %T %v\nwant %s", err, err, want)
	}
}

// The response to the first StartCrawler is lost. The SDK tries again, and the crawler is already running.
func TestStartCrawler_AttachesAfterALostResponse(t *testing.T) {
	started := false
	got, err := handler(&fakeGlue{
		get: func() (*types.Crawler, error) {
			if started {
				return crawler(types.CrawlerStateRunning, target, entered.Add(-24*time.Hour)), nil
			}
			return crawler(types.CrawlerStateReady, "s3://lake/exports/shop/shop-20261120-1705-0/", entered.Add(-24*time.Hour)), nil
		},
		update: func(*glue.UpdateCrawlerInput) error { return nil },
		start: func(*glue.StartCrawlerInput) error {
			started = true
			return &types.CrawlerRunningException{}
		},
	}).Handle(t.Context(), request())
	if err != nil || got.Status != workflow.Running || got.StartedAt.After(entered) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestStartCrawler_LeavesOtherErrorsUnnamed(t *testing.T) {
	for _, refused := range []error{&types.OperationTimeoutException{}, &types.EntityNotFoundException{}, &types.InvalidInputException{}} {
		ready := func() (*types.Crawler, error) {
			return crawler(types.CrawlerStateReady, target, entered.Add(-time.Hour)), nil
		}
		fine := func(*glue.StartCrawlerInput) error { return nil }
		for call, g := range map[string]fakeGlue{
			`point crawler "snaplake-shop" at ` + target: {get: ready, update: func(*glue.UpdateCrawlerInput) error { return refused }, start: fine},
			`start crawler "snaplake-shop"`:              {get: ready, update: func(*glue.UpdateCrawlerInput) error { return nil }, start: func(*glue.StartCrawlerInput) error { return refused }},
		} {
			_, err := handler(&g).Handle(t.Context(), request())
			if !errors.Is(err, refused) || workflow.IsNamed(err) || !strings.HasPrefix(err.Error(), call+": ") {
				t.Errorf("%T: got %T: %v", refused, err, err)
			}
		}
	}
}

func TestStartCrawler_AttachesToACrawlOfTheSameExport(t *testing.T) {
	before := time.Date(2026, 11, 21, 3, 41, 7, 0, time.UTC)
	for _, state := range []types.CrawlerState{types.CrawlerStateRunning, types.CrawlerStateStopping} {
		// A path without a trailing slash is the same folder.
		h := handler(&fakeGlue{get: func() (*types.Crawler, error) { return crawler(state, target[:len(target)-1], before), nil }})
		got, err := h.Handle(t.Context(), request())
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != workflow.Running {
			t.Errorf("%s: status %s", state, got.Status)
		}
		// It began after the previous crawl, but perhaps before this state was entered.
		if want := before.Add(time.Second); !got.StartedAt.Equal(want) {
			t.Errorf("%s: started at %s, want %s", state, got.StartedAt, want)
		}
	}
}

func TestStartCrawler_AttachesToTheFirstCrawlOfACrawler(t *testing.T) {
	created := entered.Add(-time.Hour)
	h := handler(&fakeGlue{get: func() (*types.Crawler, error) {
		c := crawler(types.CrawlerStateRunning, target, time.Time{})
		c.LastCrawl, c.CreationTime = nil, &created
		return c, nil
	}})
	got, err := h.Handle(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	if !got.StartedAt.Equal(created) {
		t.Errorf("started at %s, want %s", got.StartedAt, created)
	}
}

func TestStartCrawler_AttachesToTheCrawlOfAnEarlierAttempt(t *testing.T) {
	// While a crawl is STOPPING, LastCrawl may already be that crawl.
	h := handler(&fakeGlue{get: func() (*types.Crawler, error) {
		return crawler(types.CrawlerStateStopping, target, entered.Add(time.Second)), nil
	}})
	got, err := h.Handle(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	if !got.StartedAt.Equal(entered) {
		t.Errorf("started at %s, want %s", got.StartedAt, entered)
	}
}

func TestStartCrawler_IsBusyDuringACrawlOfAnotherExport(t *testing.T) {
	h := handler(&fakeGlue{get: func() (*types.Crawler, error) {
		return crawler(types.CrawlerStateRunning, "s3://lake/exports/shop/shop-20261120-1705-0/", entered), nil
	}})
	_, err := h.Handle(t.Context(), request())
	wantBusy(t, err, `crawler "snaplake-shop" is RUNNING for s3://lake/exports/shop/shop-20261120-1705-0/, not for `+target+``)
}

func TestStartCrawler_AttachesToTheCrawlThatWonARace(t *testing.T) {
	running := &types.CrawlerRunningException{Message: aws.String("Crawler with name snaplake-shop is already running")}
	for _, test := range []struct {
		name          string
		update, start error
		then          *types.Crawler
		busy          string
	}{
		{
			name: "of this export, detected by the update", update: running,
			then: crawler(types.CrawlerStateRunning, target, entered.Add(-time.Hour)),
		},
		{
			name: "of this export, detected by the update with another code", update: &types.InvalidInputException{Message: aws.String("Cannot update Crawler while running")},
			then: crawler(types.CrawlerStateRunning, target, entered.Add(-time.Hour)),
		},
		{
			name: "of this export, detected by the start", start: running,
			then: crawler(types.CrawlerStateRunning, target, entered.Add(-time.Hour)),
		},
		{
			name: "of another export", update: running,
			then: crawler(types.CrawlerStateRunning, "s3://lake/elsewhere/", entered),
			busy: `crawler "snaplake-shop" is RUNNING for s3://lake/elsewhere/, not for ` + target + ``,
		},
		{
			name: "that is already over", update: &types.VersionMismatchException{},
			then: crawler(types.CrawlerStateReady, target, entered),
			busy: `crawler "snaplake-shop" was in use a moment ago, perhaps by another run`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			polls := 0
			h := handler(&fakeGlue{
				get: func() (*types.Crawler, error) {
					polls++
					if polls == 1 {
						return crawler(types.CrawlerStateReady, target, entered.Add(-time.Hour)), nil
					}
					return test.then, nil
				},
				update: func(*glue.UpdateCrawlerInput) error { return test.update },
				start:  func(*glue.StartCrawlerInput) error { return test.start },
			})
			got, err := h.Handle(t.Context(), request())
			if test.busy != "" {
				wantBusy(t, err, test.busy)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != workflow.Running {
				t.Errorf("status %s", got.Status)
			}
		})
	}
}

func TestStartCrawler_ReportsAMissingCrawler(t *testing.T) {
	answer := `{"__type":"EntityNotFoundException","Message":"Crawler entity not found"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	h := handler(glue.New(glue.Options{
		Region:       "ap-northeast-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:      aws.NopRetryer{},
	}))
	_, err := h.Handle(t.Context(), request())
	const want = `crawler "snaplake-shop" does not exist: Glue GetCrawler: EntityNotFoundException: Crawler entity not found. ` +
		`A deployment does not restore it; create it as defined in the template`
	if _, ok := err.(workflow.CallRefused); !ok || err.Error() != want {
		t.Errorf("got  %T: %v\nwant %s", err, err, want)
	}
}

func TestStartCrawler_RejectsAnInvalidState(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*workflow.State)
		want   string
	}{
		{"an unknown source", func(r *workflow.State) { r.Source = "crm" }, `source "crm" is not configured; the sources are shop`},
		{"no export", func(r *workflow.State) { r.Export = nil }, `source "shop": the state has no export`},
		{"a foreign export", func(r *workflow.State) { r.Export = &workflow.Export{ID: "manual"} }, `source "shop": "manual" is not a valid export identifier`},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := request()
			test.change(&in.State)
			_, err := handler(&fakeGlue{}).Handle(t.Context(), in)
			if _, ok := err.(workflow.InvalidInput); !ok || err.Error() != test.want {
				t.Errorf("got %T: %v, want %s", err, err, test.want)
			}
		})
	}
}

func wantBusy(t *testing.T, err error, text string) {
	t.Helper()
	busy, ok := err.(workflow.CrawlerBusy) // not wrapped: Step Functions retries by this name
	if !ok {
		t.Fatalf("got %T %v, want a CrawlerBusy", err, err)
	}
	if busy.Error() != text {
		t.Errorf("got  %s\nwant %s", busy, text)
	}
}
