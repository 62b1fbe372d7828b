package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// snapshotAt is the column that tells from which snapshot a row is.
const snapshotAt = "snapshot_at"

// moment is a time as an expression. The text of a type cast is known to every reader, whatever the digits of its fraction.
func moment(t time.Time) string {
	return "CAST(" + literal(t.UTC().Format("2006-01-02 15:04:05.000")) + " AS timestamp(3))"
}

// addHistory adds the view of a table's history: the rows of each export, with the time of its snapshot. A query for one time
// reads only that export's files, since the other branches are false by their constants.
func (p *plan) addHistory(name string) {
	v := p.tableOf[name]
	if v == nil {
		return
	}
	if _, there := v.shape.find(snapshotAt); there {
		p.problem("history: view %q has a column %q of its own, which is what its history calls the snapshot's time: exclude it", name, snapshotAt)
		return
	}
	branches := []branch{{v.shape, p.request.Record.Snapshot.CreatedAt}}
	for _, e := range p.past.exports {
		old, there := e.tables[name]
		switch {
		case !there:
		case old.err != nil:
			p.problem("history of %q: %v", name, old.err)
		default:
			branches = append(branches, branch{p.like(v, old, e), e.SnapshotAt})
		}
	}
	p.views = append(p.views, &view{
		name: name + workflow.HistorySuffix, kind: lake.OfHistory, of: "the history of table " + v.table.String(),
		query: func() string { return union(branches) },
	})
}

func union(branches []branch) string {
	queries := make([]string, len(branches))
	for i, b := range branches {
		queries[i] = b.query()
	}
	return strings.Join(queries, "\nUNION ALL\n")
}

// branch is a table as one export has it.
type branch struct {
	shape shape
	at    time.Time
}

// query reads the table with the time of its snapshot in front.
func (b branch) query() string {
	s := b.shape
	s.columns = append([]column{{name: snapshotAt, expression: moment(b.at), sqlType: "timestamp(3)"}}, s.columns...)
	return s.query()
}

// like gives an older shape the columns of tonight's view. What it does not have, or has in a type that cannot become tonight's,
// is NULL.
func (p *plan) like(v *tableView, old *pastTable, e pastExport) shape {
	if old.like != nil {
		return *old.like
	}
	like := old.shape
	like.columns = make([]column, 0, len(v.shape.columns))
	for _, c := range v.shape.columns {
		now := column{name: c.name, expression: p.texts.One(c.null().expression), sqlType: c.sqlType}
		if was, there := old.shape.find(c.name); there {
			expression, ok := convert(was.expression, was.sqlType, c.sqlType)
			if ok {
				now.expression = p.texts.One(expression)
			} else {
				p.warnings = append(p.warnings, fmt.Sprintf("%s.%s: it was %s in export %s, which cannot become %s: NULL there", v.name, c.name, was.sqlType, e.ID, c.sqlType))
			}
		}
		like.columns = append(like.columns, now)
	}
	if slices.Equal(like.columns, old.shape.columns) {
		like.columns = old.shape.columns // one of the two is enough to keep
	}
	old.like = &like
	return like
}
