package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"snaplake/workflow"
)

// retention is what decides whether an export of a source goes, and what was decided.
type retention struct {
	source    workflow.Source
	at        time.Time
	published *lakeExport
	// goes are the identifiers of the exports that do.
	goes []string
}

func (l *lakeCopy) printRetention(ctx context.Context, r retention, exports []*lakeExport) error {
	settings := fmt.Sprintf("keep: %d", r.source.Keep)
	if r.source.KeepDays > 0 {
		settings += fmt.Sprintf(", keep_days: %d", r.source.KeepDays)
	}
	fmt.Printf("Source %s, %s. The last run ended at %s.\n", r.source.Name, settings, workflow.FormatTime(r.at))
	reads, err := l.reads(ctx)
	if err != nil {
		return err
	}
	t := table.NewWriter()
	t.SetOutputMirror(os.Stdout)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"export", "age", "tables", "objects", "bytes", ""})
	kept := 0
	for _, e := range exports {
		tables := reads.tables[e.folder]
		why := "goes"
		if reasons := r.reasons(e, reads.views(tables), &kept); !slices.Contains(r.goes, e.id.String()) {
			why = "stays: " + strings.Join(reasons, "; ")
		}
		t.AppendRow(table.Row{e.id, age(r.at.Sub(e.id.SnapshotTime)), len(tables), len(e.objects), e.bytes, why})
	}
	t.Render()
	return nil
}

// reasons are why an export stays. kept is how many newer ones count as kept; one that does is added to it.
func (r retention) reasons(e *lakeExport, views []string, kept *int) []string {
	var reasons []string
	if e == r.published {
		reasons = append(reasons, "published")
	}
	tooOld := r.source.KeepDays > 0 && e.id.SnapshotTime.Before(r.at.AddDate(0, 0, -r.source.KeepDays))
	if e.info.Status == workflow.Complete && !tooOld && *kept < r.source.Keep {
		*kept++
		reasons = append(reasons, fmt.Sprintf("%d of %d kept", *kept, r.source.Keep))
	}
	switch more := len(views) - 1; {
	case more == 0:
		reasons = append(reasons, "read by "+views[0])
	case more > 0:
		reasons = append(reasons, fmt.Sprintf("read by %s and %d more", views[0], more))
	}
	if len(reasons) == 0 {
		reasons = append(reasons, "RDS may still write it, or a view reads a table of it that the catalog has no more")
	}
	return reasons
}

// age prints how old an export is, in days and hours.
func age(d time.Duration) string {
	hours := int(d / time.Hour)
	return fmt.Sprintf("%d d %d h", hours/24, hours%24)
}
