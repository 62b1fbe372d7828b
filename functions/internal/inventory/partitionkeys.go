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

// isReadable reports whether all columns and partition keys of a crawled table have different names. Athena refuses to read any other
// table (HIVE_INVALID_METADATA). A crawler names partition keys partition_0, partition_1, whatever the names of the columns.
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

// makeReadable removes duplicate columns and renames partition keys that have the name of a column, as the Athena guide describes it for
// the Glue console ("ALTER TABLE RENAME PARTITION", "Renaming a partition column in AWS Glue").
func (r Reader) makeReadable(ctx context.Context, tables []types.Table) error {
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
		_, err := r.Glue.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: &r.CrawledDatabase, TableInput: &types.TableInput{
			Name: t.Name, Description: t.Description, Owner: t.Owner, Retention: t.Retention, StorageDescriptor: &sd, PartitionKeys: keys,
			TableType: t.TableType, Parameters: t.Parameters,
		}})
		if err != nil {
			return fmt.Errorf("rename the partition keys of table %q: %w", aws.ToString(t.Name), err)
		}
		r.Log.InfoContext(ctx, "renamed partition keys with the name of a column", "table", aws.ToString(t.Name))
	}
	return nil
}
