package glue_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/glue"
)

// versions returns the IDs of a table's versions, read in pages of two.
func (w *env) versions(table string) []string {
	w.t.Helper()
	var ids []string
	pages := awsglue.NewGetTableVersionsPaginator(w.client, &awsglue.GetTableVersionsInput{
		DatabaseName: aws.String("crawled"), TableName: &table, MaxResults: aws.Int32(2),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, v := range page.TableVersions {
			ids = append(ids, *v.VersionId)
		}
	}
	return ids
}

func TestUpdateTable_KeepsVersionUntilDeleted(t *testing.T) {
	w := newEnv(t)
	if err := w.createTable("users"); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if err := w.service.UpdateTable(t.Context(), "crawled", glue.TableInput{Name: "users"}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"4", "3", "2", "1", "0"}, w.versions("users")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	deleted, err := w.client.BatchDeleteTableVersion(t.Context(), &awsglue.BatchDeleteTableVersionInput{
		DatabaseName: aws.String("crawled"), TableName: aws.String("users"), VersionIds: []string{"0", "7", "2", "3"},
	})
	if err != nil || len(deleted.Errors) != 1 {
		t.Fatalf("got %v, %+v", err, deleted)
	}
	if e := deleted.Errors[0]; *e.VersionId != "7" || *e.ErrorDetail.ErrorCode != "EntityNotFoundException" {
		t.Errorf("got %+v", e)
	}
	if diff := cmp.Diff([]string{"4", "1"}, w.versions("users")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	_, err = w.client.BatchDeleteTableVersion(t.Context(), &awsglue.BatchDeleteTableVersionInput{
		DatabaseName: aws.String("crawled"), TableName: aws.String("users"), VersionIds: []string{"4"},
	})
	if err == nil {
		t.Error("the current version was deleted")
	}
}
