package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/projection"
	"snaplake/workflow"
)

// Entries maps the names of the views and tables in a view database to their entries.
type Entries map[string]Entry

// Entry is a view, or a table that a user created in the view database.
type Entry struct {
	IsView bool
	// Columns holds the columns of a view. It is empty if the view cannot be decoded; such a view is about to be replaced.
	Columns []catalog.Column
	// Crawled holds the names of the crawled tables that a view reads. For the view of an empty table, it holds a table prefix.
	Crawled []string
	// Views holds the names of the views that a view reads in its own database. It is set only if the view reads no crawled table.
	Views []string
}

// ReadsExport reports whether a view reads a crawled table of an export or shows an empty table of the export.
func (e Entry) ReadsExport(id workflow.ExportID) bool {
	return slices.ContainsFunc(e.Crawled, func(name string) bool { return strings.HasPrefix(name, id.TablePrefix()) })
}

// ReadsExportOf is like [Entry.ReadsExport], but takes an [exports.Export].
func (e Entry) ReadsExportOf(x exports.Export) bool { return e.ReadsExport(x.ID) }

// ReadEntries returns the entries of a view database.
func (r Reader) ReadEntries(ctx context.Context, database string) (Entries, error) {
	entries := Entries{}
	err := r.eachTable(ctx, database, "", func(t types.Table) {
		e := Entry{IsView: catalog.IsView(t)}
		if e.IsView {
			view, _ := catalog.Decode(t)
			e.Columns = view.Columns
			if e.Crawled = crawledNames(view); len(e.Crawled) == 0 {
				e.Views = ReferencedViews(view.Query, database)
			}
		}
		entries[aws.ToString(t.Name)] = e
	})
	return entries, err
}

// crawledNames returns the names of crawled tables and the table prefixes that occur in a view's query.
func crawledNames(view catalog.View) (crawled []string) {
	for _, word := range view.Words() {
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

// Glue's documentation does not say whether GetTables lists a new table immediately, so the tables are listed up to three times.
const (
	attempts = 3
	interval = time.Second
)

// readCrawled reads the crawled tables of all exports. The error is a [workflow.TablesMissing] if a table of this export is missing.
func (r Reader) readCrawled(ctx context.Context, i *Inventory) error {
	for attempt := 1; ; attempt++ {
		repaired, tableCounts, err := r.listCrawled(ctx, i)
		if err != nil {
			return err
		}
		missing := notCrawled(i)
		switch {
		case len(missing) == 0 && (attempt == attempts || i.areListed(tableCounts)):
			return r.update(ctx, repaired)
		case attempt == attempts:
			return workflow.Errorf[workflow.TablesMissing](
				"the views of source %q were not changed, because database %q lacks tables of %s:\n%s\n"+
					"The crawler's log shows why they are missing. Redrive to crawl again",
				i.Source.Name, r.CrawledDatabase, i.Root, strings.Join(workflow.Summarize(missing, workflow.MaxListed), "\n"))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(interval):
		}
	}
}

// areListed reports whether Glue lists all crawled tables of the published exports. Only history and changes views need them. tableCounts
// holds the number of listed tables for each table prefix.
func (i *Inventory) areListed(tableCounts map[string]int) bool {
	for id, p := range i.Publications {
		if tableCounts[id.TablePrefix()] < p.CrawledTables && len(i.Source.History)+len(i.Source.Changes) > 0 {
			return false
		}
	}
	return true
}

// listCrawled lists the crawled tables of all exports. It returns the tables to repair and the number of tables for each prefix.
func (r Reader) listCrawled(ctx context.Context, i *Inventory) (repaired []*types.TableInput, tableCounts map[string]int, err error) {
	tableCounts = map[string]int{}
	i.Crawled = map[string]*projection.CrawledTable{}
	// GetTables is called for each prefix, since Glue does not document which regular expressions it supports.
	for _, prefix := range crawledPrefixes(i) {
		err := r.eachTable(ctx, r.CrawledDatabase, prefix+".*", func(t types.Table) {
			tableCounts[prefix]++
			location := catalog.Location(t)
			if location == "" || i.Crawled[location] != nil {
				return // tables with the same location have the same rows
			}
			table := &projection.CrawledTable{Name: aws.ToString(t.Name)}
			for _, c := range t.StorageDescriptor.Columns {
				table.Columns = append(table.Columns,
					catalog.Column{Name: strings.ToLower(aws.ToString(c.Name)), Type: strings.ToLower(aws.ToString(c.Type))})
			}
			i.Crawled[location] = table
			if input, isNeeded := repair(t); isNeeded {
				repaired = append(repaired, input)
			}
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return repaired, tableCounts, nil
}

func notCrawled(i *Inventory) []string {
	var missing []string
	for _, t := range i.Tables {
		if IsExported(t) && i.Selects(t) && !t.Empty() && i.Crawled[i.Root+t.Folder] == nil {
			missing = append(missing, t.String())
		}
	}
	return missing
}

// IsExported reports whether RDS exported a table. RDS may have skipped a table that allow_skipped lists. Even the folder of an empty table
// contains an object, _SUCCESS.
func IsExported(t manifest.Table) bool { return t.Complete() && t.Objects > 0 }

// crawledPrefixes returns the table prefixes of the source's exports: the exports that exist, and those that a view still reads.
func crawledPrefixes(i *Inventory) []string {
	prefixes := []string{i.ID.TablePrefix()}
	for _, e := range i.Exports {
		prefixes = append(prefixes, e.ID.TablePrefix())
	}
	for _, e := range i.Entries {
		for _, name := range e.Crawled {
			prefixes = append(prefixes, workflow.TablePrefixOf(name))
		}
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes)
}

// eachTable calls a function for each table with a name that matches an expression. An empty expression matches all names.
func (r Reader) eachTable(ctx context.Context, database, expression string, do func(types.Table)) error {
	for t, err := range catalog.Matching(ctx, r.Glue, database, expression) {
		if awserr.Code(err) == "EntityNotFoundException" {
			return workflow.Errorf[workflow.CallRefused](
				"the Glue database %q does not exist: %w. A deployment does not restore it; create the database, and then redrive",
				database, awserr.Summarize(err))
		}
		if err != nil {
			return err
		}
		do(t)
	}
	return nil
}

// repair returns a crawled table without duplicate columns, and with new names for partition keys that have the same name as a column.
// Crawlers name partition keys partition_0, partition_1 and so on, whatever the names of the columns. Athena cannot read such a table
// (HIVE_INVALID_METADATA). The Athena guide describes the same repair ("Renaming a partition column in AWS Glue").
func repair(t types.Table) (repaired *types.TableInput, isNeeded bool) {
	taken := map[string]bool{}
	sd := *t.StorageDescriptor
	sd.Columns = slices.DeleteFunc(slices.Clone(sd.Columns), func(c types.Column) bool {
		name := strings.ToLower(aws.ToString(c.Name))
		twice := taken[name]
		taken[name], isNeeded = true, isNeeded || twice
		return twice
	})
	keys := slices.Clone(t.PartitionKeys)
	for i := range keys {
		name := strings.ToLower(aws.ToString(keys[i].Name))
		for taken[name] {
			name, isNeeded = "_"+name, true
		}
		taken[name], keys[i].Name = true, &name
	}
	return &types.TableInput{
		Name: t.Name, Description: t.Description, Owner: t.Owner, Retention: t.Retention, StorageDescriptor: &sd, PartitionKeys: keys,
		TableType: t.TableType, Parameters: t.Parameters,
	}, isNeeded
}

func (r Reader) update(ctx context.Context, tables []*types.TableInput) error {
	for _, t := range tables {
		if _, err := r.Glue.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: &r.CrawledDatabase, TableInput: t}); err != nil {
			return fmt.Errorf("rename the partition keys of table %q: %w", aws.ToString(t.Name), err)
		}
		r.Log.InfoContext(ctx, "renamed partition keys that had the same name as a column", "table", aws.ToString(t.Name))
	}
	return nil
}
