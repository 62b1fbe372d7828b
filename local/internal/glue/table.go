package glue

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

// Table finds a table or a view, whatever the case of its name.
func (s *Service) Table(ctx context.Context, database, name string) (Table, error) {
	if err := s.access.onTables(ctx, "glue:GetTable", database, name); err != nil {
		return Table{}, err
	}
	s.catalog.mu.RLock()
	defer s.catalog.mu.RUnlock()
	t, _, err := s.catalog.find(database, name)
	return t, err
}

// Tables lists the tables and views of a database, sorted by name. The caller must be allowed to see every one.
func (s *Service) Tables(ctx context.Context, database string) ([]Table, error) {
	if err := s.access.onTables(ctx, "glue:GetTables", database, "*"); err != nil {
		return nil, err
	}
	s.catalog.mu.RLock()
	defer s.catalog.mu.RUnlock()
	d, err := s.catalog.database(database)
	if err != nil {
		return nil, err
	}
	var list []Table
	for _, name := range slices.Sorted(maps.Keys(d.Tables)) {
		if s.Lake.check(ctx, "glue:GetTable", d.Database.Name, name) == nil {
			list = append(list, d.Tables[name])
		}
	}
	return list, nil
}

// CreateTable makes a table or a view.
func (s *Service) CreateTable(ctx context.Context, database string, in TableInput) error {
	if err := s.access.onTables(ctx, "glue:CreateTable", database, in.Name); err != nil {
		return err
	}
	return s.catalog.createTable(database, in)
}

// UpdateTable replaces the table or view of that name.
func (s *Service) UpdateTable(ctx context.Context, database string, in TableInput) error {
	return s.replaceTable(ctx, database, in, "", false)
}

// replaceTable replaces a table or view. A version that is not "" must be the one that it has.
func (s *Service) replaceTable(ctx context.Context, database string, in TableInput, version string, skipArchive bool) error {
	if err := s.access.onTables(ctx, "glue:UpdateTable", database, in.Name); err != nil {
		return err
	}
	return s.catalog.updateTable(database, in, version, skipArchive)
}

// DeleteTable deletes a table or a view, and its partitions. The data stay.
func (s *Service) DeleteTable(ctx context.Context, database, name string) error {
	if err := s.access.onTables(ctx, "glue:DeleteTable", database, name); err != nil {
		return err
	}
	return s.catalog.deleteTable(database, name)
}

type getTableInput struct {
	CatalogId    string
	DatabaseName string
	Name         string
}

type getTableOutput struct{ Table Table }

func (s *Service) getTable(ctx context.Context, in getTableInput) (getTableOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getTableOutput{}, err
	}
	t, err := s.Table(ctx, in.DatabaseName, in.Name)
	return getTableOutput{t}, err
}

type getTablesInput struct {
	CatalogId    string
	DatabaseName string
	// Expression is a regular expression for the whole name.
	Expression string
	MaxResults int
	NextToken  string
}

type getTablesOutput struct {
	TableList []Table
	NextToken string `json:",omitempty"`
}

func (s *Service) getTables(ctx context.Context, in getTablesInput) (getTablesOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getTablesOutput{}, err
	}
	if err := s.access.onTables(ctx, "glue:GetTables", in.DatabaseName, "*"); err != nil {
		return getTablesOutput{}, err
	}
	re, err := nameExpression(in.Expression)
	if err != nil {
		return getTablesOutput{}, err
	}
	s.catalog.mu.RLock()
	defer s.catalog.mu.RUnlock()
	d, err := s.catalog.database(in.DatabaseName)
	if err != nil {
		return getTablesOutput{}, err
	}
	var names []string
	for name := range d.Tables {
		if (in.Expression == "" || re.MatchString(name)) && s.Lake.check(ctx, "glue:GetTable", d.Database.Name, name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names, next, err := page(names, func(name string) string { return name }, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return getTablesOutput{}, err
	}
	out := getTablesOutput{TableList: []Table{}, NextToken: next}
	for _, name := range names {
		out.TableList = append(out.TableList, d.Tables[name])
	}
	return out, nil
}

// nameExpression compiles what GetTables takes: a regular expression, in which clients (aws-sdk-pandas among them) also
// write a lone * for any characters, as Hive does.
func nameExpression(e string) (*regexp.Regexp, error) {
	pattern := e
	if !strings.Contains(e, ".*") {
		pattern = strings.ReplaceAll(e, "*", ".*")
	}
	re, err := regexp.Compile("^(?i:" + pattern + ")$")
	if err != nil {
		return nil, wire.Errorf("InvalidInputException", "Expression %q: %v", e, err)
	}
	return re, nil
}

type createTableInput struct {
	CatalogId    string
	DatabaseName string
	TableInput   TableInput
}

func (s *Service) createTable(ctx context.Context, in createTableInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	return empty{}, s.CreateTable(ctx, in.DatabaseName, in.TableInput)
}

type updateTableInput struct {
	CatalogId    string
	DatabaseName string
	TableInput   TableInput
	// SkipArchive says not to keep the old version.
	SkipArchive bool
	VersionId   string
}

func (s *Service) updateTable(ctx context.Context, in updateTableInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	return empty{}, s.replaceTable(ctx, in.DatabaseName, in.TableInput, in.VersionId, in.SkipArchive)
}

type deleteTableInput struct {
	CatalogId    string
	DatabaseName string
	Name         string
}

func (s *Service) deleteTable(ctx context.Context, in deleteTableInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	return empty{}, s.DeleteTable(ctx, in.DatabaseName, in.Name)
}

type batchDeleteTableInput struct {
	CatalogId      string
	DatabaseName   string
	TablesToDelete []string
}

type batchDeleteTableOutput struct {
	Errors []tableError `json:",omitempty"`
}

type tableError struct {
	TableName   string
	ErrorDetail struct{ ErrorCode, ErrorMessage string }
}

func (s *Service) batchDeleteTable(ctx context.Context, in batchDeleteTableInput) (batchDeleteTableOutput, error) {
	var out batchDeleteTableOutput
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return out, err
	}
	if n := len(in.TablesToDelete); n > 100 {
		return out, wire.Errorf("InvalidInputException", "TablesToDelete has %d names; at most 100 can be deleted at once", n)
	}
	if err := s.access.onTables(ctx, "glue:BatchDeleteTable", in.DatabaseName, in.TablesToDelete...); err != nil {
		return out, err
	}
	if err := s.catalog.has(in.DatabaseName); err != nil {
		return out, err
	}
	for _, name := range in.TablesToDelete {
		if err := s.catalog.deleteTable(in.DatabaseName, name); err != nil {
			e := tableError{TableName: name}
			e.ErrorDetail.ErrorCode, e.ErrorDetail.ErrorMessage = wire.AsError(err).Code, wire.AsError(err).Message
			out.Errors = append(out.Errors, e)
		}
	}
	return out, nil
}
