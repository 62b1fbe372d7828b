package glue

import (
	"context"
	"slices"
	"strings"
)

// Partitions lists the partitions of a table, sorted by their values.
func (s *Service) Partitions(ctx context.Context, database, table string) ([]Partition, error) {
	if err := s.access.onTables(ctx, "glue:GetPartitions", database, table); err != nil {
		return nil, err
	}
	s.catalog.mu.RLock()
	defer s.catalog.mu.RUnlock()
	t, d, err := s.catalog.find(database, table)
	if err != nil {
		return nil, err
	}
	return slices.Clone(d.Partitions[t.Name]), nil
}

type getPartitionsInput struct {
	CatalogId    string
	DatabaseName string
	TableName    string
	MaxResults   int
	NextToken    string
}

type getPartitionsOutput struct {
	Partitions []Partition
	NextToken  string `json:",omitempty"`
}

func (s *Service) getPartitions(ctx context.Context, in getPartitionsInput) (getPartitionsOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getPartitionsOutput{}, err
	}
	all, err := s.Partitions(ctx, in.DatabaseName, in.TableName)
	if err != nil {
		return getPartitionsOutput{}, err
	}
	list, next, err := page(all, Partition.key, in.NextToken, in.MaxResults, 1000)
	return getPartitionsOutput{list, next}, err
}

// key is what the partitions of a table are sorted by, and told apart.
func (p Partition) key() string { return strings.Join(p.Values, "\x00") }
