package glue

import (
	"context"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

// Partitions returns the partitions of a table, sorted by their values.
func (s *Service) Partitions(ctx context.Context, database, table string) ([]Partition, error) {
	_, list, err := s.partitions(ctx, "glue:GetPartitions", database, table)
	return list, err
}

// partitions returns a table and its partitions, after checking the caller's permission for the action.
func (s *Service) partitions(ctx context.Context, action, databaseName, name string) (table Table, list []Partition, err error) {
	err = s.onTable(ctx, action, databaseName, name, func(t Table, d *database) error {
		table, list = t, slices.Clone(d.Partitions[t.Name])
		return nil
	})
	return table, list, err
}

// ofTable is part of the input of operations on a table's partitions and versions.
type ofTable struct {
	catalogID
	DatabaseName, TableName string
}

type getPartitionsInput struct {
	ofTable
	pageInput
	// Expression is a condition on the partition keys; see selectPartitions.
	Expression          string
	ExcludeColumnSchema bool
}

// maxPartitions is the maximum number of partitions per page, and also the default (API reference, GetPartitions).
const maxPartitions = 1000

func (s *Service) getPartitions(ctx context.Context, in getPartitionsInput) (any, error) {
	t, all, err := s.partitions(ctx, "glue:GetPartitions", in.DatabaseName, in.TableName)
	if err != nil {
		return nil, err
	}
	if in.Expression != "" {
		if all, err = selectPartitions(ctx, in.Expression, t.PartitionKeys, all); err != nil {
			return nil, err
		}
	}
	if in.ExcludeColumnSchema {
		for i := range all {
			all[i].StorageDescriptor.Columns = nil
		}
	}
	return page("Partitions", all, partitionKey, in.pageInput, maxPartitions)
}

// partitionKey returns a text that identifies a partition of a table. The texts sort in the same order as the partitions.
func partitionKey(p Partition) string { return strings.Join(p.Values, "\x00") }

type partitionValues struct{ Values []string }

// batchGetPartition returns the partitions that exist. Like Glue, it ignores the others.
func (s *Service) batchGetPartition(ctx context.Context, in struct {
	ofTable
	PartitionsToGet []partitionValues
}) (any, error) {
	if n := len(in.PartitionsToGet); n > maxPartitions {
		return nil, wire.Errorf("InvalidInputException", "PartitionsToGet has %d entries; the limit is %d", n, maxPartitions)
	}
	_, all, err := s.partitions(ctx, "glue:BatchGetPartition", in.DatabaseName, in.TableName)
	found := slices.DeleteFunc(all, func(p Partition) bool {
		return !slices.ContainsFunc(in.PartitionsToGet, func(v partitionValues) bool { return slices.Equal(v.Values, p.Values) })
	})
	return map[string]any{"Partitions": append([]Partition{}, found...)}, err
}
