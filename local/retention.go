package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"snaplake/workflow"
)

// retention holds Prune's decision about the exports of a source.
type retention struct {
	source    workflow.Source
	at        time.Time
	published *lakeExport
	// expired lists the IDs of the exports to delete.
	expired []string
}

func (l *lake) printRetention(ctx context.Context, r retention, exports []*lakeExport) error {
	settings := fmt.Sprintf("keep: %d", r.source.Keep)
	if r.source.KeepDays > 0 {
		settings += fmt.Sprintf(", keep_days: %d", r.source.KeepDays)
	}
	fmt.Printf("Source %s, %s. The last run ended at %s.\n", r.source.Name, settings, workflow.FormatTime(r.at))
	refs, err := l.references(ctx)
	if err != nil {
		return err
	}
	t := table.NewWriter()
	t.SetOutputMirror(os.Stdout)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"export", "age", "tables", "objects", "bytes", ""})
	for _, e := range exports {
		tables := refs.tables[e.folder]
		t.AppendRow(table.Row{e.id, age(r.at.Sub(e.id.SnapshotTime)), len(tables), len(e.objects), e.bytes, r.describe(e, refs.views(tables))})
	}
	t.Render()
	return nil
}

// describe says whether an export is kept, and which views read it.
func (r retention) describe(e *lakeExport, views []string) string {
	switch more := len(views) - 1; {
	case slices.Contains(r.expired, e.id.String()):
		return "expired"
	case e == r.published:
		return "kept, newest published"
	case more == 0:
		return "kept, read by " + views[0]
	case more > 0:
		return fmt.Sprintf("kept, read by %s and %d more", views[0], more)
	}
	return "kept"
}

// age formats a duration in days and hours.
func age(d time.Duration) string {
	hours := int(d / time.Hour)
	return fmt.Sprintf("%d d %d h", hours/24, hours%24)
}
