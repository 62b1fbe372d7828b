package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

// shop returns a configuration with one source. Its settings begin in line 5.
func shop(settings string) string {
	return "sources:\n  shop:\n    instance: shop\n    schedule: cron(0 3 * * ? *)\n" + settings + where
}

func TestLoad_ReadsViewSettings(t *testing.T) {
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

func TestLoad_ReportsMistakesInViewSettings(t *testing.T) {
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
				`pipeline.yaml:6: sources.shop.columns.users.id: is too short; the minimum length is 1. How views show columns: {users.email: sha256, "*.*password*": drop}. A value is drop, hide (NULL), sha256, raw (as exported) or an Athena type. If several rules match a column, the strongest one applies.`,
				`pipeline.yaml:6: sources.shop.columns.users.name: must be of type string, not null. How views show columns: {users.email: sha256, "*.*password*": drop}. A value is drop, hide (NULL), sha256, raw (as exported) or an Athena type. If several rules match a column, the strongest one applies.`,
				`pipeline.yaml:6: sources.shop.columns.users.phone: must be of type string, not boolean. How views show columns: {users.email: sha256, "*.*password*": drop}. A value is drop, hide (NULL), sha256, raw (as exported) or an Athena type. If several rules match a column, the strongest one applies.`,
				`pipeline.yaml:7: sources.shop.exclude: no longer exists; use columns, for example columns: {users.email: sha256, "*.*password*": drop}`,
				`pipeline.yaml:8: sources.shop.mask: no longer exists; use columns, for example columns: {users.email: sha256, "*.*password*": drop}`,
				`pipeline.yaml:9: sources.shop.history[0]: must be of type string, not number. Views that also get a history view, for example users_history, with the rows of every kept export.`,
				`pipeline.yaml:10: sources.shop.changes.items: the entries [0] and [1] are equal. One column or a list of columns. Names are in lower case, as in Athena.`,
				`pipeline.yaml:10: sources.shop.changes.orders: must be of type string or array, not number. One column or a list of columns. Names are in lower case, as in Athena.`,
				`pipeline.yaml:10: sources.shop.changes.users: must not be empty. One column or a list of columns. Names are in lower case, as in Athena.`,
				`pipeline.yaml:11: sources.shop.checks.days.max_drop_percent: must be of type integer, not number. The maximum percentage by which the number of rows may drop below the number in the published view. Default: no limit.`,
				`pipeline.yaml:11: sources.shop.checks.items.rows: unknown key; allowed keys are max_drop_percent, min_rows`,
				`pipeline.yaml:11: sources.shop.checks.orders: must not be empty. Limits on the number of rows: min_rows, max_drop_percent or both.`,
				`pipeline.yaml:11: sources.shop.checks.users.max_drop_percent: must be at most 100. The maximum percentage by which the number of rows may drop below the number in the published view. Default: no limit.`,
				`pipeline.yaml:11: sources.shop.checks.users.min_rows: must be at least 0. The minimum number of rows. Default: 0.`,
				`pipeline.yaml:12: sources.shop.allow_gone[0]: "Tmp" does not match ^[a-z0-9_*]+$. Views to drop when their table no longer exists in the database. Patterns (tmp_*) are allowed. If any other table is missing, the run fails before any view changes, unless allow_skipped covers the table.`,
				`pipeline.yaml:13: sources.shop.names.shop.users: "Customers" does not match ^[a-z][a-z0-9_]*$. View names of individual tables, which override view_name: {shop.Users2: old_users}. Use lower-case letters, digits and underscores, beginning with a letter.`,
				`pipeline.yaml:14: sources.shop.keep: must be at most 1000. How many published exports to keep, including the current one. Default: 2.`,
				`pipeline.yaml:15: sources.shop.keep_days: must be at least 1. The maximum age, in days, of a kept export's snapshot. The current export is always kept. Default: no limit.`,
				`pipeline.yaml:16: sources.shop.max_snapshot_age: is too long; the maximum length is 7. The maximum age of the newest snapshot when a run begins, for example 26h or 90m. Default: 26h.`,
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
				`pipeline.yaml:10: sources.shop.columns.orders.d: decimal(39,2) is not a valid type; decimal(p,s) needs p from 1 to 38 and s from 0 to p`,
				`pipeline.yaml:11: sources.shop.columns.orders.e: decimal(10,11) is not a valid type; decimal(p,s) needs p from 1 to 38 and s from 0 to p`,
				`pipeline.yaml:12: sources.shop.columns.orders.f: "datetime" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6) (did you mean timestamp(3)?)`,
				`pipeline.yaml:13: sources.shop.columns.orders.g: "decimal" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6) (did you mean decimal(p,s)?)`,
				`pipeline.yaml:14: sources.shop.columns.orders.h: "Hide" is not one of raw, drop, sha256, hide, boolean, tinyint, smallint, integer, bigint, real, double, decimal(p,s), varchar, varbinary, date, timestamp(3), timestamp(6) (did you mean hide?)`,
			},
		},
		"a type with a comma inside braces": {
			settings: "    columns: {orders.price: decimal(12,2)}\n",
			want: []string{
				`pipeline.yaml:5: sources.shop.columns.2): must be of type string, not null. How views show columns: {users.email: sha256, "*.*password*": drop}. A value is drop, hide (NULL), sha256, raw (as exported) or an Athena type. If several rules match a column, the strongest one applies.`,
				`pipeline.yaml:5: sources.shop.columns.orders.price: inside braces, a type with a comma needs quotation marks: "decimal(12,2)"`,
			},
		},
		"names of columns": {
			settings: `
    columns: {price: double, "orders.*": drop, Orders.Price: double, orders.Price: double, "orders.": raw, "Us*.a": drop, "*password*": drop, "*.x": real}
`,
			want: []string{
				`pipeline.yaml:6: sources.shop.columns.*password*: does not name a column of a view; write VIEW.COLUMN, for example users.email or "*.*password*"`,
				`pipeline.yaml:6: sources.shop.columns.Orders.Price: "Orders" is not a valid view name; use only lower-case letters, digits and underscores`,
				`pipeline.yaml:6: sources.shop.columns.Us*.a: "Us*" is not a valid view name; use only lower-case letters, digits and underscores`,
				`pipeline.yaml:6: sources.shop.columns.orders.*: drops every column; to leave out the table, list only the other tables under "tables"`,
				`pipeline.yaml:6: sources.shop.columns.orders.: does not name a column of a view; write VIEW.COLUMN, for example users.email or "*.*password*"`,
				`pipeline.yaml:6: sources.shop.columns.orders.Price: names in Athena are in lower case; write price`,
				`pipeline.yaml:6: sources.shop.columns.price: does not name a column of a view; write VIEW.COLUMN, for example users.email or "*.*password*"`,
			},
		},
		"a pattern without quotation marks": {
			settings: "    columns: {*.*password*: drop}\n",
			want:     []string{`pipeline.yaml:5: a pattern that begins with * needs quotation marks`, `pipeline.yaml:5: could not find flow map content`},
		},
		"a key that is hidden": {
			settings: `
    columns: {users.id: drop, orders.id: hide, carts.id: sha256, "*.*_no": drop}

    changes: {users: [id, Name], orders: id, items: [order_id, line_no], carts: id}
    keep: 1
`,
			want: []string{
				`pipeline.yaml:8: sources.shop.changes.items[1]: the rule "*.*_no: drop" under "columns" hides the key column "line_no"; remove the rule, or choose another key`,
				`pipeline.yaml:8: sources.shop.changes.orders: the rule "orders.id: hide" under "columns" hides the key column "id"; remove the rule, or choose another key`,
				`pipeline.yaml:8: sources.shop.changes.users[0]: the rule "users.id: drop" under "columns" hides the key column "id"; remove the rule, or choose another key`,
				`pipeline.yaml:8: sources.shop.changes.users[1]: names in Athena are in lower case; write name`,
				`pipeline.yaml:9: sources.shop.keep: changes views need the previous export; set "keep" to at least 2`,
			},
		},
		"unknown views": {
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
				`pipeline.yaml:8: sources.shop.columns.user.id: no selected table has a view named "user"; the views are customers, orders`,
				`pipeline.yaml:11: sources.shop.history[0]: no selected table has a view named "order" (did you mean orders?); the views are customers, orders`,
				`pipeline.yaml:12: sources.shop.changes.Orders: "Orders" is not a valid view name; use only lower-case letters, digits and underscores`,
				`pipeline.yaml:13: sources.shop.checks.carts: no selected table has a view named "carts"; the views are customers, orders`,
			},
		},
		"views that do not show a single table": {
			settings: `
    history: [users, sales]
    changes: {users_history: id}
    checks: {snaplake_freshness: {min_rows: 1}}
    columns: {sales.total: hide}
`,
			views: map[string]string{"views/shop/sales.sql": sales},
			want: []string{
				`pipeline.yaml:6: sources.shop.history[1]: history applies only to views of tables, but the name "sales" is used for views/shop/sales.sql`,
				`pipeline.yaml:7: sources.shop.changes.users_history: changes applies only to views of tables, but the name "users_history" is used for the history view of "users"`,
				`pipeline.yaml:8: sources.shop.checks.snaplake_freshness: checks applies only to views of tables, but the name "snaplake_freshness" is used for the freshness view`,
				`pipeline.yaml:9: sources.shop.columns.sales.total: columns applies only to views of tables, but the name "sales" is used for views/shop/sales.sql`,
			},
		},
		"names of tables": {
			settings: `
    tables: ["shop.*", app.public.users]
    names: {"shop.log_*": logs, users: people, shop.a: x, shop.b: x, crm.users: crm, app.public.users: people, shop.people: people}
`,
			want: []string{
				`pipeline.yaml:7: sources.shop.names.crm.users: this table is not selected; add it to "tables", or remove it here`,
				`pipeline.yaml:7: sources.shop.names.shop.b: duplicate view name "x", used for both table shop.a and table shop.b; choose another name`,
				`pipeline.yaml:7: sources.shop.names.shop.log_*: a pattern would give several tables the same view name; write the name of one table, or set view_name`,
				`pipeline.yaml:7: sources.shop.names.shop.people: duplicate view name "people", used for both table app.public.users and table shop.people; choose another name`,
				`pipeline.yaml:7: sources.shop.names.users: is not a table name; write database.table or database.schema.table`,
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
				`pipeline.yaml:6: sources.shop.tables[3]: duplicate view name "snaplake_freshness", used for both the freshness view and table shop.snaplake_freshness; set view_name, for example "{database}_{table}", or set another view name under "names"`,
				`pipeline.yaml:7: sources.shop.history[0]: duplicate view name "users_history", used for both table shop.users_history and the history view of "users"; set another view name under "names"`,
				`pipeline.yaml:8: sources.shop.changes.users: duplicate view name "users_changes", used for both table shop.users_changes and the changes view of "users"; set another view name under "names"`,
				`views/shop/Big.sql:1: a view name must begin with a letter and contain only lower-case letters, digits and underscores; rename the file`,
				`views/shop/snaplake_freshness.sql:1: duplicate view name "snaplake_freshness", used for both the freshness view and views/shop/snaplake_freshness.sql; rename the file`,
				`views/shop/users.sql:1: duplicate view name "users", used for both table shop.users and views/shop/users.sql; rename the file`,
				`views/shop/users_history.sql:1: duplicate view name "users_history", used for both table shop.users_history and views/shop/users_history.sql; rename the file`,
				`views/shopp:1: is not used; the path of a view is views/SOURCE/NAME.sql, where SOURCE is one of shop (did you mean shop?)`,
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
