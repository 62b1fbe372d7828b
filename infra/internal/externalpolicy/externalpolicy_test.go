package externalpolicy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"snaplake/infra/internal/externalpolicy"
	"snaplake/workflow"
)

// The documentation shows the statements in full, because users need them before the first deployment.
func TestDocs_ContainStatements(t *testing.T) {
	text, err := os.ReadFile("../../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	c := workflow.Config{Name: "snaplake", Account: "123456789012", Region: "ap-northeast-1", Bucket: "arn:aws:s3:::company-lake"}
	without := func(s string) string { return regexp.MustCompile(`\s+`).ReplaceAllString(s, "") }
	for name, want := range map[string]string{
		"bucket": externalpolicy.JSON(externalpolicy.Bucket(c)), "key": externalpolicy.JSON(externalpolicy.Key(c)),
		"bucket with versioning": externalpolicy.Lifecycle,
		"key of the catalog":     strings.Trim(externalpolicy.JSON([]externalpolicy.Statement{externalpolicy.CatalogKey(c)}), "[]"),
	} {
		if !strings.Contains(without(string(text)), without(want)) {
			t.Errorf("docs/deploy.md does not contain the statements for the %s: %s", name, want)
		}
	}
}
