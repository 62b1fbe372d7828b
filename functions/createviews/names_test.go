package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// empty adds these tables to the scenario, without rows.
func empty(sc *scenario, tables ...string) {
	var entries []string
	sc.s3 = fakeS3{}
	for _, name := range tables {
		entries = append(entries, exported(name, "c", "varchar"))
		sc.s3.add("shop/shop." + strings.ReplaceAll(name, " ", "_") + "/1/_SUCCESS")
	}
	for key, content := range bucket(entries...) {
		sc.s3[key] = content
	}
	sc.glue = fakeGlue{"snaplake_crawled": nil, "shop": nil}
}

func TestCreateViews_NamesViewsAfterTables(t *testing.T) {
	for name, test := range map[string]struct {
		table, view string
	}{
		"a reserved word is unchanged":                {"order", "order"},
		"a leading digit is unchanged":                {"2026_sales", "2026_sales"},
		"upper case becomes lower":                    {"USER_MASTER", "user_master"},
		"symbols become underscores":                  {"user-log$1", "user_log_1"},
		"letters of other scripts become underscores": {"m_顧客", "m___"},
		"an entry of names":                           {"顧客", "customers"},
		"the longest name in MySQL":                   {strings.Repeat("t", 64), strings.Repeat("t", 64)},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			empty(sc, test.table)
			sc.source.Names = map[string]string{"shop.顧客": "customers"}
			if _, err := sc.run(t); err != nil {
				t.Fatal(err)
			}
			sc.statement(t, test.view)
		})
	}
}

func TestCreateViews_RefusesDuplicateAndInvalidNames(t *testing.T) {
	const separate = `; set another name under "names", set view_name, or rename your own view`
	for name, test := range map[string]struct {
		tables []string
		want   string
	}{
		"different case": {[]string{"Users", "users"},
			`table shop.Users and table shop.users would both have the view name "users"` + separate},
		"different symbols": {[]string{"a-b", "a_b"}, `table shop.a-b and table shop.a_b would both have the view name "a_b"` + separate},
		"Japanese letters": {[]string{"m_顧客", "m_商品"},
			`table shop.m_顧客 and table shop.m_商品 would both have the view name "m___"` + separate},
		"a table and a table's history": {[]string{"t", "t_history"},
			`table shop.t_history and the history view of table shop.t would both have the view name "t_history"` + separate},
		"a table and the freshness": {[]string{"snaplake_freshness"},
			`table shop.snaplake_freshness and the freshness of all tables would both have the view name "snaplake_freshness"` + separate},
		"no letter": {[]string{"顧客"},
			`table shop.顧客 has no letter or digit that is valid in a view name; set its view's name under "names"`},
		"too long": {[]string{strings.Repeat("x", 256)}, `the name of view "` + strings.Repeat("x", 256) + `" (table shop.` +
			strings.Repeat("x", 256) + `) has more than 255 characters; set a shorter one under "names"`},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			empty(sc, test.tables...)
			if len(test.tables) == 2 && test.tables[0] == "t" {
				sc.source.History = []string{"t"}
			}
			sc.refused(t, test.want)
		})
	}
}

// The crawler truncates names at 128 characters and adds a hash to duplicates.
func TestCreateViews_FindsCrawledTablesByLocation(t *testing.T) {
	sc := newScenario()
	long := strings.Repeat("顧客台帳", 16)
	sc.s3 = bucket(entryOf(long, "ID int int32"))
	sc.source.Names = map[string]string{"shop." + long: "ledger"}
	sc.glue["snaplake_crawled"] = []types.Table{crawled("e20261121_1705_0_shop__0a1b",
		"s3://lake/exports/shop/shop-20261121-1705-0/shop/shop."+long+"/", "id int")}
	sc.s3.add("shop/shop."+long+"/1/part-00000.gz.parquet", "shop/shop."+long+"/1/_SUCCESS")
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	if got := sc.statement(t, "ledger"); !strings.HasSuffix(got, `FROM "snaplake_crawled"."e20261121_1705_0_shop__0a1b"`) {
		t.Errorf("got %s", got)
	}
}
