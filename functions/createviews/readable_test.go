package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

func TestCreateViews_RenamesAPartitionKeyThatAColumnIsCalledLike(t *testing.T) {
	n := newNight()
	n.s3 = bucket(exported("Users", "partition_0", "varchar")).add("shop/shop.Users/1/part-00000.gz.parquet", "shop/shop.Users/1/_SUCCESS")
	n.glue["snaplake_crawled"][2] = crawled("e20261121_1705_0_shop_users", location+"shop/shop.Users", "id int", "partition_0 string", "_partition_0 string", "ID int")
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	if len(n.updated) != 1 || *n.updated[0].Name != "e20261121_1705_0_shop_users" {
		t.Fatalf("updated %+v", n.updated)
	}
	var columns []string
	for _, c := range n.updated[0].StorageDescriptor.Columns {
		columns = append(columns, *c.Name)
	}
	for _, key := range n.updated[0].PartitionKeys {
		columns = append(columns, "key "+*key.Name)
	}
	if diff := cmp.Diff([]string{"id", "partition_0", "_partition_0", "key __partition_0"}, columns); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if !strings.Contains(strings.Join(n.started, "\n"), `"partition_0"`) {
		t.Errorf("started %q", n.started)
	}
}

func TestCreateViews_LeavesOutColumnsThatDifferByCaseWhenTheirNameIsExcluded(t *testing.T) {
	table := manifest.Table{TableName: workflow.TableName{Database: "app", Schema: "public", Table: "casey"}, Columns: []manifest.Column{
		{Name: "id", OriginalType: "integer"}, {Name: "Total", OriginalType: "integer"}, {Name: "total", OriginalType: "integer"},
	}}
	of := &crawledTable{name: "e_casey", columns: []crawledColumn{{"id", "int"}, {"total", "int"}}}
	s := shaper{engine: "postgres", crawledDatabase: "crawled"}
	_, _, _, err := s.shape("casey", table, of, "e_")
	const want = `columns "Total" and "total" have one name in Athena, which knows no upper case: drop casey.total under columns, which leaves out both`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	s.source.Columns = []workflow.ColumnRule{{View: "casey", Column: "total", As: workflow.Drop}}
	got, _, _, err := s.shape("casey", table, of, "e_")
	if err != nil || len(got.columns) != 1 || got.columns[0].name != "id" {
		t.Errorf("got %+v, %v", got.columns, err)
	}
}

func TestCreateViews_TellsWhatRDSNotesAboutATable(t *testing.T) {
	n := newNight()
	key := folder + "export_tables_info_shop-20261121-1705-0_from_1_to_10.json"
	n.s3[key] = strings.Replace(n.s3[key], `"status":"COMPLETE"`, `"status":"COMPLETE","warningMessage":"String conversion occurred for column v"`, 1)
	got, err := n.run(t)
	want := []string{"shop.Users: RDS notes: String conversion occurred for column v"}
	if diff := cmp.Diff(want, got.Warnings); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}

func TestCreateViews_SuggestsOnlyATemplateThatSeparatesTheTables(t *testing.T) {
	for template, tables := range map[string][2]manifest.Table{
		"{database}_{table}": {{TableName: workflow.TableName{Database: "a", Schema: "a", Table: "t"}}, {TableName: workflow.TableName{Database: "b", Schema: "b", Table: "t"}}},
		"{schema}_{table}":   {{TableName: workflow.TableName{Database: "a", Schema: "x", Table: "t"}}, {TableName: workflow.TableName{Database: "a", Schema: "y", Table: "t"}}},
		"":                   {{TableName: workflow.TableName{Database: "a", Schema: "a", Table: "t"}}, {TableName: workflow.TableName{Database: "A", Schema: "A", Table: "t"}}},
	} {
		p := &plan{}
		for _, table := range tables {
			p.tables = append(p.tables, &tableView{name: "t", table: table})
		}
		v := &view{name: "t", kind: "table"}
		want := "name one of them under names"
		if template != "" {
			want += `, or set view_name: "` + template + `"`
		}
		if got := p.howToSeparate(v, v); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
