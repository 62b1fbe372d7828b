package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// repair returns a crawled table without duplicate columns, and with other names for partition keys that have the name of a column. It
// reports whether the table needs that: Athena refuses to read it otherwise (HIVE_INVALID_METADATA). A crawler names partition keys
// partition_0, partition_1, whatever the names of the columns. The Athena guide describes the same for the Glue console ("ALTER TABLE
// RENAME PARTITION", "Renaming a partition column in AWS Glue").
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

// update replaces crawled tables.
func (r Reader) update(ctx context.Context, tables []*types.TableInput) error {
	for _, t := range tables {
		if _, err := r.Glue.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: &r.CrawledDatabase, TableInput: t}); err != nil {
			return fmt.Errorf("rename the partition keys of table %q: %w", aws.ToString(t.Name), err)
		}
		r.Log.InfoContext(ctx, "renamed partition keys with the name of a column", "table", aws.ToString(t.Name))
	}
	return nil
}
