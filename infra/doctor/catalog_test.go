package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

const deployer = "arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role-123456789012-eu-west-1"

func TestCheckLakeFormation_BeforeFirstDeployment(t *testing.T) {
	const missing = "Lake Formation: governs new databases; grant CREATE_DATABASE on the catalog to " + deployer + ", as docs/deploy.md shows"
	for name, test := range map[string]struct {
		change func(*account)
		want   []string
	}{
		"not granted":    {func(*account) {}, []string{missing}},
		"granted":        {func(a *account) { a.grants = map[string][]string{"": {deployer + " CREATE_DATABASE"}} }, nil},
		"granted to all": {func(a *account) { a.grants = map[string][]string{"": {"IAM_ALLOWED_PRINCIPALS CREATE_DATABASE"}} }, nil},
		"administrator":  {func(a *account) { a.administrators = []string{deployer} }, nil},
		"left to IAM":    {func(a *account) { a.governed = false }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			a.governed = true
			test.change(a)
			got := a.doctor().checkLakeFormation(t.Context())
			if diff := cmp.Diff(test.want, problems(got)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if last := got[len(got)-1].level; a.governed && last != note {
				t.Errorf("the last finding is not a note: %v", got)
			}
		})
	}
}

func TestCheckLakeFormation_ListsMissingGrantsPerRole(t *testing.T) {
	a := newAccount()
	a.governed, a.administrators, a.grants = true, []string{deployer}, map[string][]string{}
	got := problems(a.doctor().examine(t.Context()))
	grant := func(permissions, database, role string) string {
		arn := "arn:aws:iam::123456789012:role/lake-" + role + "Role-X"
		a.grants[database] = append(a.grants[database], arn+" "+permissions)
		return fmt.Sprintf("Lake Formation: governs new databases; grant %s on %s to %s, as docs/deploy.md shows", permissions, database, arn)
	}
	want := []string{
		grant("CREATE_TABLE DESCRIBE", "lake_crawled", "Crawler"),
		grant("DESCRIBE", "lake_crawled", "CheckCrawlerFunction"),
		grant("DESCRIBE", "lake_crawled", "CreateViewsFunction"),
		grant("CREATE_TABLE DESCRIBE", "billing", "CreateViewsFunction"),
		grant("CREATE_TABLE DESCRIBE", "shop", "CreateViewsFunction"),
		grant("DESCRIBE", "lake_crawled", "PruneFunction"),
		grant("DESCRIBE", "billing", "PruneFunction"),
		grant("DESCRIBE", "shop", "PruneFunction"),
		grant("DESCRIBE", "lake_crawled", "Redash"),
		grant("DESCRIBE", "billing", "Redash"),
		grant("DESCRIBE", "shop", "Redash"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
	if got := problems(a.doctor().examine(t.Context())); len(got) > 0 {
		t.Errorf("with all grants: %q", got)
	}
}

func TestCheckLakeFormation_AcceptsGrantsToIAMAllowedPrincipals(t *testing.T) {
	a := newAccount()
	a.governed, a.administrators, a.grants = true, []string{deployer}, map[string][]string{}
	for _, database := range a.databases {
		a.grants[database] = []string{"IAM_ALLOWED_PRINCIPALS ALL"}
	}
	if got := problems(a.doctor().examine(t.Context())); len(got) > 0 {
		t.Errorf("problems %q", got)
	}
}

func TestCheckDatabases_ReportsDatabasesOutsideStack(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*account)
		taken  string // the database outside the stack
	}{
		"before the first deployment": {func(a *account) { a.status, a.databases = "", []string{"shop"} }, "shop"},
		"under another name": {func(a *account) {
			a.status, a.databases, a.config.Sources[1].DatabaseName = "", []string{"shop"}, "shop_dev"
		}, ""},
		"of a new source": {func(a *account) {
			a.databases = append(a.databases, "crm")
			a.config.Sources[1].DatabaseName = "crm"
		}, "crm"},
		"own, after a failed first deployment": {func(a *account) { a.status = "ROLLBACK_FAILED" }, ""},
		"not deployed yet": {func(a *account) {
			a.config.Sources = append(a.config.Sources, workflow.Source{Name: "crm"})
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			test.change(a)
			d := a.doctor()
			d.readStack(t.Context())
			got := d.checkDatabases(t.Context())
			if test.taken == "" && healthy(got) {
				return
			}
			if len(got) != 1 || !strings.HasPrefix(got[0].text, "database "+test.taken+" exists and does not belong to the stack lake;") {
				t.Errorf("got %v", got)
			}
		})
	}
}
