package glue

import (
	"context"
	"maps"
	"slices"
	"strings"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Database finds a database by name, ignoring case.
func (s *Service) Database(ctx context.Context, name string) (Database, error) {
	if err := s.access.onDatabase(ctx, "glue:GetDatabase", name); err != nil {
		return Database{}, err
	}
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	d, err := s.catalog.database(name)
	if err != nil {
		return Database{}, err
	}
	return d.Database, nil
}

// Databases returns all databases, sorted by name. The caller needs IAM permission for all of them, since Glue does not filter the list by
// IAM permissions (Athena User Guide, "Configure access to databases and tables in the AWS Glue Data Catalog", SHOW DATABASES).
func (s *Service) Databases(ctx context.Context) ([]Database, error) {
	if err := s.access.onDatabase(ctx, "glue:GetDatabases", "*"); err != nil {
		return nil, err
	}
	c := &s.catalog
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []Database
	for _, name := range slices.Sorted(maps.Keys(c.databases)) {
		if s.LakeFormation.check(ctx, "glue:GetDatabase", name, "") == nil { // unlike IAM, Lake Formation filters the list
			list = append(list, c.databases[name].Database)
		}
	}
	return list, nil
}

// DeployDatabase creates an empty database. The context's caller needs the Lake Formation permission to create databases.
func (s *Service) DeployDatabase(ctx context.Context, in DatabaseInput) error {
	in.Name = strings.ToLower(in.Name)
	if err := s.LakeFormation.check(ctx, "glue:CreateDatabase", in.Name, ""); err != nil {
		return err
	}
	c := &s.catalog
	c.mu.Lock()
	defer c.mu.Unlock()
	c.databases[in.Name] = &database{
		Database:   Database{in, c.account, wire.Time(c.clock.Now())},
		Tables:     map[string]Table{},
		Partitions: map[string][]Partition{},
		Versions:   map[string][]Table{},
	}
	s.LakeFormation.grantCreator(ctx, in)
	return nil
}

func (s *Service) getDatabase(ctx context.Context, in struct {
	catalogID
	Name string
}) (any, error) {
	d, err := s.Database(ctx, in.Name)
	return map[string]any{"Database": d}, err
}

func (s *Service) getDatabases(ctx context.Context, in struct {
	catalogID
	pageInput
}) (any, error) {
	all, err := s.Databases(ctx)
	if err != nil {
		return nil, err
	}
	return page("DatabaseList", all, func(d Database) string { return d.Name }, in.pageInput, maxResults)
}

// getEncryption returns the encryption settings of the catalog.
func (s *Service) getEncryption(ctx context.Context, _ catalogID) (any, error) {
	at := map[string]any{"EncryptionAtRest": map[string]string{"CatalogEncryptionMode": "DISABLED"}}
	out := map[string]any{"DataCatalogEncryptionSettings": at}
	return out, s.access.guard.Check(ctx, iam.Call{Action: "glue:GetDataCatalogEncryptionSettings", Resource: s.access.arn("catalog")})
}
