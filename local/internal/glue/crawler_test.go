package glue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/glue"
	"snaplake/workflow"
)

func TestStartCrawler_RunsThenStopsThenIsReady(t *testing.T) {
	w := newEnv(t)
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
			t.Fatalf("the crawler is %s, but already has a last crawl", c.State)
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

func TestUpdateCrawler_FailsWhileRunning(t *testing.T) {
	w := newEnv(t)
	w.mustCreateCrawler(nil)
	start := func() error {
		_, err := w.client.StartCrawler(t.Context(), &awsglue.StartCrawlerInput{Name: aws.String("snaplake-shop")})
		return err
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, start(), "CrawlerRunningException")
	_, err := w.client.UpdateCrawler(t.Context(), &awsglue.UpdateCrawlerInput{Name: aws.String("snaplake-shop"), TablePrefix: aws.String("x")})
	wantCode(t, err, "CrawlerRunningException")
	_, err = w.client.StopCrawler(t.Context(), &awsglue.StopCrawlerInput{Name: aws.String("snaplake-shop")})
	wantCode(t, err, "UnknownOperationException")
}

func TestUpdateCrawler_ChangesOnlyTheMembersInTheRequest(t *testing.T) {
	w := newEnv(t)
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
	keepsConfiguration := strings.Contains(*c.Configuration, "TableLevelConfiguration")
	if *c.TablePrefix != "e20261122_1705_0_" || *c.DatabaseName != "crawled" || !keepsConfiguration || c.Version != 2 {
		t.Errorf("got %+v", c)
	}
	if got := c.Targets.S3Targets; len(got) != 1 || len(got[0].Exclusions) != 0 {
		t.Errorf("got targets %+v", got)
	}
}

func TestCreateCrawler_RejectsUnsupportedDefinitions(t *testing.T) {
	otherLevel := func(in *glue.CrawlerInput) {
		in.Configuration = aws.String(strings.Replace(workflow.CrawlerConfiguration, ":6", ":5", 1))
	}
	target := func(t glue.S3Target) func(*glue.CrawlerInput) {
		return func(in *glue.CrawlerInput) { in.Targets.S3Targets[0] = t }
	}
	const onlyOurs = "supports only the Configuration " + workflow.CrawlerConfiguration
	for name, c := range map[string]struct {
		change func(*glue.CrawlerInput)
		want   string
	}{
		"no configuration": {func(in *glue.CrawlerInput) { in.Configuration = nil }, onlyOurs},
		"other level":      {otherLevel, onlyOurs},
		"default policy":   {func(in *glue.CrawlerInput) { in.SchemaChangePolicy = nil }, "DeleteBehavior LOG"},
		"new folders only": {func(in *glue.CrawlerInput) {
			in.RecrawlPolicy = &glue.RecrawlPolicy{RecrawlBehavior: "CRAWL_NEW_FOLDERS_ONLY"}
		}, "not CRAWL_NEW_FOLDERS_ONLY"},
		"path without s3": {target(glue.S3Target{Path: "lake/exports"}), "s3://BUCKET/FOLDER"},
		"range in glob": {
			target(glue.S3Target{Path: "s3://lake/", Exclusions: []string{"[a-z]"}}),
			`exclusion "[a-z]": the local AWS supports only ** and a suffix, for example **.json`,
		},
		"no target": {func(in *glue.CrawlerInput) { in.Targets.S3Targets = nil }, "one S3Target"},
	} {
		t.Run(name, func(t *testing.T) {
			err := newEnv(t).createCrawler(c.change)
			wantCode(t, err, "InvalidInputException")
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestGetCrawler_FindsByName(t *testing.T) {
	w := newEnv(t)
	_, err := w.client.GetCrawler(t.Context(), &awsglue.GetCrawlerInput{Name: aws.String("nope")})
	wantCode(t, err, "EntityNotFoundException")
	w.mustCreateCrawler(nil)
	out, err := w.client.ListCrawlers(t.Context(), &awsglue.ListCrawlersInput{})
	if err != nil || len(out.CrawlerNames) != 1 || out.CrawlerNames[0] != "snaplake-shop" {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestUpdateCrawler_RejectsUnknownParameters(t *testing.T) {
	w := newEnv(t)
	w.mustCreateCrawler(nil)
	_, err := w.client.UpdateCrawler(t.Context(), &awsglue.UpdateCrawlerInput{
		Name: aws.String("snaplake-shop"), Schedule: aws.String("cron(0 0 * * ? *)"),
	})
	if err == nil || !strings.Contains(err.Error(), "Schedule") {
		t.Errorf("got %v", err)
	}
}
