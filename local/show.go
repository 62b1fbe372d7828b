package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"snaplake/local/internal/athenaclient"
	"snaplake/workflow"
)

const (
	fewRows  = 3  // the number of rows in the preview of a view
	maxValue = 24 // the width of a value in a preview, in cells
)

// preview reads the columns and the first rows of a view.
func preview(ctx context.Context, a athenaclient.Client, name string, rows int) (athenaclient.Result, error) {
	few, err := a.Query(ctx, fmt.Sprintf(`SELECT * FROM "%s" LIMIT %d`, name, rows))
	if err != nil {
		return few, fmt.Errorf("read %s.%s: %w", a.Database, name, err)
	}
	return few, nil
}

// printColumns writes one line per column: name, type and values. A value that is too long ends with "…".
func printColumns(out io.Writer, a athenaclient.Result) {
	var lines []table.Row
	for i, c := range a.Columns {
		line := table.Row{shown(&c.Name), c.Type}
		for _, row := range a.Rows {
			line = append(line, text.Snip(shown(row[i]), maxValue, "…"))
		}
		lines = append(lines, line)
	}
	printAligned(out, lines)
}

// printAligned writes lines with aligned columns.
func printAligned(out io.Writer, lines []table.Row) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	for _, line := range lines {
		t.AppendRow(append(table.Row{""}, line...)) // an empty column indents the others
	}
	for line := range strings.Lines(t.Render()) {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
}

// showViews prints the views. If all is true, it also prints their columns and a few rows.
func (n runner) showViews(ctx context.Context, source workflow.Source, all bool) error {
	a := athenaclient.New(n.aws, source.Database())
	names, err := a.Query(ctx, "SHOW VIEWS")
	if err != nil {
		return fmt.Errorf("list the views: %w", err)
	}
	fmt.Println()
	for _, row := range names.Rows {
		name := *row[0]
		count, err := a.Query(ctx, `SELECT count(*) AS n FROM "`+name+`"`)
		if err != nil {
			return fmt.Errorf("count the rows of %s.%s: %w", a.Database, name, err)
		}
		few, err := preview(ctx, a, name, fewRows)
		if err != nil {
			return err
		}
		fmt.Printf("%-40s %10s rows\n", a.Database+"."+name, *count.Rows[0][0])
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

// showLake lists the databases, their views with the age of the data, and the views' columns. If only is not "", it lists only this database.
func showLake(ctx context.Context, out io.Writer, a athenaclient.Client, only string) error {
	databases, err := a.Query(ctx, "SHOW DATABASES")
	if err != nil {
		return fmt.Errorf("list the databases: %w", err)
	}
	isOther := func(row []*string) bool { return only != "" && *row[0] != only }
	rows := slices.DeleteFunc(databases.Rows, isOther)
	if len(rows) == 0 && only != "" {
		return fmt.Errorf("there is no database %q", only)
	}
	for _, row := range rows {
		a.Database = *row[0]
		if err := showDatabase(ctx, out, a); err != nil {
			return err
		}
	}
	return nil
}

func showDatabase(ctx context.Context, out io.Writer, a athenaclient.Client) error {
	names, err := a.Query(ctx, "SHOW VIEWS")
	if err != nil {
		return fmt.Errorf("list the views of %s: %w", a.Database, err)
	}
	fmt.Fprintf(out, "Database %s: %d views\n\n", a.Database, len(names.Rows))
	ages := map[string]string{} // a user-defined view has no age
	if slices.ContainsFunc(names.Rows, func(row []*string) bool { return *row[0] == workflow.FreshnessView }) {
		freshness, err := a.Query(ctx, "SELECT view_name, snapshot_at, CAST(current_timestamp AS timestamp(3)) FROM "+workflow.FreshnessView)
		if err != nil {
			return fmt.Errorf("read the freshness of %s: %w", a.Database, err)
		}
		for _, row := range freshness.Rows {
			ages[*row[0]] = snapshotAge(*row[1], *row[2])
		}
	}
	for _, row := range names.Rows {
		name := *row[0]
		fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("%-40s %s", a.Database+"."+name, ages[name]), " "))
		none, err := preview(ctx, a, name, 0)
		if err != nil {
			fmt.Fprintf(out, "   %v\n", err)
		}
		printColumns(out, none)
		fmt.Fprintln(out)
	}
	return nil
}

// snapshotAge describes the time of a snapshot. Both times are timestamps in Athena's format.
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
