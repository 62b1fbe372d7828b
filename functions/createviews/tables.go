package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
)

// crawledTable is a table that the crawler made.
type crawledTable struct {
	name string
	// columns of the files. The crawler's partition columns are not among them: they say in which batch RDS wrote a row.
	columns []crawledColumn
}

type crawledColumn struct{ name, glueType string }

// crawledTables returns the tables of the crawled database by the folder that they read: "s3://bucket/exports/shop/ID/shop/shop.users/".
func (h *Handler) crawledTables(ctx context.Context) (map[string]*crawledTable, error) {
	list, err := h.listTables(ctx, h.Config.CrawledDatabase())
	if err != nil {
		return nil, err
	}
	tables := map[string]*crawledTable{}
	for _, t := range list {
		if t.StorageDescriptor == nil || t.StorageDescriptor.Location == nil {
			continue
		}
		location := strings.TrimSuffix(*t.StorageDescriptor.Location, "/") + "/"
		if tables[location] != nil {
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

// virtualView is Glue's table type of a view.
const virtualView = "VIRTUAL_VIEW"

// entries returns what there is in a view database by its name: each entry's table type.
func (h *Handler) entries(ctx context.Context, database string) (map[string]string, error) {
	list, err := h.listTables(ctx, database)
	if err != nil {
		return nil, err
	}
	entries := map[string]string{}
	for _, t := range list {
		entries[aws.ToString(t.Name)] = cmp.Or(aws.ToString(t.TableType), "EXTERNAL_TABLE")
	}
	return entries, nil
}

func (h *Handler) listTables(ctx context.Context, database string) ([]types.Table, error) {
	var tables []types.Table
	pages := glue.NewGetTablesPaginator(h.Glue, &glue.GetTablesInput{DatabaseName: &database})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == "EntityNotFoundException" {
			return nil, fmt.Errorf("glue database %q does not exist, and deploying does not bring back what was deleted by hand: create it, then redrive this execution: %w", database, err)
		}
		if err != nil {
			return nil, fmt.Errorf("list the tables of database %q: %w", database, err)
		}
		tables = append(tables, page.TableList...)
	}
	return tables, nil
}
