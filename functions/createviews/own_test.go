package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindsTheRelationsThatAQueryReads(t *testing.T) {
	for _, test := range []struct {
		name, query string
		want        []string
	}{
		{"a table", "SELECT * FROM orders", []string{"orders"}},
		{"in any case", "select * From ORDERS", []string{"orders"}},
		{"quoted", `SELECT * FROM "Orders" o`, []string{"orders"}},
		{"qualified by this database", `SELECT * FROM shop.orders JOIN "awsdatacatalog"."shop"."users" u ON true`, []string{"orders", "users"}},
		{"of another database", "SELECT * FROM crm.orders", nil},
		{"in a list", "SELECT a, b FROM orders o, users u WHERE o.a IN (1, 2)", []string{"orders", "users"}},
		{"joined", "SELECT 1 FROM orders LEFT JOIN users ON orders.u = users.id CROSS JOIN days", []string{"days", "orders", "users"}},
		{"each once", "SELECT 1 FROM orders UNION ALL SELECT 2 FROM orders", []string{"orders"}},
		{"in parentheses", "SELECT 1 FROM (orders JOIN (users) ON true), days", []string{"days", "orders", "users"}},
		{"in a subquery", "SELECT a, (SELECT max(b) FROM users) FROM (SELECT c, d FROM orders) x", []string{"orders", "users"}},
		{"not columns", "SELECT users, o.days FROM orders o ORDER BY hours, users", []string{"orders"}},
		{"not strings", "SELECT 'it''s FROM users' FROM orders", []string{"orders"}},
		{"not comments", "SELECT 1 -- FROM users\n/* FROM days */ FROM orders", []string{"orders"}},
		{"not functions", "SELECT * FROM unnest(ARRAY[1, 2]) AS t(x), orders", []string{"orders"}},
		{"not its own", "WITH users AS (SELECT * FROM orders) SELECT * FROM users", []string{"orders"}},
		{"a keyword that is quoted", `SELECT "from" FROM orders`, []string{"orders"}},
		{"a string without an end", "SELECT 1 FROM orders WHERE a = 'x FROM users", []string{"orders"}},
		{"a parenthesis too many", "SELECT 1) FROM orders", []string{"orders"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, relations(test.query, "shop")); diff != "" {
				t.Errorf("%s: -want +got\n%s", test.query, diff)
			}
		})
	}
}

func TestPutsEachViewAfterThoseThatItReads(t *testing.T) {
	order, err := waves([]view{
		{name: "yearly", needs: []string{"monthly", "users"}},
		{name: "users"},
		{name: "monthly", needs: []string{"daily"}},
		{name: "daily", needs: []string{"orders"}},
		{name: "orders"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, wave := range order {
		var names []string
		for _, v := range wave {
			names = append(names, v.name)
		}
		got = append(got, names)
	}
	want := [][]string{{"users", "orders"}, {"daily"}, {"monthly"}, {"yearly"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestShowsTheCircleInWhichViewsReadEachOther(t *testing.T) {
	for _, test := range []struct {
		views []view
		want  string
	}{
		{
			[]view{{name: "a", needs: []string{"b"}}, {name: "b", needs: []string{"c"}}, {name: "c", needs: []string{"b"}}},
			"views read each other in a circle: b -> c -> b",
		},
		{[]view{{name: "a", needs: []string{"a"}}}, "views read each other in a circle: a -> a"},
	} {
		_, err := waves(test.views)
		if err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
