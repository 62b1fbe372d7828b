package workflow

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableRefs_FindsReferences(t *testing.T) {
	for _, test := range []struct {
		name, query string
		want        []string
	}{
		{"a table", "SELECT * FROM orders", []string{"orders"}},
		{"in any case", "select * From ORDERS", []string{"orders"}},
		{"quoted", `SELECT * FROM "Orders" o`, []string{"orders"}},
		{"quoted with a quotation mark", `SELECT * FROM "a""b"`, []string{`a"b`}},
		{"qualified", `SELECT * FROM shop.orders JOIN "awsdatacatalog"."Shop"."users" u ON true`, []string{"shop.orders", "shop.users"}},
		{"qualified with blanks", "SELECT * FROM crm . /* the */ accounts", []string{"crm.accounts"}},
		{"of another catalog", "SELECT * FROM mysql.shop.orders, users", []string{"users"}},
		{"in a list", "SELECT a, b FROM orders o, users AS u WHERE o.a IN (1, 2)", []string{"orders", "users"}},
		{"joined", "SELECT 1 FROM orders LEFT JOIN users ON orders.u = users.id CROSS JOIN days", []string{"orders", "users", "days"}},
		{"every occurrence", "SELECT 1 FROM orders UNION ALL SELECT 2 FROM orders", []string{"orders", "orders"}},
		{"in parentheses", "SELECT 1 FROM (orders JOIN (users) ON true), days", []string{"orders", "users", "days"}},
		{"in a subquery", "SELECT a, (SELECT max(b) FROM users) FROM (SELECT c, d FROM orders) x", []string{"users", "orders"}},
		{"by TABLE", "SELECT 1 UNION (TABLE orders)", []string{"orders"}},
		{"in a lateral join", "SELECT 1 FROM orders CROSS JOIN LATERAL (SELECT 1 FROM users) u", []string{"orders", "users"}},
		{"not columns", "SELECT users, o.days FROM orders o ORDER BY hours, users", []string{"orders"}},
		{"not parts of a date", "SELECT extract(day FROM ordered_at), trim(BOTH ' ' FROM note) FROM orders", []string{"orders"}},
		{"not after DISTINCT FROM", "SELECT 1 FROM orders WHERE a IS DISTINCT FROM users", []string{"orders"}},
		{"not strings", "SELECT 'it''s FROM users' FROM orders", []string{"orders"}},
		{"not comments", "SELECT 1 -- FROM users\n/* FROM days */ FROM orders", []string{"orders"}},
		{"not functions", "SELECT * FROM unnest(ARRAY[1, 2]) WITH ORDINALITY AS t(x, n), orders", []string{"orders"}},
		{"not values", "SELECT * FROM (VALUES (1, a), (2, b)) AS t (n, c), orders", []string{"orders"}},
		{"not numbers", "SELECT * FROM orders LIMIT 1, 2", []string{"orders"}},
		{"not names defined by WITH", "WITH users AS (SELECT * FROM orders), x (a, b) AS (SELECT 1, 2) SELECT * FROM users, x", []string{"orders"}},
		{"not names defined by WITH in parentheses", "SELECT 1 FROM (WITH a AS (SELECT 1 FROM days), b AS (SELECT 1 FROM a) SELECT 1 FROM a, b) x, b", []string{"days", "b"}},
		{"a table with the name of the query that reads it", "WITH users AS (SELECT * FROM users), days AS (SELECT 1 FROM shop.days) SELECT 1 FROM users, days", []string{"users", "shop.days"}},
		{"not a recursive query", "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n, orders", []string{"orders"}},
		{"a keyword that is quoted", `SELECT "from" FROM orders`, []string{"orders"}},
		{"before an unterminated string", "SELECT 1 FROM orders WHERE a = 'x FROM users", []string{"orders"}},
		{"before an unterminated comment", "SELECT 1 FROM orders /* FROM users", []string{"orders"}},
		{"after an unmatched parenthesis", "SELECT 1) FROM orders", []string{"orders"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, r := range TableRefs(test.query) {
				got = append(got, strings.TrimPrefix(r.Database+"."+r.Name, "."))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s: -want +got\n%s", test.query, diff)
			}
		})
	}
}

func TestTableRefs_LocatesQualifiers(t *testing.T) {
	const query = `SELECT 注文.id FROM "Shop" . orders, awsdatacatalog.crm.accounts, users`
	got := []byte(query)
	for _, r := range TableRefs(query) {
		copy(got[r.At:], strings.Repeat(" ", r.Length))
	}
	want := `SELECT 注文.id FROM          orders,                    accounts, users`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// FuzzTableRefs reads queries of arbitrary bytes. It also checks that trimQuery trims a valid query completely in one call.
func FuzzTableRefs(f *testing.F) {
	for _, query := range []string{
		"", "SELECT * FROM orders", `SELECT 1 FROM "shop"."a""b" x, (crm.users)`, "WITH a (b, c) AS (SELECT 1) SELECT * FROM a JOIN c.d ON true",
		"FROM FROM FROM", "((((", "))))", "a AS (b AS (c AS (", "SELECT 1 FROM a.b.c.d", "SELECT 1 FROM 'x", "SELECT 1 FROM \"x", "/* x", "-- x", "SELECT \xff FROM \xfe.x",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, r := range TableRefs(query) {
			if r.Name == "" && !strings.Contains(query, `""`) {
				t.Errorf("%q: a reference without a name", query)
			}
			if qualifier := query[r.At : r.At+r.Length]; r.Length > 0 != (r.Database != "" || strings.HasPrefix(qualifier, `""`)) {
				t.Errorf("%q: the qualifier of %+v is %q", query, r, qualifier)
			}
		}
		at, problem := ValidateSelect(query)
		if at < 0 || at > len(query) || at > 0 && problem == "" {
			t.Errorf("%q: %q at %d", query, problem, at)
		}
		if sql := trimQuery(query); sql != trimQuery(sql+"\n") {
			if _, problem := ValidateSelect(sql); problem == "" {
				t.Errorf("%q: trimQuery returns %q, and then %q", query, sql, trimQuery(sql+"\n"))
			}
		}
	})
}

func TestStripDatabase_KeepsAllOffsets(t *testing.T) {
	for query, want := range map[string]string{
		`SELECT shop.orders.total FROM shop.orders`:                                        `SELECT      orders.total FROM      orders`,
		`SELECT "shop"."Orders".* FROM "shop" . "Orders"`:                                  `SELECT        "Orders".* FROM          "Orders"`,
		`SELECT shop.total FROM orders AS shop`:                                            `SELECT shop.total FROM orders AS shop`,
		`SELECT crm.a.x, 'shop.orders.' FROM crm.a, shop.b b`:                              `SELECT crm.a.x, 'shop.orders.' FROM crm.a,      b b`,
		`SELECT max(awsdatacatalog.shop.orders.total) FROM "AwsDataCatalog".shop.orders`:   `SELECT max(                    orders.total) FROM                       orders`,
		`SELECT a.shop.orders.x, b.awsdatacatalog.shop.orders.x FROM shop.orders`:          `SELECT a.shop.orders.x, b.awsdatacatalog.shop.orders.x FROM      orders`,
		`WITH orders AS (SELECT 1 FROM shop.orders) SELECT shop.orders.x FROM shop.orders`: `WITH orders AS (SELECT 1 FROM      orders) SELECT      orders.x FROM shop.orders`,
		`SELECT shop.orders.total FROM shop`:                                               `SELECT shop.orders.total FROM shop`,
	} {
		if got := StripDatabase(query, "shop"); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", query, got, want)
		}
	}
}
