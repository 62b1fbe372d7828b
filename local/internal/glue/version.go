package glue

import (
	"context"
	"slices"
	"strconv"

	"snaplake/local/internal/wire"
)

// tableVersion is a table as one update left it. The current one is a version, too.
type tableVersion struct {
	Table     Table
	VersionId string
}

type getTableVersionsInput struct {
	CatalogId               string
	DatabaseName, TableName string
	MaxResults              int
	NextToken               string
}

type getTableVersionsOutput struct {
	TableVersions []tableVersion
	NextToken     string `json:",omitempty"`
}

// getTableVersions lists the versions of a table, the newest first.
func (s *Service) getTableVersions(ctx context.Context, in getTableVersionsInput) (getTableVersionsOutput, error) {
	var out getTableVersionsOutput
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return out, err
	}
	if err := s.access.onTables(ctx, "glue:GetTableVersions", in.DatabaseName, in.TableName); err != nil {
		return out, err
	}
	s.catalog.mu.RLock()
	defer s.catalog.mu.RUnlock()
	current, d, err := s.catalog.find(in.DatabaseName, in.TableName)
	if err != nil {
		return out, err
	}
	versions := append(slices.Clone(d.Versions[current.Name]), current)
	slices.Reverse(versions)
	// The token names the last version of a page, and pages go from the newest on: the key counts down.
	newest := versionOf(current)
	key := func(t Table) string { return strconv.Itoa(1e9 + newest - versionOf(t)) }
	versions, out.NextToken, err = page(versions, key, in.NextToken, in.MaxResults, 100)
	out.TableVersions = []tableVersion{}
	for _, t := range versions {
		out.TableVersions = append(out.TableVersions, tableVersion{t, t.VersionId})
	}
	return out, err
}

type batchDeleteTableVersionInput struct {
	CatalogId               string
	DatabaseName, TableName string
	VersionIds              []string
}

type batchDeleteTableVersionOutput struct {
	Errors []tableVersionError `json:",omitempty"`
}

type tableVersionError struct {
	TableName, VersionId string
	ErrorDetail          struct{ ErrorCode, ErrorMessage string }
}

// batchDeleteTableVersion deletes older versions of a table. What Glue does to the current one is not documented, so it is refused.
func (s *Service) batchDeleteTableVersion(ctx context.Context, in batchDeleteTableVersionInput) (batchDeleteTableVersionOutput, error) {
	var out batchDeleteTableVersionOutput
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return out, err
	}
	if n := len(in.VersionIds); n > 100 {
		return out, wire.Errorf("InvalidInputException", "VersionIds has %d entries; at most 100 can be deleted at once", n)
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
		return out, wire.Errorf("InvalidInputException", "the local AWS does not delete the current version of a table: leave out %s", current.VersionId)
	}
	for _, id := range in.VersionIds {
		i := slices.IndexFunc(d.Versions[current.Name], func(t Table) bool { return t.VersionId == id })
		if i < 0 {
			e := tableVersionError{TableName: current.Name, VersionId: id}
			e.ErrorDetail.ErrorCode, e.ErrorDetail.ErrorMessage = "EntityNotFoundException", "Version "+id+" not found."
			out.Errors = append(out.Errors, e)
			continue
		}
		d.Versions[current.Name] = slices.Delete(slices.Clone(d.Versions[current.Name]), i, i+1)
	}
	return out, nil
}

// Versions is how many versions the catalog keeps of a table.
func (s *Service) Versions(database, name string) (int, error) {
	s.catalog.mu.RLock()
	defer s.catalog.mu.RUnlock()
	t, d, err := s.catalog.find(database, name)
	if err != nil {
		return 0, err
	}
	return 1 + len(d.Versions[t.Name]), nil
}

func versionOf(t Table) int {
	n, _ := strconv.Atoi(t.VersionId) // the catalog gave it
	return n
}
