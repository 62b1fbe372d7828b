package main

import (
	"testing"

	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestDatabases_OfAnotherEnvironmentAreFoundBeforeTheDeployment(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*account)
		want   []string
	}{
		"of a stack": {func(a *account) { a.status, a.databases = "", []string{"shop"} },
			[]string{"Athena databases: there is a database shop that is not of the stack lake; give the source another one under database, or the stack another name"}},
		"under another name": {func(a *account) {
			a.status, a.databases, a.config.Sources[1].DatabaseName = "", []string{"shop"}, "shop_dev"
		}, nil},
		"of a source that is new": {func(a *account) {
			a.databases = append(a.databases, "crm")
			a.config.Sources[1].DatabaseName = "crm"
		}, []string{"Athena databases: there is a database crm that is not of the stack lake; give the source another one under database, or the stack another name"}},
		"of the stack itself, whose first deployment failed": {func(a *account) { a.status = cftypes.StackStatusRollbackFailed },
			[]string{"stack: lake is ROLLBACK_FAILED, and cannot be updated; see the stack's events for the reason, run make destroy, then make deploy"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			test.change(a)
			if diff := cmp.Diff(test.want, faults(a.doctor().examine(t.Context()))); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDatabases_OfASourceThatIsNotDeployedYetNeedNotBeThere(t *testing.T) {
	a := newAccount()
	a.config.Sources = append(a.config.Sources, workflow.Source{Name: "crm"})
	d := a.doctor()
	d.readStack(t.Context())
	if got := d.checkDatabases(t.Context()); !well(got) {
		t.Errorf("got %v", got)
	}
}
