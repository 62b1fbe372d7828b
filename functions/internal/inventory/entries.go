package inventory

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

// Entries maps the names of the views and tables in a view database to what is known about them.
type Entries map[string]Entry

// Entry is a view, or a table that a user created in the view database.
type Entry struct {
	IsView bool
	// Columns holds the columns of a view. It is empty if the view cannot be decoded; such a view is about to be replaced.
	Columns []catalog.Column
	// Crawled holds the names of the crawled tables that a view reads, and for empty tables their table prefix.
	Crawled []string
	// Views holds the names of the views that a view reads in its own database. It is only set if the view reads no crawled table.
	Views []string
}

// ReadsExport reports whether a view reads a crawled table of an export or shows an empty table of the export.
func (e Entry) ReadsExport(id workflow.ExportID) bool {
	return slices.ContainsFunc(e.Crawled, func(name string) bool { return strings.HasPrefix(name, id.TablePrefix()) })
}

// ReadsExportOf is like ReadsExport.
func (e Entry) ReadsExportOf(x exports.Export) bool { return e.ReadsExport(x.ID) }

// ReadEntries lists a view database.
func (r Reader) ReadEntries(ctx context.Context, database string) (Entries, error) {
	entries := Entries{}
	err := r.eachTable(ctx, database, "", func(t types.Table) {
		e := Entry{IsView: catalog.IsView(t)}
		if e.IsView {
			e.Columns, _ = catalog.Columns(t)
			if e.Crawled = crawledNames(t); len(e.Crawled) == 0 {
				query, _ := catalog.Query(t)
				e.Views = ReferencedViews(query, database)
			}
		}
		entries[aws.ToString(t.Name)] = e
	})
	return entries, err
}

// crawledNames returns the names of crawled tables, and the table prefixes, in a view's query.
func crawledNames(view types.Table) (crawled []string) {
	words, _ := catalog.Words(view)
	for _, word := range words {
		if _, ok := workflow.SnapshotTimeOf(word); ok && !slices.Contains(crawled, word) {
			crawled = append(crawled, strings.Clone(word)) // a substring would keep the query in memory
		}
	}
	return crawled
}

// ReferencedViews returns the names of the views and tables that a query reads in its own database.
func ReferencedViews(query, database string) []string {
	var names []string
	for _, r := range workflow.TableRefs(query) {
		if r.Database == "" || r.Database == database {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
