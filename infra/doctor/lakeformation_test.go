package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const deployer = "arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role-123456789012-eu-west-1"

func TestLakeFormation_BeforeTheDeploymentOnlyTheDatabasesHaveToBeMade(t *testing.T) {
	const text = "it governs new databases; grant CREATE_DATABASE on the catalog to " + deployer + ", as docs/deploy.md shows"
	later := note.says("Lake Formation", "it governs new databases; run make doctor again after make deploy, before the first run, for the grants of the stack's roles")
	for name, test := range map[string]struct {
		change func(*account)
		want   []line
	}{
		"not granted":       {func(*account) {}, []line{fault.says("Lake Formation", "%s", text), later}},
		"granted":           {func(a *account) { a.grants = map[string][]string{"": {deployer + " CREATE_DATABASE"}} }, []line{later}},
		"granted to all":    {func(a *account) { a.grants = map[string][]string{"": {"IAM_ALLOWED_PRINCIPALS CREATE_DATABASE"}} }, []line{later}},
		"an administrator":  {func(a *account) { a.administrators = []string{deployer} }, []line{later}},
		"left to IAM alone": {func(a *account) { a.governed = false }, []line{ok.says("Lake Formation", "it leaves new databases to IAM")}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			a.governed = true
			test.change(a)
			if diff := cmp.Diff(test.want, a.doctor().checkLakeFormation(t.Context()), cmp.AllowUnexported(line{})); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLakeFormation_AfterTheDeploymentEachRoleNeedsItsGrants(t *testing.T) {
	a := newAccount()
	a.governed, a.administrators, a.grants = true, []string{deployer}, map[string][]string{}
	lacking := faults(a.doctor().examine(t.Context()))
	grant := func(permissions, database, role string) string {
		a.grants[database] = append(a.grants[database], "arn:aws:iam::123456789012:role/lake-"+role+"Role-X "+permissions)
		return fmt.Sprintf("Lake Formation: it governs new databases; grant %s on %s to arn:aws:iam::123456789012:role/lake-%sRole-X, as docs/deploy.md shows", permissions, database, role)
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
	if diff := cmp.Diff(want, lacking); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
	if got := a.doctor().examine(t.Context()); !well(got) || !slices.Contains(got, ok.says("Lake Formation", "it governs new databases, and has granted what the stack's roles need")) {
		t.Errorf("with all grants: %v", faults(got))
	}
}

func TestLakeFormation_ADatabaseGivenBackToIAMNeedsNoGrant(t *testing.T) {
	a := newAccount()
	a.governed, a.administrators = true, []string{deployer}
	a.grants = map[string][]string{}
	for _, database := range a.databases {
		a.grants[database] = []string{"IAM_ALLOWED_PRINCIPALS ALL"}
	}
	if got := a.doctor().checkLakeFormation(t.Context()); !well(got) {
		t.Errorf("got %v", got)
	}
}
