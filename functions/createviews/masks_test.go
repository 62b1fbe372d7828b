package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

func mask(view, column, as string) workflow.ColumnRule {
	return workflow.ColumnRule{View: view, Column: column, As: as}
}

// refused expects that no view was changed, and why.
func (n *night) refused(t *testing.T, want string) {
	t.Helper()
	_, err := n.run(t)
	want = "the views of source \"shop\" stay as they are:\n" + want + "\nCorrect this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution"
	if _, ok := err.(workflow.ViewsFailed); !ok {
		t.Fatalf("got %T %v", err, err)
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" || len(n.started)+len(n.deleted) > 0 {
		t.Errorf("started %q, deleted %q, -want +got\n%s", n.started, n.deleted, diff)
	}
}

// back lets the run go back to its export, from a newer one with these tables.
func (n *night) back(tables ...string) {
	n.published("20261122", tables...)
	n.in.Record.ExportID = n.in.Record.Export.ID
}

func TestCreateViews_GoesBackWithEveryRuleOrNotAtAll(t *testing.T) {
	users := entryOf("Users", "ID int int32", "Born date binary (UTF8)")
	renamed := entryOf("Users", "ID int int32", "Birthday date binary (UTF8)")
	grown := entryOf("Users", "ID int int32", "Born date binary (UTF8)", "Email varchar binary (UTF8)")
	const byAnotherName = " may be that by another name: cover both, as \"a, b\" or by a pattern, as \"a*\""
	for name, test := range map[string]struct {
		later []string
		rule  workflow.ColumnRule
		want  string // "" when it may go back
	}{
		"a typo, to the newest export":          {nil, mask("users", "birthday", workflow.Hide), `columns: view "users" has no column "birthday"; it has id, born`},
		"a typo":                                {[]string{users}, mask("users", "birthday", workflow.Hide), `columns: view "users" has no column "birthday"; it has id, born`},
		"a typo in the view":                    {[]string{users}, mask("user", "born", workflow.Hide), `columns: no table of the export has a view "user"; correct the name, or list it under allow_gone when it may be missing`},
		"a column that was renamed since":       {[]string{renamed}, mask("users", "birthday", workflow.Hide), "columns: export shop-20261121-1705-0 has no users.birthday, and users.born" + byAnotherName},
		"a table that was renamed since":        {[]string{entryOf("people", "ID int int32", "Born date binary (UTF8)")}, mask("people", "born", workflow.Hide), "columns: export shop-20261121-1705-0 has no people.born, and users.born" + byAnotherName},
		"a type of a column that was renamed":   {[]string{renamed}, workflow.ColumnRule{View: "users", Column: "birthday", As: workflow.Raw}, ""},
		"both names of a column":                {[]string{renamed}, mask("users", "birthday,born", workflow.Hide), ""},
		"a pattern":                             {[]string{renamed}, mask("users", "b*r*", workflow.Hide), ""},
		"a column that was not there yet":       {[]string{grown}, mask("users", "email", workflow.Hide), ""},
		"a column that was not there yet, left": {[]string{grown}, workflow.ColumnRule{View: "users", Column: "email", As: workflow.Drop}, ""},
		"a table that was not there yet":        {[]string{users, entryOf("cards", "Code varchar binary (UTF8)")}, mask("cards", "code", workflow.SHA256), ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.in.Record.ExportID = n.in.Record.Export.ID
			if test.later != nil {
				n.back(append(test.later, entryOf("carts", "ID int int32", "note varchar binary (UTF8)"))...)
			}
			n.source.Columns = []workflow.ColumnRule{test.rule}
			if test.want != "" {
				n.refused(t, test.want)
				return
			}
			if _, err := n.run(t); err != nil {
				t.Fatal(err)
			}
			hides := strings.Contains(n.statement(t, "users"), `CAST(NULL AS date) AS "born"`)
			if want := test.rule.Matches("users", "born"); hides != want {
				t.Errorf("born is hidden: %v, in %s", hides, n.statement(t, "users"))
			}
		})
	}
}

func TestCreateViews_RequiresEveryRuleOfARunThatDoesNotGoBack(t *testing.T) {
	n := newNight() // of a run that is redriven after another has gone back behind it
	n.back(entryOf("Users", "ID int int32", "Born date binary (UTF8)", "Email varchar binary (UTF8)"))
	n.in.Record.ExportID = ""
	n.source.Columns = []workflow.ColumnRule{mask("users", "email", workflow.Hide)}
	n.refused(t, `columns: view "users" has no column "email"; it has id, born`)
}

func TestCreateViews_KnowsNothingOfANewestExportWithoutManifests(t *testing.T) {
	n := newNight()
	n.back()
	maps.DeleteFunc(n.s3, func(key, _ string) bool {
		return strings.Contains(key, "20261122") && strings.Contains(key, "tables_info")
	})
	n.source.Columns = []workflow.ColumnRule{mask("cards", "code", workflow.Hide)}
	n.refused(t, `columns: no table of the export has a view "cards"; correct the name, or list it under allow_gone when it may be missing`)
}

func TestCreateViews_SaysWhenARuleLapses(t *testing.T) {
	for name, test := range map[string]struct {
		column, want, warning string
	}{
		"a new table has the column": {"born", "columns: export shop-20261121-1705-0 has no people.born, and users.born may be that by another name: cover both, as \"a, b\" or by a pattern, as \"a*\"", ""},
		"no new table has it":        {"email", "", `columns: no table of the export has a view "people", so the rule for its column email hides nothing`},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.glue["shop"] = nil
			n.made(map[string]lake.Kind{"people": lake.OfTable})
			n.source.AllowGone = []string{"people"}
			n.source.Columns = []workflow.ColumnRule{mask("people", test.column, workflow.Hide)}
			if test.want != "" {
				n.refused(t, test.want)
			} else if got, err := n.run(t); err != nil || !cmp.Equal(got.Warnings, []string{test.warning}) {
				t.Errorf("%v, warned %q", err, got.Warnings)
			}
		})
	}
}

// kept is a run in which RDS has skipped users, whose views are of the export before and were made with rules.
func kept(rules ...workflow.ColumnRule) *night {
	n := newNight()
	n.published("20261120", entryOf("Users", "ID int int32", "Email varchar binary (UTF8)"), entryOf("carts", "ID int int32"))
	n.crawl("20261120", "shop.Users", "id int", "email string", "phone string")
	n.publish("shop-20261120-1705-0", lake.Publication{Engine: "aurora-mysql", Rules: rules,
		Views: map[string]lake.Kind{"users": lake.OfTable, "users_history": lake.OfHistory, "users_changes": lake.OfChanges}})
	n.source.History, n.source.Changes = []string{"users"}, map[string][]string{"users": {"id"}}
	n.in.Record.Export.Skipped = []string{"shop.Users"}
	n.glue["shop"] = nil
	for view, columns := range map[string][]string{
		"users": {"id", "email", "phone"}, "users_history": {"snapshot_at", "id", "email", "phone"}, "users_changes": {"operation", "id", "old_email", "new_email", "old_phone", "new_phone"},
	} {
		n.glue["shop"] = append(n.glue["shop"], viewOver(view, "e20261120_1705_0_shop_users", columns...))
	}
	return n
}

func TestCreateViews_KeepsNoViewThatShowsWhatIsToBeHidden(t *testing.T) {
	const again = ". Make it again by an execution with exportId shop-20261120-1705-0, or drop it"
	all := strings.Join([]string{
		`view "users" stays as it is, and shows what columns hides: email` + again,
		`view "users_changes" stays as it is, and shows what columns hides: old_email, new_email` + again,
		`view "users_history" stays as it is, and shows what columns hides: email` + again,
	}, "\n")
	exclude := workflow.ColumnRule{View: "*", Column: "*mail*", As: workflow.Drop}
	for name, test := range map[string]struct {
		before []workflow.ColumnRule
		now    workflow.ColumnRule
		want   string
	}{
		"a new mask":              {nil, mask("users", "email", workflow.SHA256), all},
		"a new pattern":           {nil, exclude, all},
		"a stronger mask":         {[]workflow.ColumnRule{mask("users", "email", workflow.SHA256)}, mask("users", "email", workflow.Hide), all},
		"the same mask":           {[]workflow.ColumnRule{mask("users", "email", workflow.SHA256)}, mask("users", "email", workflow.SHA256), ""},
		"a weaker mask":           {[]workflow.ColumnRule{mask("users", "e*", workflow.Hide)}, mask("users", "email", workflow.SHA256), ""},
		"a type":                  {nil, workflow.ColumnRule{View: "users", Column: "email", As: workflow.Raw}, ""},
		"a typo":                  {nil, mask("users", "emial", workflow.Hide), `columns: view "users" has no column "emial"; it has id, email, phone`},
		"a column that is left":   {[]workflow.ColumnRule{{View: "users", Column: "token", As: workflow.Drop}}, workflow.ColumnRule{View: "users", Column: "token", As: workflow.Drop}, ""},
		"a column that never was": {nil, workflow.ColumnRule{View: "users", Column: "token", As: workflow.Drop}, `columns: view "users" has no column "token"; it has id, email, phone`},
	} {
		t.Run(name, func(t *testing.T) {
			n := kept(test.before...)
			n.source.Columns = []workflow.ColumnRule{test.now}
			if test.want != "" {
				n.refused(t, test.want)
			} else if _, err := n.run(t); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCreateViews_ComparesRulesWithViewsThatPeopleMade(t *testing.T) {
	n := newNight()
	n.yesterday()
	rules := []workflow.ColumnRule{mask("*", "name", workflow.Hide)} // the stack's own views were made with the same
	n.publish("shop-20261120-1705-0", lake.Publication{Engine: "aurora-mysql", Rules: rules, Views: map[string]lake.Kind{"users": lake.OfTable}})
	n.glue["shop"] = []types.Table{viewOver("somebodys", "e20261120_1705_0_shop_users", "id", "name"), viewOver("others", "e20261120_1705_0_crm_users", "name")}
	n.source.Columns = rules
	n.refused(t, `view "somebodys" stays as it is, and shows what columns hides: name. Drop it, or make it again without them`)
}

func TestCreateViews_WritesDownTheRulesOfItsViews(t *testing.T) {
	rules := []workflow.ColumnRule{mask("users", "born", workflow.Hide)}
	rulesOf := func(n *night) []workflow.ColumnRule {
		var p lake.Publication
		if err := json.Unmarshal([]byte(n.s3[folder+"published.json"]), &p); err != nil || p.Views["users"] != lake.OfTable {
			t.Fatalf("%v, %s", err, n.s3[folder+"published.json"])
		}
		return p.Rules
	}
	n := newNight()
	n.source.Columns = rules
	if _, err := n.run(t); err != nil || !cmp.Equal(rulesOf(n), rules) {
		t.Errorf("%v, published %v", err, rulesOf(n))
	}
	n.source.Columns = nil
	n.refuse["carts"] = "no" // some views are made without the rules now, and nobody can tell which
	if _, err := n.run(t); err == nil || rulesOf(n) != nil {
		t.Errorf("%v, published %v", err, rulesOf(n))
	}
}
