package main

import (
	"slices"
	"strings"
	"time"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// addChanges adds the view of what changed since the export before: a row for each key that was inserted, updated or deleted.
// Columns count that both exports have. Where there is no export before, or it had no such table or key, the view is empty.
func (p *plan) addChanges(name string, key []string) {
	v := p.tableOf[name]
	if v == nil || !p.requireColumns("changes", name, key...) {
		return
	}
	for _, k := range key {
		if _, there := v.shape.find(k); !there {
			p.problem("changes: column %q of view %q is dropped, and cannot be its key", k, name)
			return
		}
	}
	c := changes{key: key, now: v.shape, nowAt: p.request.Record.Snapshot.CreatedAt}
	if twice := c.twice(); twice != "" {
		p.problem("changes: the view of %q would have two columns %q: drop one under columns", name, twice)
		return
	}
	// The export before may lack the table, because RDS skipped it there.
	if i := slices.IndexFunc(p.past.exports, func(e pastExport) bool { return e.tables[name] != nil }); i >= 0 {
		e := p.past.exports[i]
		old, there := e.tables[name]
		if there && old.err != nil {
			p.problem("changes of %q: %v", name, old.err)
			return
		}
		if there && old.shape.has(key) {
			before := p.like(v, old, e)
			c.before, c.beforeAt, c.had = &before, e.SnapshotAt, old.shape
			p.keys = append(p.keys, keyed{name, e.ID.String(), key, before})
		}
	}
	p.keys = append(p.keys, keyed{name, p.id.String(), key, v.shape})
	p.views = append(p.views, &view{
		name: name + workflow.ChangesSuffix, kind: lake.OfChanges, of: "the changes of table " + v.table.String(), query: c.query,
	})
}

// keyed is a table whose key must be unique.
type keyed struct {
	view, export string
	key          []string
	shape        shape
}

// changes is what became of a table's rows between two exports.
type changes struct {
	key []string
	now shape
	// before has the columns of now, had those that there were; before is nil when there is nothing to compare with.
	before          *shape
	had             shape
	nowAt, beforeAt time.Time
}

// others are the columns besides the key.
func (c changes) others() []column {
	return slices.DeleteFunc(slices.Clone(c.now.columns), func(o column) bool { return slices.Contains(c.key, o.name) })
}

// twice is the name that two of the view's columns would have, or "".
func (c changes) twice() string {
	names := append([]string{operation, "old_" + snapshotAt, "new_" + snapshotAt}, c.key...)
	for _, o := range c.others() {
		names = append(names, "old_"+o.name, "new_"+o.name)
	}
	slices.Sort(names)
	for i := range names[1:] {
		if names[i] == names[i+1] {
			return names[i]
		}
	}
	return ""
}

// operation is the column that tells what became of a row.
const operation = "operation"

// found is true of each row of a side, and NULL where the join has found none. RDS exports no column with a space in its name, so
// that this is no column's of the table.
const found = `"is there"`

// query joins the two exports. Rows of equal keys whose columns are equal are left out; NULL equals NULL.
func (c changes) query() string {
	before, beforeAt := c.now, "CAST(NULL AS timestamp(3))"
	if c.before == nil {
		before.crawled = ""
	} else {
		before, beforeAt = *c.before, moment(c.beforeAt)
	}
	columns := []string{"CAST(CASE WHEN o." + found + " IS NULL THEN 'insert' WHEN n." + found + " IS NULL THEN 'delete' ELSE 'update' END AS varchar) AS " + operation}
	var join, differ []string
	for _, k := range c.key {
		k = quote(k)
		columns = append(columns, "coalesce(n."+k+", o."+k+") AS "+k)
		join = append(join, "o."+k+" = n."+k)
	}
	for _, o := range c.others() {
		name := quote(o.name)
		columns = append(columns, "o."+name+" AS "+quote("old_"+o.name), "n."+name+" AS "+quote("new_"+o.name))
		if _, both := c.had.find(o.name); both {
			differ = append(differ, "o."+name+" IS DISTINCT FROM n."+name)
		}
	}
	columns = append(columns, beforeAt+" AS old_"+snapshotAt, moment(c.nowAt)+" AS new_"+snapshotAt)
	where := strings.Join(append([]string{"o." + found + " IS NULL", "n." + found + " IS NULL"}, differ...), "\n  OR ")
	if c.before == nil {
		where = "1 = 0"
	}
	return "SELECT\n  " + strings.Join(columns, ",\n  ") + "\nFROM " + side(before, "o") + "\nFULL JOIN " + side(c.now, "n") +
		" ON " + strings.Join(join, " AND ") + "\nWHERE " + where
}

// side is one of the two exports.
func side(s shape, alias string) string {
	s.columns = append([]column{{name: strings.Trim(found, `"`), expression: "true", sqlType: "boolean"}}, s.columns...)
	return "(\n" + s.query() + "\n) AS " + alias
}
