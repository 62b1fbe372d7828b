package main

import (
	"strings"
	"testing"

	"snaplake/workflow"
)

const (
	mysqlTables    = "shop.shop.users shop.shop.orders shop.shop.order_items shop.shop.user_logs"
	postgresTables = "app.public.users app.public.orders app.audit.events"
	lacks          = `source "s": the configuration does not match the database; correct or remove these names:` + "\n  "
)

func TestCheckTables_ReportsAllMissingTablesWithNearestNames(t *testing.T) {
	s := workflow.Source{
		Name: "s", ViewTemplate: "{table}", Tables: []string{"shop.Users", "orders", "shpo", "shop.order_item", "shop.users", "shop.log_*"},
		Names: map[string]string{"shop.user_log": "logs"}, Columns: workflow.ColumnRules{{View: "userz", Column: "email", As: "drop"}},
		History: []string{"users", "order"}, Changes: map[string][]string{"user": {"id"}}, Checks: map[string]workflow.Check{"uesrs": {}},
	}
	const want = lacks + `tables: no table of the database matches shop.Users; nearest: shop.users, shop.orders, shop.user_logs
  tables: no table of the database matches orders; nearest: shop.orders
  tables: no table of the database matches shpo; nearest: shop, shop.orders, shop.users
  tables: no table of the database matches shop.order_item; nearest: shop.order_items, shop.orders, shop.user_logs
  history: no selected table has a view named "order"; nearest: users
  changes: no selected table has a view named "user"; nearest: users
  checks: no selected table has a view named "uesrs"; nearest: users
  columns: no selected table has a view named "userz"; nearest: users
  names: the database has no table shop.user_log; nearest: shop.user_logs, shop.users, shop.orders`
	if err := checkTables(s, strings.Fields(mysqlTables)); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestCheckTables_DecidesPerKey(t *testing.T) {
	const system = `source "s": the configuration selects none of the tables of the database, for example `
	for name, test := range map[string]struct {
		source workflow.Source
		tables string
		want   string // the beginning of the error
	}{
		"no settings":                            {workflow.Source{}, mysqlTables, ""},
		"a database":                             {workflow.Source{Tables: []string{"shop"}}, mysqlTables, ""},
		"a schema":                               {workflow.Source{Tables: []string{"app.audit"}, History: []string{"events"}}, postgresTables, ""},
		"a pattern beside a table":               {workflow.Source{Tables: []string{"shop.users", "crm.*"}}, mysqlTables, ""},
		"a pattern alone":                        {workflow.Source{Tables: []string{"crm.*"}}, mysqlTables, lacks + "tables: no table of the database matches crm.*; "},
		"a table that is skipped":                {workflow.Source{Tables: []string{"shop.users", "shop.audit"}, AllowSkipped: []string{"shop.shop.audit"}, History: []string{"audit"}}, mysqlTables, ""},
		"a dropped table":                        {workflow.Source{History: []string{"tmp_1"}, AllowGone: []string{"tmp_*"}, Names: map[string]string{"shop.old": "tmp_2"}}, mysqlTables, ""},
		"a listed table was dropped":             {workflow.Source{Tables: []string{"shop.users", "shop.tmp"}, AllowGone: []string{"tmp"}}, mysqlTables, lacks + "tables: no table of the database matches shop.tmp; "},
		"allowances without tables":              {workflow.Source{AllowGone: []string{"a", "b_*"}, AllowSkipped: []string{"shop.a", "reports"}}, mysqlTables, ""},
		"a rule for any view":                    {workflow.Source{Columns: workflow.ColumnRules{{View: "*", Column: "password", As: "drop"}, {View: "x*", Column: "a", As: "drop"}}}, mysqlTables, ""},
		"a rule with a pattern":                  {workflow.Source{Columns: workflow.ColumnRules{{View: "userz", Column: "*token*", As: "drop"}}}, mysqlTables, lacks + `columns: no selected table has a view named "userz"; nearest: users`},
		"a view under its own name":              {workflow.Source{History: []string{"members"}, Names: map[string]string{"shop.users": "members"}}, mysqlTables, ""},
		"a table's name":                         {workflow.Source{History: []string{"users"}, Names: map[string]string{"shop.shop.users": "members"}}, mysqlTables, lacks + `history: no selected table has a view named "users"; `},
		"a table not selected":                   {workflow.Source{Tables: []string{"shop.orders"}, Checks: map[string]workflow.Check{"users": {}}}, mysqlTables, lacks + `checks: no selected table has a view named "users"; nearest: orders`},
		"a name in a database that is elsewhere": {workflow.Source{Names: map[string]string{"crm.users": "crm_users"}}, mysqlTables, ""},
		"another database":                       {workflow.Source{Tables: []string{"shop_prod.users"}, History: []string{"users"}}, mysqlTables, lacks + "tables: no table of the database matches shop_prod.users; nearest: shop.users, "},
		"an empty database":                      {workflow.Source{Tables: []string{"shop"}}, "", `source "s": the database has no tables`},
		"a system database":                      {workflow.Source{}, "postgres.public.users", system + "postgres.public.users; list them under"},
		"a named system":                         {workflow.Source{Tables: []string{"postgres"}, History: []string{"users"}}, "postgres.public.users", ""},
		"any system":                             {workflow.Source{Tables: []string{"*"}}, "postgres.public.users", system},
		"databases in manifests":                 {workflow.Source{History: []string{"users"}}, "rdsadmin postgres app.public.users", ""},
		"a table with a dot":                     {workflow.Source{Tables: []string{"shop.log.2026"}}, "shop.shop.log.2026", ""},
	} {
		test.source.Name, test.source.ViewTemplate = "s", "{table}"
		err := checkTables(test.source, strings.Fields(test.tables))
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Count(err.Error(), "\n") > 1) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

func TestCheckTables_SummarizesManyProblems(t *testing.T) {
	s := workflow.Source{Name: "s", ViewTemplate: "{table}", History: strings.Fields(strings.Repeat("x ", 500))}
	if err := checkTables(s, strings.Fields(mysqlTables)); err == nil || !strings.HasSuffix(err.Error(), "\n  and 480 more") {
		t.Errorf("got %v", err)
	}
}
