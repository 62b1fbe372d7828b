package glue

import (
	"context"
	"slices"
	"strconv"

	"snaplake/local/internal/wire"
)

// tableVersion is a version of a table. The current definition of the table is also a version.
type tableVersion struct {
	Table     Table
	VersionId string
}

type getTableVersionsInput struct {
	ofTable
	pageInput
}

type getTableVersionsOutput struct {
	TableVersions []tableVersion
	NextToken     string `json:",omitempty"`
}

// getTableVersions lists the versions of a table, the newest first.
func (s *Service) getTableVersions(ctx context.Context, in getTableVersionsInput) (out getTableVersionsOutput, err error) {
	if err := s.access.onTables(ctx, "glue:GetTableVersions", in.DatabaseName, in.TableName); err != nil {
		return out, err
	}
	versions, err := s.catalog.versions(in.DatabaseName, in.TableName)
	if err != nil {
		return out, err
	}
	// The newest version comes first, but the function page requires ascending keys.
	key := func(t Table) string { return strconv.Itoa(2e9 - versionOf(t)) }
	versions, out.NextToken, err = page(versions, key, in.pageInput, maxResults)
	out.TableVersions = []tableVersion{}
	for _, t := range versions {
		out.TableVersions = append(out.TableVersions, tableVersion{t, t.VersionId})
	}
	return out, err
}

type batchDeleteTableVersionInput struct {
	ofTable
	VersionIds []string
}

// batchDeleteTableVersion deletes old versions of a table. AWS does not document what happens to the current version.
func (s *Service) batchDeleteTableVersion(ctx context.Context, in batchDeleteTableVersionInput) (out batchDeleteOutput, err error) {
	if n := len(in.VersionIds); n > maxBatch {
		return out, wire.Errorf("InvalidInputException", "VersionIds has %d entries; the limit is %d", n, maxBatch)
	}
	if err := s.access.onTables(ctx, "glue:BatchDeleteTableVersion", in.DatabaseName, in.TableName); err != nil {
		return out, err
	}
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	current, d, err := s.catalog.find(in.DatabaseName, in.TableName)
	if err != nil {
		return out, err
	}
	if slices.Contains(in.VersionIds, current.VersionId) {
		return out, wire.Errorf("InvalidInputException", "the local AWS does not support deleting the current version %s", current.VersionId)
	}
	for _, id := range in.VersionIds {
		i := slices.IndexFunc(d.Versions[current.Name], func(t Table) bool { return t.VersionId == id })
		if i < 0 {
			out.add(current.Name, id, wire.Errorf("EntityNotFoundException", "Version %s not found.", id))
			continue
		}
		d.Versions[current.Name] = slices.Delete(slices.Clone(d.Versions[current.Name]), i, i+1)
	}
	return out, nil
}

// Versions returns the number of versions of a table, including the current one.
func (s *Service) Versions(database, name string) (int, error) {
	versions, err := s.catalog.versions(database, name)
	return len(versions), err
}

// versions returns the versions of a table, the newest first.
func (c *catalog) versions(databaseName, name string) ([]Table, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	current, d, err := c.find(databaseName, name)
	if err != nil {
		return nil, err
	}
	versions := append(slices.Clone(d.Versions[current.Name]), current)
	slices.Reverse(versions)
	return versions, nil
}

func versionOf(t Table) int {
	n, _ := strconv.Atoi(t.VersionId) // cannot fail: the catalog sets it to a number
	return n
}
