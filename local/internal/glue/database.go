package glue

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// Database finds a database, whatever the case of its name.
func (s *Service) Database(ctx context.Context, name string) (Database, error) {
	if err := s.access.onDatabase(ctx, "glue:GetDatabase", name); err != nil {
		return Database{}, err
	}
	s.catalog.mu.RLock()
	defer s.catalog.mu.RUnlock()
	d, err := s.catalog.database(name)
	if err != nil {
		return Database{}, err
	}
	return d.Database, nil
}

// Databases lists all databases, sorted by name. The caller must be allowed to see every one: Glue leaves none out (Athena User
// Guide, "Configure access to databases and tables in the AWS Glue Data Catalog", SHOW DATABASES).
func (s *Service) Databases(ctx context.Context) ([]Database, error) {
	if err := s.access.onDatabase(ctx, "glue:GetDatabases", "*"); err != nil {
		return nil, err
	}
	c := &s.catalog
	c.mu.RLock()
	defer c.mu.RUnlock()
	var list []Database
	for _, name := range slices.Sorted(maps.Keys(c.databases)) {
		if s.Lake.check(ctx, "glue:GetDatabase", name, "") == nil {
			list = append(list, c.databases[name].Database)
		}
	}
	return list, nil
}

// CreateDatabase makes an empty database. It asks for nobody's permission. One that exists is an AlreadyExistsException.
func (s *Service) CreateDatabase(name string) error {
	return s.DeployDatabase(context.Background(), DatabaseInput{Name: name})
}

// DeployDatabase is CreateDatabase for the caller of the context, whom Lake Formation has to allow it.
func (s *Service) DeployDatabase(ctx context.Context, in DatabaseInput) error {
	if err := s.Lake.check(ctx, "glue:CreateDatabase", strings.ToLower(in.Name), ""); err != nil {
		return err
	}
	if err := s.catalog.createDatabase(in); err != nil {
		return err
	}
	s.Lake.created(ctx, in)
	return nil
}

type getDatabaseInput struct {
	CatalogId string
	Name      string
}

type getDatabaseOutput struct{ Database Database }

func (s *Service) getDatabase(ctx context.Context, in getDatabaseInput) (getDatabaseOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getDatabaseOutput{}, err
	}
	d, err := s.Database(ctx, in.Name)
	return getDatabaseOutput{d}, err
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

func (s *Service) getDatabases(ctx context.Context, in getDatabasesInput) (getDatabasesOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getDatabasesOutput{}, err
	}
	all, err := s.Databases(ctx)
	if err != nil {
		return getDatabasesOutput{}, err
	}
	list, next, err := page(all, func(d Database) string { return d.Name }, in.NextToken, in.MaxResults, 100)
	return getDatabasesOutput{list, next}, err
}

// DatabaseInput is a database as its maker describes it.
type DatabaseInput struct {
	Name, Description             string
	CreateTableDefaultPermissions []PrincipalPermissions `json:",omitempty"`
}

type createDatabaseInput struct {
	CatalogId     string
	DatabaseInput DatabaseInput
}

func (s *Service) createDatabase(ctx context.Context, in createDatabaseInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	if err := s.access.onDatabase(ctx, "glue:CreateDatabase", in.DatabaseInput.Name); err != nil {
		return empty{}, err
	}
	return empty{}, s.DeployDatabase(ctx, in.DatabaseInput)
}

type deleteDatabaseInput struct {
	CatalogId string
	Name      string
}

// deleteDatabase deletes the tables in it too, as Glue does (API reference, DeleteDatabase), and needs to be allowed to.
func (s *Service) deleteDatabase(ctx context.Context, in deleteDatabaseInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	name := strings.ToLower(in.Name)
	if err := s.access.onCatalog(ctx, "glue:DeleteDatabase", "database/"+name, "table/"+name+"/*", "userDefinedFunction/"+name+"/*"); err != nil {
		return empty{}, err
	}
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	if _, err := s.catalog.database(in.Name); err != nil {
		return empty{}, err
	}
	delete(s.catalog.databases, name)
	return empty{}, nil
}
