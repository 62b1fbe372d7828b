package main

import (
	"strings"
	"testing"

	"snaplake/workflow"
)

func TestCheckDatabases_ReportsThoseOfOtherStacks(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*account)
		taken  string // the database that belongs to another stack
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
