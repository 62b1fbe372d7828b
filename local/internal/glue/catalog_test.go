package glue_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/glue"
)

func (w *env) createTable(name string) error {
	return w.service.CreateTable(w.t.Context(), "crawled", glue.TableInput{
		Name: name, TableType: "EXTERNAL_TABLE", Parameters: map[string]string{"a": "b"},
	})
}

func TestGetTables_ReturnsPagesOf100(t *testing.T) {
	w := newEnv(t)
	var want []string
	for i := range 205 {
		name := fmt.Sprintf("t%03d", i)
		want = append(want, name)
		if err := w.createTable(name); err != nil {
			t.Fatal(err)
		}
	}
	page, err := w.client.GetTables(t.Context(), &awsglue.GetTablesInput{DatabaseName: aws.String("crawled")})
	if err != nil || len(page.TableList) != 100 || page.NextToken == nil {
		t.Fatalf("got %d tables and %v", len(page.TableList), err)
	}
	if diff := cmp.Diff(want, w.tableNames()); diff != "" {
		t.Error(diff)
	}
	_, err = w.client.GetTables(t.Context(), &awsglue.GetTablesInput{DatabaseName: aws.String("crawled"), MaxResults: aws.Int32(101)})
	wantCode(t, err, "InvalidInputException")
	_, err = w.client.GetTables(t.Context(), &awsglue.GetTablesInput{DatabaseName: aws.String("crawled"), NextToken: aws.String("?")})
	wantCode(t, err, "InvalidInputException")
}

func TestGetTables_MatchesExpressionWithWholeName(t *testing.T) {
	w := newEnv(t)
	for _, name := range []string{"e1_users", "e2_users", "e2_orders"} {
		if err := w.createTable(name); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string][]string{
		"e2_.*":    {"e2_orders", "e2_users"},
		"e2_*":     {"e2_orders", "e2_users"},
		"*users":   {"e1_users", "e2_users"},
		"e2":       nil,
		"E1_USERS": {"e1_users"},
	}
	for expression, want := range cases {
		out, err := w.client.GetTables(t.Context(), &awsglue.GetTablesInput{DatabaseName: aws.String("crawled"), Expression: &expression})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, table := range out.TableList {
			got = append(got, *table.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", expression, diff)
		}
	}
	_, err := w.client.GetTables(t.Context(), &awsglue.GetTablesInput{DatabaseName: aws.String("crawled"), Expression: aws.String("(")})
	wantCode(t, err, "InvalidInputException")
}

func TestUpdateTable_ReplacesDefinition(t *testing.T) {
	w := newEnv(t)
	if err := w.createTable("Users"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, w.createTable("users"), "AlreadyExistsException")
	update := &awsglue.UpdateTableInput{
		DatabaseName: aws.String("crawled"),
		TableInput:   &types.TableInput{Name: aws.String("users"), Description: aws.String("new")},
	}
	if _, err := w.client.UpdateTable(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	if got := w.table("USERS"); *got.Name != "users" || *got.Description != "new" || got.Parameters != nil || *got.VersionId != "1" {
		t.Errorf("got %+v", got)
	}
	if err := w.service.DeleteTable(t.Context(), "crawled", "users"); err != nil {
		t.Fatal(err)
	}
	_, err := w.client.GetTable(t.Context(), &awsglue.GetTableInput{DatabaseName: aws.String("crawled"), Name: aws.String("users")})
	wantCode(t, err, "EntityNotFoundException")
	_, err = w.client.GetTable(t.Context(), &awsglue.GetTableInput{
		CatalogId: aws.String("210987654321"), DatabaseName: aws.String("crawled"), Name: aws.String("users"),
	})
	if err == nil || !strings.Contains(err.Error(), "only the catalog of account 123456789012") {
		t.Errorf("got %v", err)
	}
}

func TestBatchDeleteTable_ReportsEachError(t *testing.T) {
	w := newEnv(t)
	if err := w.createTable("users"); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.BatchDeleteTable(t.Context(), &awsglue.BatchDeleteTableInput{
		DatabaseName: aws.String("crawled"), TablesToDelete: []string{"users", "nope"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Errors) != 1 || *out.Errors[0].TableName != "nope" || *out.Errors[0].ErrorDetail.ErrorCode != "EntityNotFoundException" {
		t.Errorf("got %+v", out.Errors)
	}
	_, err = w.client.BatchDeleteTable(t.Context(), &awsglue.BatchDeleteTableInput{
		DatabaseName: aws.String("crawled"), TablesToDelete: make([]string, 101),
	})
	wantCode(t, err, "InvalidInputException")
}

func TestDeployDatabase_StoresNameInLowerCase(t *testing.T) {
	w := newEnv(t)
	if err := w.service.DeployDatabase(t.Context(), glue.DatabaseInput{Name: "Views"}); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.GetDatabases(t.Context(), &awsglue.GetDatabasesInput{})
	if err != nil || len(out.DatabaseList) != 2 || *out.DatabaseList[1].Name != "views" {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestLoad_RestoresSavedCatalogAndCrawlers(t *testing.T) {
	w := newEnv(t)
	put(w, export+"shop/shop.users/1/part-00000-a.gz.parquet", user{1, "a"})
	w.mustCreateCrawler(nil)
	w.crawl()
	saved, err := w.service.Save()
	if err != nil {
		t.Fatal(err)
	}
	later := newEnv(t)
	later.mustCreateCrawler(nil)
	if err := later.service.Load(saved); err != nil {
		t.Fatal(err)
	}
	again, err := later.service.Save()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(saved), string(again)); diff != "" {
		t.Error(diff)
	}
	if p, err := later.service.Partitions(t.Context(), "crawled", "e20261121_1705_0_shop_users"); err != nil || len(p) != 1 {
		t.Errorf("got %d partitions, %v", len(p), err)
	}
	if err := later.service.Load([]byte(`{"a": 1}`)); err == nil {
		t.Error("Load accepted data that is not a catalog")
	}
}
