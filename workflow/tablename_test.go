package workflow

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTableName_ReversesString(t *testing.T) {
	for text, want := range map[string]TableName{
		"shop.users":          {"shop", "shop", "users"},
		"app.public.users":    {"app", "public", "users"},
		"app.public.log.2026": {"app", "public", "log.2026"},
	} {
		if got, ok := ParseTableName(text); !ok || got != want || got.String() != text {
			t.Errorf("%s: got %+v, %s, %t", text, got, got, ok)
		}
	}
	if got, _ := ParseTableName("shop.shop.users"); got.String() != "shop.users" {
		t.Errorf("shop.shop.users is printed as %s", got)
	}
	if got, ok := ParseTableName("shop"); ok || got.Database != "shop" || got.Table != "" {
		t.Errorf("a database: got %+v, %t", got, ok)
	}
}

func TestViewName_UsesNamesOrTemplate(t *testing.T) {
	s := Source{ViewTemplate: "{table}", Names: map[string]string{"shop.顧客": "customers", "app.public.顧客": "app_customers", "app.app.顧客": "inner_customers"}}
	for _, test := range []struct {
		template, database, schema, table, want string
	}{
		{"{table}", "shop", "shop", "users", "users"},
		{"{table}", "shop", "shop", "Users", "users"},
		{"{table}", "shop", "shop", "line-item$", "line_item_"},
		{"{table}", "shop", "shop", "2024", "2024"}, // Athena requires quotation marks
		{"{table}", "shop", "shop", "order", "order"},
		{"{table}", "shop", "shop", "注文", "__"},
		{"{table}", "shop", "shop", "顧客", "customers"},
		{"{table}", "app", "public", "顧客", "app_customers"},
		{"{table}", "app", "app", "顧客", "inner_customers"},
		{"{table}", "crm", "crm", "顧客", "__"},
		{"{database}_{table}", "Shop", "Shop", "Users", "shop_users"},
		{"x_{database}_{schema}_{table}", "app", "public", "users", "x_app_public_users"},
	} {
		s.ViewTemplate = test.template
		if got := s.ViewName(TableName{test.database, test.schema, test.table}); got != test.want {
			t.Errorf("%s of %s.%s.%s: got %s, want %s", test.template, test.database, test.schema, test.table, got, test.want)
		}
	}
}

func TestExportOnly_CoversPatterns(t *testing.T) {
	for _, test := range []struct {
		name         string
		tables, want []string
	}{
		{"everything", nil, nil},
		{"tables", []string{"shop.users", "shop.orders"}, []string{"shop.users", "shop.orders"}},
		{"a pattern of tables", []string{"shop.log_*"}, []string{"shop"}},
		{"all tables of a database", []string{"shop.*"}, []string{"shop"}},
		{"a pattern that covers tables", []string{"shop.users", "crm.users", "shop.log_*"}, []string{"crm.users", "shop"}},
		{"a database with one of its tables", []string{"shop", "shop.users", "shop2.users"}, []string{"shop", "shop2.users"}},
		{"a schema", []string{"app.public.*", "app.public.users"}, []string{"app.public"}},
		{"a pattern of schemas", []string{"app.tenant_*", "app.public"}, []string{"app"}},
		{"a pattern of databases", []string{"shop.users", "tenant_*"}, nil},
		{"a pattern of everything", []string{"*"}, nil},
		{"a table in any database", []string{"*.users"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Source{Tables: test.tables}.ExportOnly()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestSelects_MatchesTables(t *testing.T) {
	for _, test := range []struct {
		entry                   string
		database, schema, table string
		want                    bool
	}{
		{"shop", "shop", "shop", "users", true},
		{"shop", "shop2", "shop2", "users", false},
		{"shop.users", "shop", "shop", "users", true},
		{"shop.users", "shop", "shop", "Users", false},
		{"shop.users", "shop", "shop", "users2", false},
		{"shop.log_*", "shop", "shop", "log_2026", true},
		{"shop.log_*", "shop", "shop", "weblog_2026", false},
		{"*.users", "crm", "crm", "users", true},
		{"tenant_*", "tenant_7", "tenant_7", "users", true},
		{"*", "shop", "shop", "users", true},
		{"app.public", "app", "public", "users", true},
		{"app.public", "app", "audit", "users", false},
		{"app.public.users", "app", "public", "users", true},
		{"app.*.users", "app", "audit", "users", true},
		{"app.users", "app", "public", "users", false},
	} {
		if got := (Source{Tables: []string{"other.table", test.entry}}).Selects(TableName{test.database, test.schema, test.table}); got != test.want {
			t.Errorf("%s selects %s.%s.%s: %v", test.entry, test.database, test.schema, test.table, got)
		}
	}
	if !(Source{}).Selects(TableName{"shop", "shop", "users"}) {
		t.Error("a source without tables does not select all tables")
	}
}

func TestMatchGlob_StarMatchesAnyCharacters(t *testing.T) {
	for _, test := range []struct {
		pattern string
		matches []string
		not     []string
	}{
		{"users", []string{"users"}, []string{"", "user", "userss", "Users"}},
		{"*", []string{"", "users"}, nil},
		{"tmp_*", []string{"tmp_", "tmp_1"}, []string{"tmp", "xtmp_1"}},
		{"*_tmp", []string{"_tmp", "a_tmp", "a_tmp_tmp"}, []string{"a_tmp1"}},
		{"*token*", []string{"token", "tokens", "api_token_id"}, []string{"toke"}},
		{"a*b*c", []string{"abc", "axbxc", "abbcc"}, []string{"ab", "acb", "abcd", "xabc"}},
		{"ab*ba", []string{"abba", "ab.ba"}, []string{"aba"}},
		{"a**b", []string{"ab", "axb"}, []string{"a"}},
	} {
		for _, name := range test.matches {
			if !MatchGlob(test.pattern, name) {
				t.Errorf("%s does not match %q", test.pattern, name)
			}
		}
		for _, name := range test.not {
			if MatchGlob(test.pattern, name) {
				t.Errorf("%s matches %q", test.pattern, name)
			}
		}
	}
}

func TestMatchedBy_MatchesPartsSeparately(t *testing.T) {
	for _, test := range []struct {
		entry, database, schema, table string
		want                           bool
	}{
		{"shop.s*", "shop", "shop", "users", false}, // shop.shop.users in RDS
		{"shop.s*", "shop", "shop", "sales", true},
		{"crm.c*", "crm", "crm", "passwords", false},
		{"shop.shop.u*", "shop", "shop", "users", true},
		{"shop.shop.u*", "shop", "shop", "orders", false},
		{"shop.log.2*", "shop", "shop", "log.2026", true},
		{"s*s", "shop", "shop", "users", false},
		{"sh*", "shop", "shop", "users", true},
		{"app.p*", "app", "public", "users", true}, // a schema
		{"app.u*", "app", "public", "users", false},
		{"app.*.u*", "app", "public", "users", true},
		{"app.public.p*", "app", "public", "users", false},
		{"shop.shop", "shop", "shop", "users", true}, // a schema of PostgreSQL
	} {
		if got := (TableName{test.database, test.schema, test.table}).MatchedBy(test.entry); got != test.want {
			t.Errorf("%s, %s.%s.%s: %t", test.entry, test.database, test.schema, test.table, got)
		}
	}
}
