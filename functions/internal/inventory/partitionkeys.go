package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// isReadable reports whether no two columns of a crawled table, its partition keys among them, have one name. Athena refuses to read
// any other table (HIVE_INVALID_METADATA). A crawler calls its partition keys partition_0, partition_1, whatever the columns are called.
func isReadable(t types.Table) bool {
	seen := map[string]bool{}
	for _, c := range slices.Concat(t.StorageDescriptor.Columns, t.PartitionKeys) {
		name := strings.ToLower(aws.ToString(c.Name))
		if seen[name] {
			return false
		}
		seen[name] = true
	}
	return true
}

// makeReadable leaves out what columns are there twice and gives the partition keys of tables names that no column has, as people do in
// the Glue console (Athena guide, "ALTER TABLE RENAME PARTITION", "Renaming a partition column in AWS Glue").
func (h *Handler) makeReadable(ctx context.Context, tables []types.Table) error {
	database := h.Config.CrawledDatabase()
	for _, t := range tables {
		taken := map[string]bool{}
		sd := *t.StorageDescriptor
		sd.Columns = slices.DeleteFunc(slices.Clone(sd.Columns), func(c types.Column) bool {
			name := strings.ToLower(aws.ToString(c.Name))
			twice := taken[name]
			taken[name] = true
			return twice
		})
		keys := slices.Clone(t.PartitionKeys)
		for i := range keys {
			name := strings.ToLower(aws.ToString(keys[i].Name))
			for taken[name] {
				name = "_" + name
			}
			taken[name], keys[i].Name = true, &name
		}
		_, err := h.Glue.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: &database, TableInput: &types.TableInput{
			Name: t.Name, Description: t.Description, Owner: t.Owner, Retention: t.Retention, StorageDescriptor: &sd, PartitionKeys: keys,
			TableType: t.TableType, Parameters: t.Parameters,
		}})
		if err != nil {
			return fmt.Errorf("rename the partition keys of table %q: %w", aws.ToString(t.Name), err)
		}
		h.Log.InfoContext(ctx, "renamed partition keys that columns are called like", "table", aws.ToString(t.Name))
	}
	return nil
}
