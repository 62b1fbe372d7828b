package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/catalog"
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

const (
	// looks is how often CreateViews looks for the tables of a crawl that has succeeded.
	looks = 3
	// betweenLooks is short: Glue is not known to show a table late, and this is in case it does.
	betweenLooks = time.Second
)

// crawled returns the crawled tables by location. The error is a [workflow.TablesMissing] when one is not among them that the
// export holds.
func (h *Handler) crawled(ctx context.Context, b basis, exported []manifest.Table) (map[string]*crawledTable, error) {
	for look := 1; ; look++ {
		tables, err := h.crawledTables(ctx)
		if err != nil {
			return nil, err
		}
		missing := notCrawled(b, exported, tables)
		if len(missing) == 0 {
			return tables, nil
		}
		if look == looks {
			return nil, workflow.Errorf[workflow.TablesMissing](
				"the views of source %q stay as they are: database %q lacks tables that lie in %s:\n%s\nSee in the crawler's log why it left them out. %s",
				b.source.Name, h.Config.CrawledDatabase(), b.root, list(missing), b.crawlAgain())
		}
		if err := h.pause(ctx, betweenLooks); err != nil {
			return nil, err
		}
	}
}

func notCrawled(b basis, exported []manifest.Table, crawled map[string]*crawledTable) []string {
	var missing []string
	for _, t := range exported {
		if isExported(t) && b.source.Wants(t.Database, t.Schema, t.Name) && !t.Empty() && crawled[b.root+t.Folder] == nil {
			missing = append(missing, t.String())
		}
	}
	return missing
}

// crawledTables returns the tables of the crawled database by the folder that they read: "s3://bucket/exports/shop/ID/shop/shop.users/".
func (h *Handler) crawledTables(ctx context.Context) (map[string]*crawledTable, error) {
	list, err := h.listTables(ctx, h.Config.CrawledDatabase())
	if err != nil {
		return nil, err
	}
	tables := map[string]*crawledTable{}
	for _, t := range list {
		location := catalog.Location(t)
		if location == "" || tables[location] != nil {
			continue // two tables over one folder have the same rows
		}
		table := &crawledTable{name: aws.ToString(t.Name)}
		for _, c := range t.StorageDescriptor.Columns {
			table.columns = append(table.columns, crawledColumn{
				name:     strings.ToLower(aws.ToString(c.Name)),
				glueType: strings.ToLower(aws.ToString(c.Type)),
			})
		}
		tables[location] = table
	}
	return tables, nil
}

// entries are what is in a view database, by their names.
type entries map[string]entry

// entry is a view, or a table that somebody put among them.
type entry struct {
	isView bool
	// columns and words of a view; none of one that cannot be read, which is as good as none: it is about to be replaced.
	columns []catalog.Column
	words   []string
}

func byName(tables []types.Table) entries {
	all := entries{}
	for _, t := range tables {
		e := entry{isView: catalog.IsView(t)}
		if e.isView {
			e.columns, _ = catalog.Columns(t)
			e.words, _ = catalog.Words(t)
		}
		all[aws.ToString(t.Name)] = e
	}
	return all
}

// reads tells whether a view reads a crawled table of an export, or is of an empty table of it.
func (e entry) reads(tablePrefix string) bool {
	return slices.ContainsFunc(e.words, func(word string) bool { return strings.HasPrefix(word, tablePrefix) })
}

func (h *Handler) listTables(ctx context.Context, database string) ([]types.Table, error) {
	tables, err := catalog.Tables(ctx, h.Glue, database)
	if awserr.Code(err) == "EntityNotFoundException" {
		return nil, workflow.Errorf[workflow.CallRefused](
			"glue database %q does not exist, and deploying does not bring back what was deleted by hand: create it, then redrive: %w", database, awserr.Brief(err))
	}
	return tables, err
}
