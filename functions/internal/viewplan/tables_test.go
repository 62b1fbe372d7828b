package viewplan

import (
	"testing"

	"snaplake/functions/internal/inventory"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

func TestPlan_HowToSeparate_SuggestsOnlyATemplateThatHelps(t *testing.T) {
	for template, tables := range map[string][2]workflow.TableName{
		"{database}_{table}": {{Database: "a", Schema: "a", Table: "t"}, {Database: "b", Schema: "b", Table: "t"}},
		"{schema}_{table}":   {{Database: "a", Schema: "x", Table: "t"}, {Database: "a", Schema: "y", Table: "t"}},
		"":                   {{Database: "a", Schema: "a", Table: "t"}, {Database: "A", Schema: "A", Table: "t"}},
	} {
		p := &Plan{Inventory: &inventory.Inventory{}}
		for _, table := range tables {
			p.tables = append(p.tables, &tableView{name: "t", table: manifest.Table{TableName: table}})
		}
		v := &View{Name: "t", kind: "table"}
		want := "name one of them under names"
		if template != "" {
			want += `, or set view_name: "` + template + `"`
		}
		if got := p.howToSeparate(v, v); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
