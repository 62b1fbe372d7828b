package main

import (
	"testing"

	"snaplake/local/internal/athenaclient"
)

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
