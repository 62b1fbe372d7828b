package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestDatabases_UseOnlyIAMForTables(t *testing.T) {
	var names []any
	want := []any{object{"Permissions": []any{"ALL"}, "Principal": object{"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}}}
	for _, r := range theTemplate(t).ofType("AWS::Glue::Database") {
		input := r.Properties["DatabaseInput"].(object)
		names = append(names, input["Name"])
		if diff := cmp.Diff(want, input["CreateTableDefaultPermissions"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", input["Name"], diff)
		}
	}
	if diff := cmp.Diff([]any{"data_lake_crawled", "billing", "ledger", "shop"}, names); diff != "" {
		t.Errorf("databases (-want +got):\n%s", diff)
	}
}

func TestDatabases_HaveConfiguredName(t *testing.T) {
	tmpl := existingTemplate(t)
	var names []string
	for _, r := range tmpl.ofType("AWS::Glue::Database") {
		names = append(names, r.Properties["DatabaseInput"].(object)["Name"].(string))
	}
	if diff := cmp.Diff([]string{"data_lake_crawled", "billing_dev"}, names); diff != "" {
		t.Errorf("databases (-want +got):\n%s", diff)
	}
	for _, s := range tmpl.statements(t) {
		for _, resource := range s.resources {
			if strings.HasSuffix(resource, "database/billing") || strings.Contains(resource, "table/billing/") {
				t.Errorf("%s has permissions on %s", s.role, resource)
			}
		}
	}
}

func TestCrawlers_OnePerSource(t *testing.T) {
	crawler := func(source, database string) any {
		return object{
			"Name":         "data-lake-" + source,
			"Description":  "Crawls the latest export of " + database + ". The state machine starts the crawler.",
			"Role":         "${CrawlerRole.Arn}",
			"DatabaseName": "data_lake_crawled",
			"TablePrefix":  source + "_",
			"Targets": object{"S3Targets": []any{object{
				"Path":       "s3://${LakeBucket}/exports/" + source + "/",
				"Exclusions": []any{"**.json", "**/_SUCCESS"},
			}}},
			"Configuration":      workflow.CrawlerConfiguration,
			"RecrawlPolicy":      object{"RecrawlBehavior": "CRAWL_EVERYTHING"},
			"SchemaChangePolicy": object{"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
		}
	}
	want := []any{crawler("billing", "billing-prod"), crawler("ledger", "ledger-prod"), crawler("shop", "shop-prod")}
	got := theTemplate(t).properties("AWS::Glue::Crawler")
	for _, c := range got {
		delete(c.(object), "Tags")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("crawlers (-want +got):\n%s", diff)
	}
}
