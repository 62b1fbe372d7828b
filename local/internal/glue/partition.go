package glue

import (
	"context"
	"hash/fnv"
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
	Segment             *segment
	ExcludeColumnSchema bool
}

// segment is a part of a table's partitions. Clients read the segments at the same time.
type segment struct{ SegmentNumber, TotalSegments int }

// maxPartitions is the maximum number of partitions per page, and also the default (API reference, GetPartitions).
const maxPartitions = 1000

func (s *Service) getPartitions(ctx context.Context, in getPartitionsInput) (any, error) {
	if g := in.Segment; g != nil && (g.TotalSegments < 1 || g.TotalSegments > 10 || g.SegmentNumber < 0 ||
		g.SegmentNumber >= g.TotalSegments) {
		const format = "segment %d of %d: TotalSegments must be between 1 and 10, and SegmentNumber less than TotalSegments"
		return nil, wire.Errorf("InvalidInputException", format, g.SegmentNumber, g.TotalSegments)
	}
	t, all, err := s.partitions(ctx, "glue:GetPartitions", in.DatabaseName, in.TableName)
	if err != nil {
		return nil, err
	}
	if in.Expression != "" {
		if all, err = selectPartitions(ctx, in.Expression, t.PartitionKeys, all); err != nil {
			return nil, err
		}
	}
	var selected []Partition
	for _, p := range all {
		if in.Segment.contains(p) {
			if in.ExcludeColumnSchema {
				p.StorageDescriptor.Columns = nil
			}
			selected = append(selected, p)
		}
	}
	return page("Partitions", selected, partitionKey, in.pageInput, maxPartitions)
}

// partitionKey returns a text that identifies a partition of a table. The texts sort in the same order as the partitions.
func partitionKey(p Partition) string { return strings.Join(p.Values, "\x00") }

// contains reports whether a partition belongs to the segment. All partitions belong to a nil segment.
func (g *segment) contains(p Partition) bool {
	if g == nil {
		return true
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(partitionKey(p))) // never fails
	return int(h.Sum32())%g.TotalSegments == g.SegmentNumber
}

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
