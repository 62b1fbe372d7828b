package glue

import (
	"context"
	"strings"
)

type getDatabaseInput struct {
	CatalogId string
	Name      string
}

type getDatabaseOutput struct{ Database Database }

func (s *Service) getDatabase(_ context.Context, in getDatabaseInput) (getDatabaseOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getDatabaseOutput{}, err
	}
	s.catalog.mu.RLock()
	defer s.catalog.mu.RUnlock()
	d, err := s.catalog.database(in.Name)
	if err != nil {
		return getDatabaseOutput{}, err
	}
	return getDatabaseOutput{d.Database}, nil
}

type getDatabasesInput struct {
	CatalogId  string
	MaxResults int
	NextToken  string
}

type getDatabasesOutput struct {
	DatabaseList []Database
	NextToken    string `json:",omitempty"`
}

func (s *Service) getDatabases(_ context.Context, in getDatabasesInput) (getDatabasesOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getDatabasesOutput{}, err
	}
	list, next, err := page(s.Databases(), func(d Database) string { return d.Name }, in.NextToken, in.MaxResults, 100)
	return getDatabasesOutput{list, next}, err
}

type createDatabaseInput struct {
	CatalogId     string
	DatabaseInput struct{ Name, Description string }
}

func (s *Service) createDatabase(_ context.Context, in createDatabaseInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	return empty{}, s.catalog.createDatabase(in.DatabaseInput.Name, in.DatabaseInput.Description)
}

type deleteDatabaseInput struct {
	CatalogId string
	Name      string
}

// deleteDatabase deletes the tables in it too, as Glue does (API reference, DeleteDatabase).
func (s *Service) deleteDatabase(_ context.Context, in deleteDatabaseInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	if _, err := s.catalog.database(in.Name); err != nil {
		return empty{}, err
	}
	delete(s.catalog.databases, strings.ToLower(in.Name))
	return empty{}, nil
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

func (s *Service) getPartitions(_ context.Context, in getPartitionsInput) (getPartitionsOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getPartitionsOutput{}, err
	}
	all, err := s.Partitions(in.DatabaseName, in.TableName)
	if err != nil {
		return getPartitionsOutput{}, err
	}
	list, next, err := page(all, Partition.key, in.NextToken, in.MaxResults, 1000)
	return getPartitionsOutput{list, next}, err
}

// key is what the partitions of a table are sorted by, and told apart.
func (p Partition) key() string { return strings.Join(p.Values, "\x00") }
