package viewplan

import (
	"slices"
	"strings"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/projection"
	"snaplake/workflow"
)

// addChanges adds a table's changes view, which has a row for each key that was inserted, updated or deleted since the previous export. The
// view compares the columns that are in both exports. It is empty if no previous export contains the table and its key.
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
			p.problem("changes: column %q of view %q is dropped, so it cannot be in the key", k, name)
			return
		}
	}
	c := changesQuery{
		key: key, older: v.projection, newer: v.projection, olderAt: "CAST(NULL AS timestamp(3))", newerAt: timestamp(p.SnapshotAt),
	}
	c.older.Crawled = ""
	if twice := c.duplicate(); twice != "" {
		p.problem("changes: the changes view of %q would have two columns named %q; add a rule under \"columns\" that drops one", name, twice)
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
		isMissing := func(k string) bool { _, there := old.projection.Find(k); return !there }
		if !slices.ContainsFunc(key, isMissing) {
			c.older, c.previous, c.olderAt = p.align(v, old, e), old.projection, timestamp(e.SnapshotAt)
			p.checkKey(name, e.ID, key, c.older)
		}
	}
	p.checkKey(name, p.ID, key, v.projection)
	p.views = append(p.views, &View{
		Name: name + workflow.ChangesSuffix, kind: exports.OfChanges, label: "the changes view of table " + v.table.String(), query: c.query,
	})
}

// changesQuery compares a table in two exports.
type changesQuery struct {
	key []string
	// older and newer are the projections of the table in the two exports. They have the same columns.
	older, newer projection.Table
	// previous is the table as it was in the previous export. It has no columns if there is no previous export to compare with.
	previous projection.Table
	// olderAt and newerAt are expressions for the times of the snapshots.
	olderAt, newerAt string
}

const operation = "operation"

func (c changesQuery) others() []projection.Column {
	return slices.DeleteFunc(slices.Clone(c.newer.Columns), func(o projection.Column) bool { return slices.Contains(c.key, o.Name) })
}

// duplicate returns a name that two columns of the view would have, or "".
func (c changesQuery) duplicate() string {
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

// present is the name of a column that is true in each row of an export. It is NULL if the join found no row. No table has a column with
// this name, because RDS exports no names with spaces.
const present = "is there"

// query joins the two exports. It omits rows that are identical in both. Two NULLs count as equal.
func (c changesQuery) query() string {
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
		if _, both := c.previous.Find(o.Name); both {
			where = append(where, "o."+name+" IS DISTINCT FROM n."+name)
		}
	}
	columns = append(columns, c.olderAt+" AS old_"+snapshotAt, c.newerAt+" AS new_"+snapshotAt)
	if len(c.previous.Columns) == 0 {
		where = []string{"1 = 0"}
	}
	return "SELECT\n  " + strings.Join(columns, ",\n  ") + "\nFROM " + side(c.older, "o") + "\nFULL JOIN " + side(c.newer, "n") +
		" ON " + strings.Join(join, " AND ") + "\nWHERE " + strings.Join(where, "\n  OR ")
}

func side(t projection.Table, alias string) string {
	t.Columns = append([]projection.Column{{Name: present, Expression: "true", Type: "boolean"}}, t.Columns...)
	return "(\n" + t.Query() + "\n) AS " + alias
}
