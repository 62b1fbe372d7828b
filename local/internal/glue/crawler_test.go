package glue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"
)

func TestACrawlRunsThenStopsThenIsReady(t *testing.T) {
	w := newWorld(t)
	put(w, export+"shop/shop.users/1/part-00000-a.gz.parquet", user{})
	w.mustCreateCrawler(nil)
	if c := w.crawler(); c.State != types.CrawlerStateReady || c.LastCrawl != nil {
		t.Errorf("a new crawler is %s with the last crawl %v", c.State, c.LastCrawl)
	}
	start := w.clock.Now()
	if _, err := w.client.StartCrawler(t.Context(), &awsglue.StartCrawlerInput{Name: aws.String("snaplake-shop")}); err != nil {
		t.Fatal(err)
	}
	var states []types.CrawlerState
	for {
		c := w.crawler()
		if len(states) == 0 || states[len(states)-1] != c.State {
			states = append(states, c.State)
		}
		if c.State == types.CrawlerStateReady {
			break
		}
		if c.LastCrawl != nil {
			t.Fatalf("the crawl is %s, and there is a last crawl already", c.State)
		}
		if err := w.clock.Sleep(t.Context(), 5*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]types.CrawlerState{"RUNNING", "STOPPING", "READY"}, states); diff != "" {
		t.Error(diff)
	}
	if took := w.clock.Now().Sub(start); took < 85*time.Second {
		t.Errorf("the crawl took %s", took)
	}
}

func TestARunningCrawlerIsNeitherStartedNorChanged(t *testing.T) {
	w := newWorld(t)
	w.mustCreateCrawler(nil)
	start := func() error {
		_, err := w.client.StartCrawler(t.Context(), &awsglue.StartCrawlerInput{Name: aws.String("snaplake-shop")})
		return err
	}
	stop := func() error {
		_, err := w.client.StopCrawler(t.Context(), &awsglue.StopCrawlerInput{Name: aws.String("snaplake-shop")})
		return err
	}
	wantCode(t, stop(), "CrawlerNotRunningException")
	if err := start(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, start(), "CrawlerRunningException")
	_, err := w.client.UpdateCrawler(t.Context(), &awsglue.UpdateCrawlerInput{Name: aws.String("snaplake-shop"), TablePrefix: aws.String("x")})
	wantCode(t, err, "CrawlerRunningException")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, stop(), "CrawlerStoppingException")
	wantCode(t, start(), "CrawlerRunningException")
	for w.crawler().State != types.CrawlerStateReady {
		if err := w.clock.Sleep(t.Context(), 5*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.crawler().LastCrawl.Status; got != types.LastCrawlStatusCancelled {
		t.Errorf("got %s", got)
	}
}

func TestAnUpdateChangesOnlyWhatItNames(t *testing.T) {
	w := newWorld(t)
	w.mustCreateCrawler(nil)
	_, err := w.client.UpdateCrawler(t.Context(), &awsglue.UpdateCrawlerInput{
		Name:        aws.String("snaplake-shop"),
		TablePrefix: aws.String("e20261122_1705_0_"),
		Targets:     &types.CrawlerTargets{S3Targets: []types.S3Target{{Path: aws.String("s3://lake/exports/shop/shop-20261122-1705-0/")}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := w.crawler()
	if *c.TablePrefix != "e20261122_1705_0_" || *c.DatabaseName != "crawled" || !strings.Contains(*c.Configuration, "TableLevelConfiguration") || c.Version != 2 {
		t.Errorf("got %+v", c)
	}
	if got := c.Targets.S3Targets; len(got) != 1 || len(got[0].Exclusions) != 0 {
		t.Errorf("got the targets %+v", got)
	}
}

func TestRefusesACrawlerThatWouldNotDoAsGlueDoes(t *testing.T) {
	cases := map[string]struct {
		change func(*awsglue.CreateCrawlerInput)
		want   string
	}{
		"an unknown key": {
			func(in *awsglue.CreateCrawlerInput) {
				in.Configuration = aws.String(`{"Version": 1.0, "CrawlerOutput": {"Partitions": {"UpdateBehavior": "LOG"}}}`)
			},
			"CrawlerOutput.Partitions contains unsupported keys: UpdateBehavior.",
		},
		"a partition index that is not a boolean": {
			func(in *awsglue.CreateCrawlerInput) {
				in.Configuration = aws.String(`{"Version": 1.0, "CreatePartitionIndex": "no"}`)
			},
			`CreatePartitionIndex must be true or false, not "no".`,
		},
		"no version": {func(in *awsglue.CreateCrawlerInput) { in.Configuration = aws.String(`{}`) }, "the Version must be 1.0."},
		"a table level that is no number": {
			func(in *awsglue.CreateCrawlerInput) {
				in.Configuration = aws.String(`{"Version": 1.0, "Grouping": {"TableLevelConfiguration": "6"}}`)
			},
			`TableLevelConfiguration must be a whole number above 0, not "6"`,
		},
		"a classifier":    {func(in *awsglue.CreateCrawlerInput) { in.Classifiers = []string{"mine"} }, "no custom classifiers"},
		"the AWS default": {func(in *awsglue.CreateCrawlerInput) { in.SchemaChangePolicy = nil }, "DeleteBehavior LOG"},
		"new folders only": {
			func(in *awsglue.CreateCrawlerInput) {
				in.RecrawlPolicy = &types.RecrawlPolicy{RecrawlBehavior: types.RecrawlBehaviorCrawlNewFoldersOnly}
			},
			"not \"CRAWL_NEW_FOLDERS_ONLY\"",
		},
		"a path that is none": {func(in *awsglue.CreateCrawlerInput) { in.Targets.S3Targets[0].Path = aws.String("lake/exports") }, "s3://BUCKET/FOLDER"},
		"a broken exclusion":  {func(in *awsglue.CreateCrawlerInput) { in.Targets.S3Targets[0].Exclusions = []string{"[a"} }, `exclusion "[a"`},
		"no target":           {func(in *awsglue.CreateCrawlerInput) { in.Targets = &types.CrawlerTargets{} }, "no S3Targets"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := newWorld(t).createCrawler(c.change)
			wantCode(t, err, "InvalidInputException")
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestNamesTheCrawlerThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	_, err := w.client.GetCrawler(t.Context(), &awsglue.GetCrawlerInput{Name: aws.String("nope")})
	wantCode(t, err, "EntityNotFoundException")
	w.mustCreateCrawler(nil)
	wantCode(t, w.createCrawler(nil), "AlreadyExistsException")
}

func TestRefusesAParameterItDoesNotKnow(t *testing.T) {
	err := newWorld(t).createCrawler(func(in *awsglue.CreateCrawlerInput) { in.Schedule = aws.String("cron(0 0 * * ? *)") })
	if err == nil || !strings.Contains(err.Error(), "Schedule") {
		t.Errorf("got %v", err)
	}
}
