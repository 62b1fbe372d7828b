package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/athenaclient"
	"snaplake/workflow"
)

// lakeFiles returns the contents of the files in the data lake of a run, keyed by name.
func lakeFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	root := os.DirFS(filepath.Join(dir, lakeFolder))
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, name)
		files[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestViews_ShowsChangesWithoutSavingThem(t *testing.T) {
	root, layer := ownRoot(t)
	dir := filepath.Join(root, ".local")
	runIn(t, root, "run", fast)
	lake := lakeFiles(t, dir)

	t.Run("no change", func(t *testing.T) {
		out := runIn(t, root, "views")
		said := regexp.MustCompile(`(?m)^shop\.\w+: (.*)$`).FindAllStringSubmatch(out, -1)
		if len(said) != 14 {
			t.Errorf("%d views are shown: %s", len(said), out)
		}
		for _, line := range said {
			if line[1] != "unchanged" {
				t.Error(line[0])
			}
		}
		for _, want := range []string{
			"shop.coupons: unchanged\n\n    SELECT\n",
			"   code        varchar\n   discount    decimal(5,2)\n",
			"   snapshot_at    timestamp(3)  ",
			"\n14 views: 0 new or changed, 14 unchanged; 0 dropped\n",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("the output lacks %q", want)
			}
		}
	})
	t.Run("several changes", func(t *testing.T) {
		writeView(t, layer, "shop/best_day.sql", "SELECT max(orders) AS orders FROM daily_sales")
		configure(t, layer, func(c *workflow.Config) {
			s := &c.Sources[0]
			s.Changes = nil
			s.Columns = append(s.Columns, workflow.ColumnRule{View: "orders", Column: "total", As: "double"})
		})
		out := runIn(t, root, "views")
		for _, want := range []string{
			"\nshop.best_day: new\n", "\nshop.orders: changed: column total decimal(12,2) -> double, SQL\n",
			"\nshop.users_changes: dropped\n", "\nshop.users: unchanged\n",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("the output lacks %q", want)
			}
		}
	})
	t.Run("view that Athena rejects", func(t *testing.T) {
		writeView(t, layer, "shop/best_day.sql", "SELECT max(orders) AS orders\nFROM daily_sale")
		got := fails(t, root, "views")
		for _, want := range []string{"ViewsFailed: ", "views/shop/best_day.sql", "daily_sale"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %s", got, want)
			}
		}
	})
	t.Run("renamed source", func(t *testing.T) {
		configure(t, layer, func(c *workflow.Config) { c.Sources[0].Name = "crm" })
		got := fails(t, root, "views")
		if want := `snaplake: no source has a published export in .local/lake; to create a data lake, run "make run"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("renamed stack", func(t *testing.T) {
		configure(t, layer, func(c *workflow.Config) { c.Name = "pond" })
		if got, want := fails(t, root, "views"), "belongs to another stack"; !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	if diff := cmp.Diff(lake, lakeFiles(t, dir)); diff != "" {
		t.Errorf("the data lake has changed: %s", diff)
	}
}

func TestChangesOf_DescribesDifferences(t *testing.T) {
	id, name := athenaclient.Column{Name: "id", Type: "bigint"}, athenaclient.Column{Name: "name", Type: "varchar"}
	view := func(sql string, columns ...athenaclient.Column) definition {
		return definition{SQL: sql, Columns: columns}
	}
	for about, test := range map[string]struct {
		was  map[string]definition
		is   definition
		want string
	}{
		"no change": {map[string]definition{"v": view("SELECT 1", id)}, view("SELECT 1", id), "unchanged"},
		"new view":  {map[string]definition{"other": view("SELECT 1", id)}, view("SELECT 1", id), "new"},
		"SQL":       {map[string]definition{"v": view("SELECT 1", id)}, view("SELECT 2", id), "changed: SQL"},
		"columns": {
			map[string]definition{"v": view("SELECT 1", id, name)},
			view("SELECT 1", athenaclient.Column{Name: "id", Type: "integer"}, athenaclient.Column{Name: "born", Type: "date"}),
			"changed: column id bigint -> integer, new column born date, column name dropped",
		},
		"column order": {map[string]definition{"v": view("SELECT 1", id, name)}, view("SELECT 2", name, id), "changed: column order, SQL"},
	} {
		t.Run(about, func(t *testing.T) {
			if got := changesOf(test.was, "v", test.is); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
