package viewplan

import (
	"slices"
	"strings"
	"time"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

// snapshotAt is the name of the column that holds the time of the snapshot.
const snapshotAt = "snapshot_at"

// timestamp returns an expression for a time. Its type is timestamp(3), because every client can parse three decimal places.
func timestamp(t time.Time) string {
	return "CAST(" + projection.Literal(t.UTC().Format("2006-01-02 15:04:05.000")) + " AS timestamp(3))"
}

const (
	// historyExports is the maximum number of exports in a history view. Each export is a stage of the query, and Athena allows 150 stages.
	historyExports = 100
	// runsAhead is the number of further exports that must fit into a history view. If fewer fit, CreateViews warns.
	runsAhead = 30
)

// addHistory adds a table's history view: the rows of each export with the time of its snapshot. A query for one snapshot reads the files
// of only one export, because the times are constants. If not all exports fit, the view omits the oldest ones, and there is a warning.
func (p *Plan) addHistory(name string) {
	v := p.tableOf[name]
	if v == nil {
		return
	}
	if _, there := v.projection.Find(snapshotAt); there {
		p.problem("history: view %q has a column %q, which is the snapshot time in its history view; add a rule under \"columns\" that drops it",
			name, snapshotAt)
		return
	}
	h := history{now: v.projection, branches: []branch{{v.projection, v.projection, p.SnapshotAt}}}
	for _, e := range p.previous {
		switch old := e.tables[name]; {
		case old == nil:
		case old.err != nil:
			p.problem("history of %q: %v", name, old.err)
		default:
			h.branches = append(h.branches, branch{old.projection, p.align(v, old, e), e.SnapshotAt})
		}
	}
	o := &View{Name: name + workflow.HistorySuffix, kind: exports.OfHistory, label: "the history view of table " + v.table.String()}
	omitted, room := h.fit(statement.MaxBytes - len(o.prefix(p.Source.Database())))
	omitted += p.omitted
	switch shown := len(h.branches); {
	case shown == 0:
		p.kept[o.Name] = keptView{kind: exports.OfHistory}
		p.warn("%s was not changed, because its statement would exceed Athena's limit of %d bytes", o.Name, statement.MaxBytes)
		return
	case omitted > 0:
		p.warn("%s shows only the newest %d exports; the %d oldest exceed the limits of a history view", o.Name, shown, omitted)
	case room < runsAhead && shown+room < p.Source.Keep:
		p.warn("%s can show %d more exports; after that, it omits the oldest of the %d exports that are kept", o.Name, room, p.Source.Keep)
	}
	o.query = h.query
	p.views = append(p.views, o)
}

// history is a table in several exports, newest first.
type history struct {
	now      projection.Table
	branches []branch
}

// branch is a table in one export. The field aligned holds the projection with the columns of the newest export.
type branch struct {
	own, aligned projection.Table
	at           time.Time
}

// fit removes the oldest branches until the query fits into the given size. It returns how many it removed, and how many more would fit.
func (h *history) fit(bytes int) (omitted, room int) {
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

func (h history) query() string {
	outer, inner := h.columns()
	return "SELECT\n  " + outer + "\nFROM (\n" + strings.Join(inner, "\nUNION ALL\n") + "\n)"
}

// columns returns the outer column list and the query of each branch. If a column is the same in all exports, the branches select the
// crawled column and the outer list casts it once. Otherwise each branch casts it.
func (h history) columns() (outer string, inner []string) {
	list := []string{projection.Quote(snapshotAt)}
	columns := make([][]projection.Column, len(h.branches))
	for i, b := range h.branches {
		columns[i] = []projection.Column{{Name: snapshotAt, Expression: timestamp(b.at), Type: "timestamp(3)"}}
	}
	for n, c := range h.now.Columns {
		differ := slices.ContainsFunc(h.branches, func(b branch) bool {
			was, there := b.own.Find(c.Name)
			return there && b.own.Crawled != "" && was != c
		})
		item := c.SQL()
		if differ {
			item = projection.Quote(c.Name)
		}
		list = append(list, item)
		for i, b := range h.branches {
			column := projection.Column{Name: c.Name, Expression: projection.Quote(c.Name), Type: c.CrawledType}
			if differ {
				column = b.aligned.Columns[n]
			} else if _, there := b.own.Find(c.Name); !there {
				column = column.Null()
			}
			columns[i] = append(columns[i], column)
		}
	}
	for i, b := range h.branches {
		b.aligned.Columns = columns[i]
		inner = append(inner, b.aligned.Query())
	}
	return strings.Join(list, ",\n  "), inner
}
