package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// crawledTable is a table that the crawler made.
type crawledTable struct {
	name string
	// columns of the files. The crawler's partition columns are not among them: they say in which batch RDS wrote a row.
	columns []crawledColumn
}

type crawledColumn struct{ name, glueType string }

// crawled returns the crawled tables by location. The error is a [workflow.TablesMissing] when one is not among them that the
// export holds.
func (h *Handler) crawled(ctx context.Context, b basis, exported []manifest.Table, past past, entries entries) (map[string]*crawledTable, error) {
	tables, unreadable, err := h.crawledTables(ctx, crawledPrefixes(b, past, entries))
	if err != nil {
		return nil, err
	}
	if missing := notCrawled(b, exported, tables); len(missing) > 0 {
		return nil, workflow.Errorf[workflow.TablesMissing](
			"the views of source %q stay as they are: database %q lacks tables that lie in %s:\n%s\nSee in the crawler's log why it left them out. Redrive to crawl once more",
			b.source.Name, h.Config.CrawledDatabase(), b.root, list(missing))
	}
	return tables, h.makeReadable(ctx, unreadable)
}

func notCrawled(b basis, exported []manifest.Table, crawled map[string]*crawledTable) []string {
	var missing []string
	for _, t := range exported {
		if isExported(t) && b.wants(t) && !t.Empty() && crawled[b.root+t.Folder] == nil {
			missing = append(missing, t.String())
		}
	}
	return missing
}

// crawledPrefixes are what the names of the tables begin with that were crawled of the source's exports: of those that are there, and of
// those that are not there any more and that a view still reads.
func crawledPrefixes(b basis, past past, entries entries) []string {
	prefixes := []string{b.id.TablePrefix()}
	add := func(prefix string) {
		if !slices.Contains(prefixes, prefix) {
			prefixes = append(prefixes, prefix)
		}
	}
	for _, e := range past.all {
		add(e.ID.TablePrefix())
	}
	for _, e := range entries {
		for _, name := range e.crawled {
			add(workflow.TablePrefixOf(name))
		}
	}
	slices.Sort(prefixes)
	return prefixes
}

// crawledTables returns the tables whose names have one of the prefixes by the folder that they read,
// "s3://bucket/exports/shop/ID/shop/shop.users/", and those of them that Athena does not read as they are. Each prefix is asked for by itself: Glue's guide does not say how much of a regular expression GetTables understands.
func (h *Handler) crawledTables(ctx context.Context, prefixes []string) (tables map[string]*crawledTable, unreadable []types.Table, err error) {
	tables = map[string]*crawledTable{}
	take := func(t types.Table) {
		location := catalog.Location(t)
		if location == "" || tables[location] != nil {
			return // two tables over one folder have the same rows
		}
		table := &crawledTable{name: aws.ToString(t.Name), columns: make([]crawledColumn, len(t.StorageDescriptor.Columns))}
		for i, c := range t.StorageDescriptor.Columns {
			table.columns[i] = crawledColumn{strings.ToLower(aws.ToString(c.Name)), strings.ToLower(aws.ToString(c.Type))}
		}
		tables[location] = table
		if !isReadable(t) {
			unreadable = append(unreadable, t)
		}
	}
	for _, prefix := range prefixes {
		if err := h.eachTable(ctx, h.Config.CrawledDatabase(), aws.String(prefix+".*"), take); err != nil {
			return nil, nil, err
		}
	}
	return tables, unreadable, nil
}

// entries are what is in a view database, by their names.
type entries map[string]entry

// entry is a view, or a table that somebody put among them.
type entry struct {
	isView bool
	// columns of a view, and the names of crawled tables in it; none of one that cannot be read, which is as good as none: it is about
	// to be replaced.
	columns []catalog.Column
	crawled []string
	// views are the names of what a view reads in its own database; only of one that reads no crawled table.
	views []string
}

// entries lists a view database.
func (h *Handler) entries(ctx context.Context, database string) (entries, error) {
	all := entries{}
	err := h.eachTable(ctx, database, nil, func(t types.Table) {
		e := entry{isView: catalog.IsView(t)}
		if e.isView {
			if e.crawled = crawledIn(t); len(e.crawled) == 0 {
				query, _ := catalog.Query(t)
				e.views = readIn(query, database)
			}
			e.columns, _ = catalog.Columns(t)
		}
		all[aws.ToString(t.Name)] = e
	})
	return all, err
}

// crawledIn are the names of crawled tables in a view, and the table prefixes that stand in the place of empty tables. A word is copied, since
// it would keep the whole query.
func crawledIn(view types.Table) []string {
	words, err := catalog.Words(view)
	if err != nil {
		return nil
	}
	var crawled []string
	for _, word := range words {
		if _, ok := workflow.SnapshotTimeOf(word); ok && !slices.Contains(crawled, word) {
			crawled = append(crawled, strings.Clone(word))
		}
	}
	return crawled
}

// reads tells whether a view reads a crawled table of an export, or is of an empty table of it.
func (e entry) reads(tablePrefix string) bool {
	return slices.ContainsFunc(e.crawled, func(name string) bool { return strings.HasPrefix(name, tablePrefix) })
}

// isOf reports whether a view reads an export.
func (e entry) isOf(x lake.Export) bool { return e.reads(x.ID.TablePrefix()) }

// eachTable lists a database, or those of its tables whose names an expression matches.
func (h *Handler) eachTable(ctx context.Context, database string, expression *string, take func(types.Table)) error {
	pages := glue.NewGetTablesPaginator(h.Glue, &glue.GetTablesInput{DatabaseName: &database, Expression: expression})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == "EntityNotFoundException" {
			return workflow.Errorf[workflow.CallRefused](
				"glue database %q does not exist, and deploying does not bring back what was deleted by hand: create it, then redrive: %w", database, awserr.Brief(err))
		}
		if err != nil {
			return fmt.Errorf("list the tables of database %q: %w", database, err)
		}
		for _, t := range page.TableList {
			take(t)
		}
	}
	return nil
}
