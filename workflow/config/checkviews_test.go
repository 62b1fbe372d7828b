package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

// shop is a configuration of one source with these settings, which begin in its line 5.
func shop(settings string) string {
	return "sources:\n  shop:\n    instance: shop\n    schedule: cron(0 3 * * ? *)\n" + settings + where
}

func TestLoad_ReadsTheSettingsOfViews(t *testing.T) {
	config := load(t, map[string]string{"pipeline.yaml": shop(`
    tables: [shop.users, "shop.log_*", crm.*]
    allow_gone: [old_orders, "tmp_*"]
    names: {shop.log_顧客: customers}
    columns:
      orders.price: double
      orders.note: raw
      orders.secret: drop
      orders.合計: "Decimal(12, 2)"
      orders.a.b: timestamp(6)
      "users.phone, mobile": hide
      users.email: sha256
      "*.*password*": drop
    history: [users, 2024_log]
    changes: {users: id, order_items: [order_id, line_no]}
    checks: {users: {min_rows: 1}, orders: {max_drop_percent: 0}, 2024: {min_rows: 1}}
    keep: 5
    keep_days: 30
`)})
	none := 0
	got := config.Sources[0]
	want := workflow.Source{
		Name: got.Name, Instance: got.Instance, Snapshots: got.Snapshots, MaxSnapshotAge: got.MaxSnapshotAge, Schedule: got.Schedule, TimeZone: got.TimeZone, ViewTemplate: got.ViewTemplate,
		Tables: []string{"shop.users", "shop.log_*", "crm.*"}, AllowGone: []string{"old_orders", "tmp_*"},
		Names: map[string]string{"shop.log_顧客": "customers"},
		Columns: workflow.ColumnRules{
			{View: "orders", Column: "a.b", As: "timestamp(6)"},
			{View: "orders", Column: "note", As: workflow.Raw},
			{View: "orders", Column: "price", As: "double"},
			{View: "orders", Column: "secret", As: workflow.Drop},
			{View: "orders", Column: "合計", As: "decimal(12,2)"},
			{View: "users", Column: "email", As: workflow.SHA256},
			{View: "users", Column: "phone,mobile", As: workflow.Hide},
			{View: "*", Column: "*password*", As: workflow.Drop},
		},
		History: []string{"users", "2024_log"},
		Changes: map[string][]string{"users": {"id"}, "order_items": {"order_id", "line_no"}},
		Checks:  map[string]workflow.Check{"users": {MinRows: 1}, "orders": {MaxDropPercent: &none}, "2024": {MinRows: 1}},
		Keep:    5, KeepDays: 30,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestLoad_ReportsMistakesInTheSettingsOfViews(t *testing.T) {
	const sales = "SELECT 1 AS one"
	for name, test := range map[string]struct {
		settings string
		views    map[string]string
		want     []string
	}{
		"wrong values": {
			settings: `
    columns: {users.id: "", users.email: sha1, users.name: , users.phone: true}
    exclude: {users: [ssn, "*token*"], orders: memo}
    mask: {users: {email: sha256}, "*": {"*phone*": hide}}
    history: [3]
    changes: {users: [], orders: 3, items: [a, a]}
    checks: {users: {min_rows: -1, max_drop_percent: 101}, orders: {}, items: {rows: 1}, days: {max_drop_percent: 2.5}}
    allow_gone: [Tmp]
    names: {shop.users: Customers}
    keep: 1001
    keep_days: 0
    max_snapshot_age: 999999999h
`,
			want: []string{
				`pipeline.yaml:6: sources.shop.columns.users.email: "sha1" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6)`,
				`pipeline.yaml:6: sources.shop.columns.users.id: has 0 characters; the minimum is 1. How views show columns, VIEW.COLUMN or patterns: {users.email: sha256, "*.*password*": drop}. Each is drop, hide (NULL), sha256, raw (as exported) or an Athena type; the strongest rule counts.`,
				`pipeline.yaml:6: sources.shop.columns.users.name: must be a string, not a null. How views show columns, VIEW.COLUMN or patterns: {users.email: sha256, "*.*password*": drop}. Each is drop, hide (NULL), sha256, raw (as exported) or an Athena type; the strongest rule counts.`,
				`pipeline.yaml:6: sources.shop.columns.users.phone: must be a string, not a boolean. How views show columns, VIEW.COLUMN or patterns: {users.email: sha256, "*.*password*": drop}. Each is drop, hide (NULL), sha256, raw (as exported) or an Athena type; the strongest rule counts.`,
				`pipeline.yaml:7: sources.shop.exclude: no longer exists; write columns: {"orders.memo": drop, "users.*token*": drop, "users.ssn": drop}`,
				`pipeline.yaml:8: sources.shop.mask: no longer exists; write columns: {"*.*phone*": hide, "users.email": sha256}`,
				`pipeline.yaml:9: sources.shop.history.0: must be a string, not a number. Views that also get a history view, for example users_history, with their rows in every kept export.`,
				`pipeline.yaml:10: sources.shop.changes.items: entries 1 and 2 are equal`,
				`pipeline.yaml:10: sources.shop.changes.orders: must be a string or array, not a number. One column name or a list of them, in lower case as in Athena.`,
				`pipeline.yaml:10: sources.shop.changes.users: is empty. One column name or a list of them, in lower case as in Athena.`,
				`pipeline.yaml:11: sources.shop.checks.days.max_drop_percent: must be an integer, not a number. By how many percent the number of rows may drop below that of the published view. Default: any.`,
				`pipeline.yaml:11: sources.shop.checks.items.rows: unknown key; allowed are max_drop_percent, min_rows`,
				`pipeline.yaml:11: sources.shop.checks.orders: is empty. One or both limits for the rows of a view.`,
				`pipeline.yaml:11: sources.shop.checks.users.max_drop_percent: must be at most 100. By how many percent the number of rows may drop below that of the published view. Default: any.`,
				`pipeline.yaml:11: sources.shop.checks.users.min_rows: must be at least 0. The minimum number of rows. Default: 0.`,
				`pipeline.yaml:12: sources.shop.allow_gone.0: "Tmp" does not fit ^[a-z0-9_*]+$. Views, or patterns of them (tmp_*), that are dropped when their table no longer exists in the database. Any other missing table fails the run before a view changes.`,
				`pipeline.yaml:13: sources.shop.names.shop.users: "Customers" does not fit ^[a-z][a-z0-9_]*$. View names of single tables, instead of view_name: {shop.Users2: old_users}. Lower-case letters, digits and underscores, beginning with a letter.`,
				`pipeline.yaml:14: sources.shop.keep: must be at most 1000. How many published exports are kept, including the current one. Default: 2.`,
				`pipeline.yaml:15: sources.shop.keep_days: must be at least 1. How many days old the snapshot of a kept export may be, except for the current one. Default: any age.`,
				`pipeline.yaml:16: sources.shop.max_snapshot_age: has 10 characters; the maximum is 7. How old the newest snapshot may be when a run begins, for example 26h or 90m. Default: 26h.`,
			},
		},
		"types": {
			settings: `
    columns:
      orders.a: int
      orders.b: string
      orders.c: intteger
      orders.d: decimal(39,2)
      orders.e: decimal(10,11)
      orders.f: datetime
      orders.g: decimal
      orders.h: Hide
    history: [orders]
`,
			want: []string{
				`pipeline.yaml:7: sources.shop.columns.orders.a: "int" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6) (did you mean integer?)`,
				`pipeline.yaml:8: sources.shop.columns.orders.b: "string" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6) (did you mean varchar?)`,
				`pipeline.yaml:9: sources.shop.columns.orders.c: "intteger" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6) (did you mean integer?)`,
				`pipeline.yaml:10: sources.shop.columns.orders.d: decimal(39,2) does not exist: a decimal has 1 to 38 digits, and at most as many after the point`,
				`pipeline.yaml:11: sources.shop.columns.orders.e: decimal(10,11) does not exist: a decimal has 1 to 38 digits, and at most as many after the point`,
				`pipeline.yaml:12: sources.shop.columns.orders.f: "datetime" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6) (did you mean timestamp(3)?)`,
				`pipeline.yaml:13: sources.shop.columns.orders.g: "decimal" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6) (did you mean decimal(p,s)?)`,
				`pipeline.yaml:14: sources.shop.columns.orders.h: "Hide" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6) (did you mean hide?)`,
			},
		},
		"a type that YAML cuts": {
			settings: "    columns: {orders.price: decimal(12,2)}\n",
			want: []string{
				`pipeline.yaml:5: sources.shop.columns.2): must be a string, not a null. How views show columns, VIEW.COLUMN or patterns: {users.email: sha256, "*.*password*": drop}. Each is drop, hide (NULL), sha256, raw (as exported) or an Athena type; the strongest rule counts.`,
				`pipeline.yaml:5: sources.shop.columns.orders.price: a type with a comma needs quotation marks within braces: "decimal(12,2)"`,
			},
		},
		"names of columns": {
			settings: `
    columns: {price: double, "orders.*": drop, Orders.Price: double, orders.Price: double, "orders.": raw, "Us*.a": drop, "*password*": drop, "*.x": real}
`,
			want: []string{
				`pipeline.yaml:6: sources.shop.columns.*password*: names no column of a view; write VIEW.COLUMN, for example users.email or "*.*password*"`,
				`pipeline.yaml:6: sources.shop.columns.Orders.Price: "Orders" is not a view name: lower-case letters, digits and underscores`,
				`pipeline.yaml:6: sources.shop.columns.Us*.a: "Us*" is not a view name: lower-case letters, digits and underscores`,
				`pipeline.yaml:6: sources.shop.columns.orders.*: drops every column; to skip a table, list the tables you want under tables`,
				`pipeline.yaml:6: sources.shop.columns.orders.: names no column of a view; write VIEW.COLUMN, for example users.email or "*.*password*"`,
				`pipeline.yaml:6: sources.shop.columns.orders.Price: names in Athena are in lower case: price`,
				`pipeline.yaml:6: sources.shop.columns.price: names no column of a view; write VIEW.COLUMN, for example users.email or "*.*password*"`,
			},
		},
		"a pattern without quotation marks": {
			settings: "    columns: {*.*password*: drop}\n",
			want:     []string{`pipeline.yaml:5: a pattern that begins with * needs quotation marks`, `pipeline.yaml:5: could not find flow map content`},
		},
		"a key without values": {
			settings: `
    columns: {users.id: drop, orders.id: hide, carts.id: sha256, "*.*_no": drop}

    changes: {users: [id, Name], orders: id, items: [order_id, line_no], carts: id}
    keep: 1
`,
			want: []string{
				`pipeline.yaml:8: sources.shop.changes.items.1: view "items" shows no values of its key column "line_no", because of *.*_no: drop under columns; remove that rule, or choose another key`,
				`pipeline.yaml:8: sources.shop.changes.orders: view "orders" shows no values of its key column "id", because of orders.id: hide under columns; remove that rule, or choose another key`,
				`pipeline.yaml:8: sources.shop.changes.users.0: view "users" shows no values of its key column "id", because of users.id: drop under columns; remove that rule, or choose another key`,
				`pipeline.yaml:8: sources.shop.changes.users.1: names in Athena are in lower case: name`,
				`pipeline.yaml:9: sources.shop.keep: changes needs the previous export; keep at least 2`,
			},
		},
		"views that no table has": {
			settings: `
    tables: [shop.users, shop.Orders]
    names: {shop.users: customers}
    columns: {user.id: raw, customers.email: hide, "o*.memo": drop}
    #
    #
    history: [order]
    changes: {Orders: id}
    checks: {carts: {min_rows: 1}}
`,
			want: []string{
				`pipeline.yaml:8: sources.shop.columns.user.id: no selected table has view "user"; the views are customers, orders`,
				`pipeline.yaml:11: sources.shop.history.0: no selected table has view "order" (did you mean orders?); the views are customers, orders`,
				`pipeline.yaml:12: sources.shop.changes.Orders: "Orders" is not a view name: lower-case letters, digits and underscores`,
				`pipeline.yaml:13: sources.shop.checks.carts: no selected table has view "carts"; the views are customers, orders`,
			},
		},
		"views that are not tables'": {
			settings: `
    history: [users, sales]
    changes: {users_history: id}
    checks: {snaplake_freshness: {min_rows: 1}}
    columns: {sales.total: hide}
`,
			views: map[string]string{"views/shop/sales.sql": sales},
			want: []string{
				`pipeline.yaml:6: sources.shop.history.1: view "sales" is views/shop/sales.sql, but history applies only to views of tables`,
				`pipeline.yaml:7: sources.shop.changes.users_history: view "users_history" is the history of "users", but changes applies only to views of tables`,
				`pipeline.yaml:8: sources.shop.checks.snaplake_freshness: view "snaplake_freshness" is the age of the source's views, but checks applies only to views of tables`,
				`pipeline.yaml:9: sources.shop.columns.sales.total: view "sales" is views/shop/sales.sql, but columns applies only to views of tables`,
			},
		},
		"names of tables": {
			settings: `
    tables: ["shop.*", app.public.users]
    names: {"shop.log_*": logs, users: people, shop.a: x, shop.b: x, crm.users: crm, app.public.users: people, shop.people: people}
`,
			want: []string{
				`pipeline.yaml:7: sources.shop.names.crm.users: the source's tables do not select this table`,
				`pipeline.yaml:7: sources.shop.names.shop.b: duplicate view name "x": table shop.a and table shop.b would share it; choose another name`,
				`pipeline.yaml:7: sources.shop.names.shop.log_*: a pattern would give several tables the same name; name one table, or set view_name`,
				`pipeline.yaml:7: sources.shop.names.shop.people: duplicate view name "people": table app.public.users and table shop.people would share it; choose another name`,
				`pipeline.yaml:7: sources.shop.names.users: is not a table name: database.table or database.schema.table`,
			},
		},
		"names that are taken": {
			settings: `
    tables: [shop.users, shop.users_changes, shop.users_history, shop.snaplake_freshness]
    history: [users]
    changes: {users: id}
`,
			views: map[string]string{
				"views/shop/users.sql": sales, "views/shop/users_history.sql": sales, "views/shop/snaplake_freshness.sql": sales,
				"views/shop/Big.sql": sales, "views/shopp/x.sql": sales,
			},
			want: []string{
				`pipeline.yaml:6: sources.shop.tables.3: duplicate view name "snaplake_freshness": the age of the source's views and table shop.snaplake_freshness would share it; set view_name, for example "{database}_{table}", or rename one of them under names`,
				`pipeline.yaml:7: sources.shop.history.0: duplicate view name "users_history": table shop.users_history and the history of "users" would share it; rename a table under names`,
				`pipeline.yaml:8: sources.shop.changes.users: duplicate view name "users_changes": table shop.users_changes and the changes of "users" would share it; rename a table under names`,
				`views/shop/Big.sql:1: a view's name consists of lower-case letters, digits and underscores, and begins with a letter`,
				`views/shop/snaplake_freshness.sql:1: duplicate view name "snaplake_freshness": the age of the source's views and views/shop/snaplake_freshness.sql would share it; rename the file`,
				`views/shop/users.sql:1: duplicate view name "users": table shop.users and views/shop/users.sql would share it; rename the file`,
				`views/shop/users_history.sql:1: duplicate view name "users_history": table shop.users_history and views/shop/users_history.sql would share it; rename the file`,
				`views/shopp:1: there is no source "shopp"; a folder below views must have the name of a source`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"pipeline.yaml": shop(test.settings)}
			for file, text := range test.views {
				files[file] = text
			}
			if diff := cmp.Diff(test.want, mistakesOf(t, files)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
