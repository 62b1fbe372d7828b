package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"snaplake/local/internal/athenaclient"
	"snaplake/workflow"
)

// fewRows is the number of rows that are shown per view.
const fewRows = 3

// showViews adds the views to the report and prints them. If all is true, it also prints their columns and a few rows.
func (n runner) showViews(ctx context.Context, source workflow.Source, r *executionReport, all bool) error {
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

// The maximum widths, in characters, of a value in a view and of a line in a query result.
const (
	maxValue = 24
	maxLine  = 160
)

// printColumns writes one line per column: name, type and values.
func printColumns(out io.Writer, a athenaclient.Result) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	for i, c := range a.Columns {
		line := table.Row{"", c.Name, c.Type}
		for _, row := range a.Rows {
			line = append(line, text.Trim(cell(row[i]), maxValue))
		}
		t.AppendRow(line)
	}
	for line := range strings.Lines(t.Render()) {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
}

// printAnswer writes a query result, with long lines truncated to maxLine characters.
func printAnswer(out io.Writer, a athenaclient.Result) {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.Style().Size.WidthMax = maxLine
	header := table.Row{}
	for _, c := range a.Columns {
		header = append(header, c.Name+"\n"+c.Type)
	}
	t.AppendHeader(header)
	for _, row := range a.Rows {
		line := table.Row{}
		for _, v := range row {
			line = append(line, cell(v))
		}
		t.AppendRow(line)
	}
	t.Render()
}

// cell formats a value on one line.
func cell(value *string) string {
	if value == nil {
		return "NULL"
	}
	return strings.Join(strings.Fields(*value), " ")
}
