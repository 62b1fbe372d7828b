package viewplan

import (
	"slices"
	"strings"
	"time"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/projection"
	"snaplake/workflow"
)

// addChanges adds the view of a table's changes since the previous export: a row for each key that was inserted, updated or deleted. It
// compares the columns that both exports have. Without a previous export, or without the table or its key there, the view is empty.
func (p *Plan) addChanges(name string, key []string) {
	v := p.tableOf[name]
	if v == nil {
		return
	}
	for _, k := range key {
		if !slices.Contains(v.projection.Names, k) {
			p.noColumn("changes", name, k, v.projection.Names)
			return
		}
		if _, there := v.projection.Find(k); !there {
			p.problem("changes: column %q of view %q is excluded and cannot be its key", k, name)
			return
		}
	}
	c := changes{key: key, now: v.projection, nowAt: p.SnapshotAt}
	if twice := c.duplicate(); twice != "" {
		p.problem("changes: the view of %q would have two columns %q: drop one under columns", name, twice)
		return
	}
	// RDS may have skipped the table in the most recent earlier export.
	if i := slices.IndexFunc(p.previous, func(e *previousExport) bool { return e.tables[name] != nil }); i >= 0 {
		e := p.previous[i]
		old := e.tables[name]
		if old.err != nil {
			p.problem("changes of %q: %v", name, old.err)
			return
		}
		if old.projection.Has(key) {
			before := p.align(v, old, e)
			c.before, c.beforeAt, c.had = &before, e.SnapshotAt, old.projection
			p.uniqueKeys = append(p.uniqueKeys, uniqueKey{name, e.ID.String(), key, before})
		}
	}
	p.uniqueKeys = append(p.uniqueKeys, uniqueKey{name, p.ID.String(), key, v.projection})
	p.views = append(p.views, &View{
		Name: name + workflow.ChangesSuffix, kind: exports.OfChanges, of: "the changes of table " + v.table.String(), query: c.query,
	})
}

// changes compares a table in two exports.
type changes struct {
	key []string
	now projection.Table
	// before has the columns of now; it is nil if there is no previous export to compare with. had is the projection of that export.
	before          *projection.Table
	had             projection.Table
	nowAt, beforeAt time.Time
}

// operation is the column with what happened to a row.
const operation = "operation"

// others returns the columns besides the key.
func (c changes) others() []projection.Column {
	return slices.DeleteFunc(slices.Clone(c.now.Columns), func(o projection.Column) bool { return slices.Contains(c.key, o.Name) })
}

// duplicate returns the name that two of the view's columns would have, or "".
func (c changes) duplicate() string {
	names := append([]string{operation, "old_" + snapshotAt, "new_" + snapshotAt}, c.key...)
	for _, o := range c.others() {
		names = append(names, "old_"+o.Name, "new_"+o.Name)
	}
	slices.Sort(names)
	for i := range names[1:] {
		if names[i] == names[i+1] {
			return names[i]
		}
	}
	return ""
}

// present is a column that is true for each row of a side, and NULL where the join found none. No column of a table has this name, since
// RDS exports none with a space.
const present = "is there"

// query joins the two exports. It omits rows with equal keys and equal columns, where NULL equals NULL.
func (c changes) query() string {
	before, beforeAt := c.now, "CAST(NULL AS timestamp(3))"
	if c.before == nil {
		before.Crawled = ""
	} else {
		before, beforeAt = *c.before, timestamp(c.beforeAt)
	}
	inserted, deleted := "o."+projection.Quote(present)+" IS NULL", "n."+projection.Quote(present)+" IS NULL"
	columns := []string{
		"CAST(CASE WHEN " + inserted + " THEN 'insert' WHEN " + deleted + " THEN 'delete' ELSE 'update' END AS varchar) AS " + operation,
	}
	var join []string
	for _, k := range c.key {
		k = projection.Quote(k)
		columns = append(columns, "coalesce(n."+k+", o."+k+") AS "+k)
		join = append(join, "o."+k+" = n."+k)
	}
	where := []string{inserted, deleted}
	for _, o := range c.others() {
		name := projection.Quote(o.Name)
		columns = append(columns, "o."+name+" AS "+projection.Quote("old_"+o.Name), "n."+name+" AS "+projection.Quote("new_"+o.Name))
		if _, both := c.had.Find(o.Name); both {
			where = append(where, "o."+name+" IS DISTINCT FROM n."+name)
		}
	}
	columns = append(columns, beforeAt+" AS old_"+snapshotAt, timestamp(c.nowAt)+" AS new_"+snapshotAt)
	if c.before == nil {
		where = []string{"1 = 0"}
	}
	return "SELECT\n  " + strings.Join(columns, ",\n  ") + "\nFROM " + side(before, "o") + "\nFULL JOIN " + side(c.now, "n") +
		" ON " + strings.Join(join, " AND ") + "\nWHERE " + strings.Join(where, "\n  OR ")
}

// side returns one of the two exports as a subquery.
func side(t projection.Table, alias string) string {
	t.Columns = append([]projection.Column{{Name: present, Expression: "true", Type: "boolean"}}, t.Columns...)
	return "(\n" + t.Query() + "\n) AS " + alias
}
