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

// historyExports is how many exports a history shows at most. Each is a stage of the query, of which Athena takes 150, and a user's own
// query needs some.
const historyExports = 100

// runsAhead is how many runs before a history is full the warnings begin.
const runsAhead = 30

// addHistory adds the view of a table's history: the rows of each export, with the time of its snapshot. A query for one time
// reads only that export's files, since the other branches are false by their constants. What does not fit is left out with a
// warning, the oldest first; no other view waits for that.
func (p *plan) addHistory(name string) {
	v := p.tableOf[name]
	if v == nil {
		return
	}
	if _, there := v.shape.find(snapshotAt); there {
		p.problem("history: view %q has a column %q of its own, which is what its history calls the snapshot's time: drop it under columns", name, snapshotAt)
		return
	}
	h := history{now: v.shape, branches: []branch{{v.shape, v.shape, p.request.Record.Snapshot.CreatedAt}}}
	for _, e := range p.past.exports {
		old, there := e.tables[name]
		switch {
		case !there:
		case old.err != nil:
			p.problem("history of %q: %v", name, old.err)
		default:
			h.branches = append(h.branches, branch{old.shape, p.like(v, old, e), e.SnapshotAt})
		}
	}
	o := &view{name: name + workflow.HistorySuffix, kind: lake.OfHistory, of: "the history of table " + v.table.String()}
	left, room := h.fit(statementBytes - len(o.prefix(p.source.Database())))
	left += p.past.left
	switch shown := len(h.branches); {
	case shown == 0:
		p.stays[o.name] = v.table.String()
		p.warnings = append(p.warnings, fmt.Sprintf("%s: its columns do not fit into the %d bytes of a statement, so it stays as it is", o.name, statementBytes))
		return
	case left > 0:
		p.warnings = append(p.warnings, fmt.Sprintf("%s shows the newest %d exports; the %d before them do not fit", o.name, shown, left))
	case room < runsAhead && shown+room < p.source.Keep:
		p.warnings = append(p.warnings, fmt.Sprintf("%s has room for %d more exports; after that it leaves out the oldest of the %d that are kept", o.name, room, p.source.Keep))
	}
	o.query = h.query
	p.views = append(p.views, o)
}

// history is a table as several exports have it, the newest first.
type history struct {
	now      shape
	branches []branch
}

// branch is a table as one export has it: as it was crawled, and with the columns of the newest.
type branch struct {
	crawled, like shape
	at            time.Time
}

// fit leaves out the oldest branches that a query of so many bytes has no room for. It returns how many these are, and how many more
// there would be room for.
func (h *history) fit(bytes int) (left, room int) {
	const union = len("\nUNION ALL\n")
	outer, inner := h.columns()
	bytes -= len("SELECT\n  " + outer + "\nFROM (\n\n)")
	for i, query := range inner {
		if bytes -= len(query) + union; bytes < 0 || i == historyExports {
			h.branches = h.branches[:i]
			return len(inner) - i, 0
		}
	}
	return 0, min(historyExports-len(inner), bytes/(len(inner[0])+union))
}

// query casts each column once, outside of the union.
func (h history) query() string {
	outer, inner := h.columns()
	return "SELECT\n  " + outer + "\nFROM (\n" + strings.Join(inner, "\nUNION ALL\n") + "\n)"
}

// columns are the list of the columns and the query of each branch. Where all exports have a column as the newest has it, the branches
// read it as it was crawled; else each of them casts it.
func (h history) columns() (outer string, inner []string) {
	list := []string{quote(snapshotAt)}
	columns := make([][]column, len(h.branches))
	for i, b := range h.branches {
		columns[i] = []column{{name: snapshotAt, expression: moment(b.at), sqlType: "timestamp(3)"}}
	}
	for n, c := range h.now.columns {
		agree := !slices.ContainsFunc(h.branches, func(b branch) bool {
			was, there := b.crawled.find(c.name)
			return there && b.crawled.crawled != "" && was != c
		})
		if !agree {
			list = append(list, quote(c.name))
		} else {
			list = append(list, c.as())
		}
		for i, b := range h.branches {
			raw := column{name: c.name, expression: quote(c.name), sqlType: c.crawledType}
			if _, there := b.crawled.find(c.name); !there {
				raw = raw.null()
			}
			if !agree {
				raw = b.like.columns[n]
			}
			columns[i] = append(columns[i], raw)
		}
	}
	for i, b := range h.branches {
		b.like.columns = columns[i]
		inner = append(inner, b.like.query())
	}
	return strings.Join(list, ",\n  "), inner
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
		now := column{name: c.name, expression: c.null().expression, sqlType: c.sqlType, crawledType: c.crawledType}
		if was, there := old.shape.find(c.name); there {
			expression, ok := convert(was.expression, was.sqlType, c.sqlType)
			if ok {
				now.expression = expression
			} else {
				p.warnings = append(p.warnings, fmt.Sprintf("%s.%s: it was %s in export %s, which cannot become %s: NULL there", v.name, c.name, was.sqlType, e.ID, c.sqlType))
			}
		}
		like.columns = append(like.columns, now)
	}
	old.like = &like
	return like
}
