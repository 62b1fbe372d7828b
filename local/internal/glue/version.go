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

// getTableVersions lists the versions of a table, the newest first.
func (s *Service) getTableVersions(ctx context.Context, in struct {
	ofTable
	pageInput
}) (any, error) {
	var versions []tableVersion
	err := s.onTable(ctx, "glue:GetTableVersions", in.DatabaseName, in.TableName, func(t Table, d *database) error {
		for _, v := range d.versions(t) {
			versions = append(versions, tableVersion{v, v.VersionId})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// The newest version comes first, but the function page requires ascending keys.
	key := func(v tableVersion) string { return strconv.Itoa(2e9 - versionOf(v.Table)) }
	return page("TableVersions", versions, key, in.pageInput, maxResults)
}

// batchDeleteTableVersion deletes old versions of a table. AWS does not document what happens to the current version.
func (s *Service) batchDeleteTableVersion(ctx context.Context, in struct {
	ofTable
	VersionIds []string
}) (out batchDeleteOutput, err error) {
	if n := len(in.VersionIds); n > maxBatch {
		return out, wire.Errorf("InvalidInputException", "VersionIds has %d entries; the limit is %d", n, maxBatch)
	}
	err = s.onTable(ctx, "glue:BatchDeleteTableVersion", in.DatabaseName, in.TableName, func(t Table, d *database) error {
		if slices.Contains(in.VersionIds, t.VersionId) {
			return wire.Errorf("InvalidInputException", "the local AWS does not support deleting the current version %s", t.VersionId)
		}
		for _, id := range in.VersionIds {
			old := d.Versions[t.Name]
			i := slices.IndexFunc(old, func(t Table) bool { return t.VersionId == id })
			if i < 0 {
				out.add(t.Name, id, wire.Errorf("EntityNotFoundException", "Version %s not found.", id))
				continue
			}
			d.Versions[t.Name] = slices.Delete(slices.Clone(old), i, i+1)
		}
		return nil
	})
	return out, err
}

// versions returns the versions of a table, the newest first. The caller must hold the lock.
func (d *database) versions(current Table) []Table {
	versions := append(slices.Clone(d.Versions[current.Name]), current)
	slices.Reverse(versions)
	return versions
}

func versionOf(t Table) int {
	n, _ := strconv.Atoi(t.VersionId) // cannot fail: the catalog sets it to a number
	return n
}
