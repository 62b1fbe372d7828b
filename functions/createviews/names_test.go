package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/workflow"
)

// empty is a night with empty tables only.
func empty(n *night, tables ...string) {
	var entries []string
	n.s3 = fakeS3{}
	for _, name := range tables {
		entries = append(entries, exported(name, "c", "varchar"))
		n.s3.add("shop/shop." + strings.ReplaceAll(name, " ", "_") + "/1/_SUCCESS")
	}
	for key, content := range bucket(entries...) {
		n.s3[key] = content
	}
	n.glue = fakeGlue{"snaplake_crawled": nil, "shop": nil}
}

func TestNamesOfTablesAndTheirViews(t *testing.T) {
	for name, test := range map[string]struct {
		table, view string
	}{
		"a reserved word stays, and is quoted by who asks": {"order", "order"},
		"a digit first stays, too":                         {"2026_sales", "2026_sales"},
		"upper case becomes lower":                         {"USER_MASTER", "user_master"},
		"other signs become underscores":                   {"user-log$1", "user_log_1"},
		"letters of other scripts do, too":                 {"m_顧客", "m___"},
		"a name of its own":                                {"顧客", "customers"},
		"the longest name that MySQL has":                  {strings.Repeat("t", 64), strings.Repeat("t", 64)},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			empty(n, test.table)
			n.source.Names = map[string]string{"shop.顧客": "customers"}
			if _, err := n.run(t); err != nil {
				t.Fatal(err)
			}
			n.statement(t, test.view)
		})
	}
}

func TestNamesThatNobodyCanTellApartChangeNoView(t *testing.T) {
	const separate = `: name the view of a table under names, set view_name, or rename your own view`
	for name, test := range map[string]struct {
		tables []string
		want   string
	}{
		"by their case":                 {[]string{"Users", "users"}, `view "users" is the view of both table shop.Users and table shop.users` + separate},
		"by a sign":                     {[]string{"a-b", "a_b"}, `view "a_b" is the view of both table shop.a-b and table shop.a_b` + separate},
		"by their Japanese letters":     {[]string{"m_顧客", "m_商品"}, `view "m___" is the view of both table shop.m_顧客 and table shop.m_商品` + separate},
		"a table and a table's history": {[]string{"t", "t_history"}, `view "t_history" is the view of both table shop.t_history and the history of table shop.t` + separate},
		"a table and the freshness":     {[]string{"snaplake_freshness"}, `view "snaplake_freshness" is the view of both table shop.snaplake_freshness and the freshness of all tables` + separate},
		"no letter at all":              {[]string{"顧客"}, `table shop.顧客: its name has no letter or digit that a view's name can have: name the view under names`},
		"more than Athena takes":        {[]string{strings.Repeat("x", 256)}, `view "` + strings.Repeat("x", 256) + `" of table shop.` + strings.Repeat("x", 256) + `: its name has more than 255 characters: name the view under names`},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			empty(n, test.tables...)
			if len(test.tables) == 2 && test.tables[0] == "t" {
				n.source.History = []string{"t"}
			}
			_, err := n.run(t)
			if _, ok := err.(workflow.ViewsFailed); !ok || !strings.Contains(err.Error(), "\n"+test.want+"\n") || len(n.started) > 0 {
				t.Errorf("got %T %v\nwant %s", err, err, test.want)
			}
		})
	}
}

// The crawler cuts names at 128 characters and gives hashes to those that are alike: the table's folder tells which is which.
func TestFindsACrawledTableWhateverTheCrawlerCalledIt(t *testing.T) {
	n := newNight()
	long := strings.Repeat("顧客台帳", 16)
	n.s3 = bucket(entryOf(long, "ID int int32"))
	n.source.Names = map[string]string{"shop." + long: "ledger"}
	n.glue["snaplake_crawled"] = []types.Table{crawled("e20261121_1705_0_shop__0a1b", "s3://lake/exports/shop/shop-20261121-1705-0/shop/shop."+long+"/", "id int")}
	n.s3.add("shop/shop."+long+"/1/part-00000.gz.parquet", "shop/shop."+long+"/1/_SUCCESS")
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	if got := n.statement(t, "ledger"); !strings.HasSuffix(got, `FROM "snaplake_crawled"."e20261121_1705_0_shop__0a1b"`) {
		t.Errorf("got %s", got)
	}
}
