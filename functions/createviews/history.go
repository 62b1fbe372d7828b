package main

import (
	"fmt"
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
	v, ok := p.table(name)
	if !ok {
		return
	}
	if _, there := v.shape.find(snapshotAt); there {
		p.problem("history: view %q has a column %q of its own, which is what its history calls the snapshot's time: exclude it", name, snapshotAt)
		return
	}
	branches := []string{branch(v.shape, p.request.Record.Snapshot.CreatedAt)}
	for _, e := range p.past.exports {
		old, there, err := p.pastShape(e, name)
		if err != nil {
			p.problem("history of %q: %v", name, err)
		}
		if there && err == nil {
			branches = append(branches, branch(p.like(v, old, e), e.SnapshotAt))
		}
	}
	p.views = append(p.views, view{
		name: name + workflow.HistorySuffix, kind: lake.OfHistory, of: "the history of table " + v.table.String(),
		query: strings.Join(branches, "\nUNION ALL\n"),
	})
}

// branch reads a table with the time of its snapshot in front.
func branch(s shape, at time.Time) string {
	s.columns = append([]column{{name: snapshotAt, expression: moment(at), sqlType: "timestamp(3)"}}, s.columns...)
	return s.query()
}

// like gives an older shape the columns of tonight's view. What it does not have, or has in a type that cannot become tonight's,
// is NULL.
func (p *plan) like(v tableView, old shape, e pastExport) shape {
	like := old
	like.columns = nil
	for _, c := range v.shape.columns {
		now := c.null()
		if was, there := old.find(c.name); there {
			expression, ok := convert(was.expression, was.sqlType, c.sqlType)
			if ok {
				now.expression = expression
			} else {
				p.warnings = append(p.warnings, fmt.Sprintf("%s.%s: it was %s in export %s, which cannot become %s: NULL there", v.name, c.name, was.sqlType, e.ID, c.sqlType))
			}
		}
		like.columns = append(like.columns, now)
	}
	return like
}
