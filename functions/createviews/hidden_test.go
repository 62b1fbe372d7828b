package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

func mask(view, column, as string) workflow.ColumnRule {
	return workflow.ColumnRule{View: view, Column: column, As: as}
}

func exclude(view, column string) workflow.ColumnRule {
	return workflow.ColumnRule{View: view, Column: column, As: workflow.Drop}
}

func override(view, column, as string) workflow.ColumnRule {
	return workflow.ColumnRule{View: view, Column: column, As: as}
}

// refused requires that the run returns a ViewsFailed with these lines and changes no view.
func (sc *scenario) refused(t *testing.T, lines string) {
	t.Helper()
	_, err := sc.run(t)
	if _, ok := err.(workflow.ViewsFailed); !ok || !strings.Contains(err.Error()+"\n", "\n"+lines+"\n") {
		t.Errorf("got  %T %v\nwant %s", err, err, lines)
	}
	if len(sc.started)+len(sc.deleted) > 0 {
		t.Errorf("started %q, deleted %q", sc.started, sc.deleted)
	}
}

// back makes the run a rollback. A newer export with these tables has been published.
func (sc *scenario) back(tables ...string) {
	sc.published("20261122", tables...)
	sc.in.State.ExportID = sc.in.State.Export.ID
}

func TestCreateViews_RequiresEveryRuleInARollback(t *testing.T) {
	users := entryOf("Users", "ID int int32", "Born date binary (UTF8)")
	renamed := entryOf("Users", "ID int int32", "Birthday date binary (UTF8)")
	grown := entryOf("Users", "ID int int32", "Born date binary (UTF8)", "Email varchar binary (UTF8)")
	const byAnotherName = " may be the same column under another name; write a rule for both, for example with \"a, b\" or \"a*\""
	for name, test := range map[string]struct {
		later []string
		rule  workflow.ColumnRule
		want  string // "" if the rollback succeeds
	}{
		"a typo, to the newest export": {nil, mask("users", "birthday", workflow.Hide),
			`columns: view "users" has no column "birthday", only id, born`},
		"a typo": {[]string{users}, mask("users", "birthday", workflow.Hide),
			`columns: view "users" has no column "birthday", only id, born`},
		"a typo in the view": {[]string{users}, mask("user", "born", workflow.Hide),
			`columns: the export has no table for view "user"; correct the name, or list it under allow_gone if the table may be missing`},
		"a renamed column": {[]string{renamed}, mask("users", "birthday", workflow.Hide),
			"columns: export shop-20261121-1705-0 has no users.birthday, and users.born" + byAnotherName},
		"a renamed table": {[]string{entryOf("people", "ID int int32", "Born date binary (UTF8)")}, mask("people", "born",
			workflow.Hide), "columns: export shop-20261121-1705-0 has no people.born, and users.born" + byAnotherName},
		"the type of a renamed column": {[]string{renamed}, override("users", "birthday", workflow.Raw), ""},
		"both names of a column":       {[]string{renamed}, mask("users", "birthday,born", workflow.Hide), ""},
		"a pattern":                    {[]string{renamed}, mask("users", "b*r*", workflow.Hide), ""},
		"a newer column":               {[]string{grown}, mask("users", "email", workflow.Hide), ""},
		"a newer column, excluded":     {[]string{grown}, exclude("users", "email"), ""},
		"a newer table": {[]string{users, entryOf("cards", "Code varchar binary (UTF8)")}, mask("cards", "code", workflow.SHA256),
			""},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.in.State.ExportID = sc.in.State.Export.ID
			if test.later != nil {
				sc.back(append(test.later, entryOf("carts", "ID int int32", "note varchar binary (UTF8)"))...)
			}
			sc.source.Columns = []workflow.ColumnRule{test.rule}
			if test.want != "" {
				sc.refused(t, test.want)
				return
			}
			if _, err := sc.run(t); err != nil {
				t.Fatal(err)
			}
			hides := strings.Contains(sc.statement(t, "users"), `CAST(NULL AS date) AS "born"`)
			if want := test.rule.Matches("users", "born"); hides != want {
				t.Errorf("born is hidden: %v, in %s", hides, sc.statement(t, "users"))
			}
		})
	}
}

func TestCreateViews_RequiresEveryRuleBehindANewerExport(t *testing.T) {
	sc := newScenario() // a run that is redriven after a rollback
	sc.back(entryOf("Users", "ID int int32", "Born date binary (UTF8)", "Email varchar binary (UTF8)"))
	sc.in.State.ExportID = ""
	sc.source.Columns = []workflow.ColumnRule{mask("users", "email", workflow.Hide)}
	sc.refused(t, `columns: view "users" has no column "email", only id, born`)
}

func TestCreateViews_RequiresEveryRuleIfTheNewestExportHasNoManifests(t *testing.T) {
	sc := newScenario()
	sc.back()
	maps.DeleteFunc(sc.s3, func(key, _ string) bool {
		return strings.Contains(key, "20261122") && strings.Contains(key, "tables_info")
	})
	sc.source.Columns = []workflow.ColumnRule{mask("cards", "code", workflow.Hide)}
	sc.refused(t, `columns: the export has no table for view "cards"; correct the name, or list it under allow_gone if the table may be missing`)
}

func TestCreateViews_WarnsOfARuleThatHidesNothing(t *testing.T) {
	for name, test := range map[string]struct {
		column, want, warning string
	}{
		"a new table has the column": {"born",
			"columns: export shop-20261121-1705-0 has no people.born, and users.born may be the same column under another name; write a rule for both, for example with \"a, b\" or \"a*\"", ""},
		"no new table has it": {"email", "",
			`columns: the export has no table for view "people", so the rule for its column email hides nothing`},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.glue["shop"] = nil
			sc.made(map[string]exports.Kind{"people": exports.OfTable})
			sc.source.AllowGone = []string{"people"}
			sc.source.Columns = []workflow.ColumnRule{mask("people", test.column, workflow.Hide)}
			if test.want != "" {
				sc.refused(t, test.want)
			} else if got, err := sc.run(t); err != nil || !cmp.Equal(got.Warnings, []string{test.warning}) {
				t.Errorf("%v, warned %q", err, got.Warnings)
			}
		})
	}
}

// kept returns a run in which RDS skipped users. The views of users read the previous export and were created with these rules.
func kept(rules ...workflow.ColumnRule) *scenario {
	sc := newScenario()
	sc.published("20261120", entryOf("Users", "ID int int32", "Email varchar binary (UTF8)"), entryOf("carts", "ID int int32"))
	sc.crawl("20261120", "shop.Users", "id int", "email string", "phone string")
	sc.publish("shop-20261120-1705-0", exports.Publication{Engine: "aurora-mysql", Rules: rules,
		Views: map[string]exports.Kind{"users": exports.OfTable, "users_history": exports.OfHistory, "users_changes": exports.OfChanges}})
	sc.source.History, sc.source.Changes = []string{"users"}, map[string][]string{"users": {"id"}}
	sc.in.State.Export.Skipped = []string{"shop.Users"}
	sc.glue["shop"] = nil
	for view, columns := range map[string][]string{
		"users": {"id", "email", "phone"}, "users_history": {"snapshot_at", "id", "email", "phone"}, "users_changes": {"operation", "id",
			"old_email", "new_email", "old_phone", "new_phone"},
	} {
		sc.glue["shop"] = append(sc.glue["shop"], viewOver(view, "e20261120_1705_0_shop_users", columns...))
	}
	return sc
}

func TestCreateViews_RefusesToKeepAViewThatShowsHiddenColumns(t *testing.T) {
	const again = ". Drop the view, or start an execution with exportId shop-20261120-1705-0 to recreate it"
	all := strings.Join([]string{
		`view "users" is not replaced, but shows columns that a rule hides: email` + again,
		`view "users_changes" is not replaced, but shows columns that a rule hides: old_email, new_email` + again,
		`view "users_history" is not replaced, but shows columns that a rule hides: email` + again,
	}, "\n")
	noMail := exclude("*", "*mail*")
	for name, test := range map[string]struct {
		before []workflow.ColumnRule
		now    workflow.ColumnRule
		want   string
	}{
		"a new mask":         {nil, mask("users", "email", workflow.SHA256), all},
		"a new pattern":      {nil, noMail, all},
		"a stronger mask":    {[]workflow.ColumnRule{mask("users", "email", workflow.SHA256)}, mask("users", "email", workflow.Hide), all},
		"the same mask":      {[]workflow.ColumnRule{mask("users", "email", workflow.SHA256)}, mask("users", "email", workflow.SHA256), ""},
		"a weaker mask":      {[]workflow.ColumnRule{mask("users", "e*", workflow.Hide)}, mask("users", "email", workflow.SHA256), ""},
		"a type":             {nil, override("users", "email", workflow.Raw), ""},
		"a typo":             {nil, mask("users", "emial", workflow.Hide), `columns: view "users" has no column "emial", only id, email, phone`},
		"an excluded column": {[]workflow.ColumnRule{exclude("users", "token")}, exclude("users", "token"), ""},
		"an unknown column":  {nil, exclude("users", "token"), `columns: view "users" has no column "token", only id, email, phone`},
	} {
		t.Run(name, func(t *testing.T) {
			sc := kept(test.before...)
			sc.source.Columns = []workflow.ColumnRule{test.now}
			if test.want != "" {
				sc.refused(t, test.want)
			} else if _, err := sc.run(t); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCreateViews_RefusesForeignViewsThatShowHiddenColumns(t *testing.T) {
	sc := newScenario()
	sc.previousRun()
	rules := []workflow.ColumnRule{mask("*", "name", workflow.Hide)} // Snaplake's own views were created with the same rules
	sc.publish("shop-20261120-1705-0", exports.Publication{Engine: "aurora-mysql", Rules: rules,
		Views: map[string]exports.Kind{"users": exports.OfTable}})
	sc.glue["shop"] = []types.Table{viewOver("foreign", "e20261120_1705_0_shop_users", "id", "name"), viewOver("others",
		"e20261120_1705_0_crm_users", "name")}
	sc.source.Columns = rules
	sc.refused(t, `view "foreign" is not replaced, but shows columns that a rule hides: name. Drop the view, or recreate it without them`)
}

func TestCreateViews_PublishesTheRulesOfItsViews(t *testing.T) {
	rules := []workflow.ColumnRule{mask("users", "born", workflow.Hide)}
	rulesOf := func(sc *scenario) []workflow.ColumnRule {
		var p exports.Publication
		if err := json.Unmarshal([]byte(sc.s3[folder+"published.json"]), &p); err != nil || p.Views["users"] != exports.OfTable {
			t.Fatalf("%v, %s", err, sc.s3[folder+"published.json"])
		}
		return p.Rules
	}
	sc := newScenario()
	sc.source.Columns = rules
	if _, err := sc.run(t); err != nil || !cmp.Equal(rulesOf(sc), rules) {
		t.Errorf("%v, published %v", err, rulesOf(sc))
	}
	sc.source.Columns = nil
	sc.refuse["carts"] = "no" // only some views were created with the new rules
	if _, err := sc.run(t); err == nil || rulesOf(sc) != nil {
		t.Errorf("%v, published %v", err, rulesOf(sc))
	}
}
