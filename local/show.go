package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"snaplake/local/internal/athenaclient"
	"snaplake/workflow"
)

// fewRows is the number of rows that are shown per view.
const fewRows = 3

// showViews adds the views to the report and prints them. If all is true, it also prints their columns and a few rows.
func (n runner) showViews(ctx context.Context, r *report, all bool) error {
	a := athenaclient.New(n.aws, n.source.Database())
	names, err := a.Query(ctx, "SHOW VIEWS")
	if err != nil {
		return fmt.Errorf("list the views: %w", err)
	}
	fmt.Println()
	for _, row := range names.Rows {
		name := *row[0]
		count, err := a.Query(ctx, `SELECT count(*) AS n FROM "`+name+`"`)
		if err != nil {
			return fmt.Errorf("count the rows of %s: %w", name, err)
		}
		rows, err := strconv.ParseInt(*count.Rows[0][0], 10, 64)
		if err != nil {
			return fmt.Errorf("count the rows of %s: %w", name, err)
		}
		few, err := a.Query(ctx, fmt.Sprintf(`SELECT * FROM "%s" LIMIT %d`, name, fewRows))
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		v := view{Database: a.Database, Name: name, Rows: rows, Columns: few.Columns}
		r.Views = append(r.Views, v)
		fmt.Printf("%-40s %10d rows\n", v.Database+"."+v.Name, v.Rows)
		if all {
			printColumns(os.Stdout, few)
			fmt.Println()
		}
	}
	if !all {
		fmt.Println()
	}
	return nil
}

// maxValue is the width of a value in a preview of a view, in cells.
const maxValue = 24

// printColumns writes one line per column: name, type and values. A value that is too long ends with "…".
func printColumns(out io.Writer, a athenaclient.Result) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	for i, c := range a.Columns {
		line := table.Row{"", shown(&c.Name), c.Type}
		for _, row := range a.Rows {
			line = append(line, text.Snip(shown(row[i]), maxValue, "…"))
		}
		t.AppendRow(line)
	}
	for line := range strings.Lines(t.Render()) {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
}

// showLake lists the databases, their views with the age of the data, and the views' columns.
func showLake(ctx context.Context, out io.Writer, a athenaclient.Client) error {
	now, err := a.Query(ctx, "SELECT CAST(current_timestamp AS timestamp(3)) AS now")
	if err != nil {
		return err
	}
	databases, err := a.Query(ctx, "SHOW DATABASES")
	if err != nil {
		return fmt.Errorf("list the databases: %w", err)
	}
	for _, row := range databases.Rows {
		a.Database = *row[0]
		if err := showDatabase(ctx, out, a, *now.Rows[0][0]); err != nil {
			return err
		}
	}
	return nil
}

func showDatabase(ctx context.Context, out io.Writer, a athenaclient.Client, now string) error {
	names, err := a.Query(ctx, "SHOW VIEWS")
	if err != nil {
		return fmt.Errorf("list the views of %s: %w", a.Database, err)
	}
	fmt.Fprintf(out, "Database %s: %d views\n\n", a.Database, len(names.Rows))
	snapshots := map[string]string{}
	for _, row := range names.Rows {
		if *row[0] == workflow.FreshnessView {
			freshness, err := a.Query(ctx, "SELECT view_name, snapshot_at FROM "+workflow.FreshnessView)
			if err != nil {
				return fmt.Errorf("read the freshness of %s: %w", a.Database, err)
			}
			for _, row := range freshness.Rows {
				snapshots[*row[0]] = *row[1]
			}
		}
	}
	for _, row := range names.Rows {
		name := *row[0]
		fmt.Fprintf(out, "%-40s %s\n", a.Database+"."+name, snapshotAge(snapshots[name], now))
		none, err := a.Query(ctx, fmt.Sprintf(`SELECT * FROM "%s" LIMIT 0`, name))
		if err != nil {
			fmt.Fprintf(out, "   cannot be read: %v\n", err)
		}
		printColumns(out, none)
		fmt.Fprintln(out)
	}
	return nil
}

// snapshotAge describes the time of a snapshot, which is empty if a view has no snapshot of its own, for example a view in the user's SQL.
func snapshotAge(snapshot, now string) string {
	at, err := time.Parse(time.DateTime, snapshot)
	until, err2 := time.Parse(time.DateTime, now)
	if err != nil || err2 != nil {
		return ""
	}
	text := "snapshot of " + at.Format(time.DateTime) + " UTC"
	if age := until.Sub(at).Truncate(time.Minute); age >= time.Minute { // the clock of the run may have been ahead
		text += ", " + strings.TrimSuffix(age.String(), "0s") + " old"
	}
	return text
}
