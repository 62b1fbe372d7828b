package glue_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/glue"
)

// newFaultyEnv returns an env with two tables to crawl and a fault in the first crawl.
func newFaultyEnv(t *testing.T, kind fault.Kind) *env {
	t.Helper()
	f, err := fault.Parse("crawl:1=" + string(kind))
	if err != nil {
		t.Fatal(err)
	}
	w := newEnvWith(t, func(o *glue.Options) { o.Faults = fault.New(1, f) })
	put(w, export+"shop/shop.orders/1/part-00000-a.gz.parquet", order{1, 100})
	put(w, export+"shop/shop.users/1/part-00000-a.gz.parquet", user{1, "a"})
	w.mustCreateCrawler(nil)
	return w
}

func TestCrawl_InjectsFaultOnce(t *testing.T) {
	all := []string{"e20261121_1705_0_shop_orders", "e20261121_1705_0_shop_users"}
	cases := map[fault.Kind]struct {
		status  types.LastCrawlStatus
		message string
		tables  []string
	}{
		fault.Failed:       {types.LastCrawlStatusFailed, "Internal Service Exception", nil},
		fault.Cancelled:    {types.LastCrawlStatusCancelled, "", nil},
		fault.NoTables:     {types.LastCrawlStatusSucceeded, "", nil},
		fault.MissingTable: {types.LastCrawlStatusSucceeded, "", all[1:]},
	}
	for kind, want := range cases {
		t.Run(string(kind), func(t *testing.T) {
			w := newFaultyEnv(t, kind)
			last := w.crawl()
			if last.Status != want.status || aws.ToString(last.ErrorMessage) != want.message {
				t.Errorf("got %s %q", last.Status, aws.ToString(last.ErrorMessage))
			}
			if diff := cmp.Diff(want.tables, w.tableNames()); diff != "" {
				t.Error(diff)
			}
			if last := w.crawl(); last.Status != types.LastCrawlStatusSucceeded {
				t.Errorf("the next crawl is %s: %s", last.Status, aws.ToString(last.ErrorMessage))
			}
			if diff := cmp.Diff(all, w.tableNames()); diff != "" {
				t.Errorf("after the next crawl: %s", diff)
			}
		})
	}
}

func TestCrawl_EndsEarlyWhenCancelled(t *testing.T) {
	w := newFaultyEnv(t, fault.Cancelled)
	start := w.clock.Now()
	w.crawl()
	if took := w.clock.Now().Sub(start); took < 30*time.Second || took > time.Minute {
		t.Errorf("the crawl took %s", took)
	}
}

func TestCrawl_IsFollowedAtOnceByAnotherUsersCrawl(t *testing.T) {
	w := newFaultyEnv(t, fault.OtherCrawl)
	start := w.clock.Now()
	if _, err := w.client.StartCrawler(t.Context(), &awsglue.StartCrawlerInput{Name: aws.String("snaplake-shop")}); err != nil {
		t.Fatal(err)
	}
	ours := *w.crawler().Targets.S3Targets[0].Path
	for *w.crawler().Targets.S3Targets[0].Path == ours {
		if w.crawler().State == types.CrawlerStateReady {
			t.Fatal("the crawler is READY before the other user's crawl")
		}
		if err := w.clock.Sleep(t.Context(), 5*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	c := w.crawler()
	if c.State != types.CrawlerStateRunning || c.LastCrawl == nil || !c.LastCrawl.StartTime.Equal(start) || len(w.tableNames()) != 2 {
		t.Errorf("after our crawl, the crawler is %s, its last crawl is %+v, and the tables are %q", c.State, c.LastCrawl, w.tableNames())
	}
	for w.crawler().State != types.CrawlerStateReady {
		if err := w.clock.Sleep(t.Context(), 5*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	c = w.crawler()
	if !c.LastCrawl.StartTime.After(start) || *c.Targets.S3Targets[0].Path == ours || c.Version != 2 {
		t.Errorf("got last crawl %+v of %s", c.LastCrawl, *c.Targets.S3Targets[0].Path)
	}
	if diff := cmp.Diff([]string{"e20261121_1705_0_shop_orders", "e20261121_1705_0_shop_users"}, w.tableNames()); diff != "" {
		t.Error(diff)
	}
}
