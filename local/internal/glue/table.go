package glue

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

// onTable checks that the caller may perform an action on a table, and calls f with the table while it holds the catalog's lock.
func (s *Service) onTable(ctx context.Context, action, databaseName, name string, f func(t Table, d *database) error) error {
	if err := s.access.onTables(ctx, action, databaseName, name); err != nil {
		return err
	}
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	t, d, err := s.catalog.find(databaseName, name)
	if err != nil {
		return err
	}
	return f(t, d)
}

// Table finds a table or a view by name, ignoring case.
func (s *Service) Table(ctx context.Context, databaseName, name string) (table Table, err error) {
	err = s.onTable(ctx, "glue:GetTable", databaseName, name, func(t Table, _ *database) error {
		table = t
		return nil
	})
	return table, err
}

// Tables returns the tables and views of a database, sorted by name. The caller needs IAM permission for all of them.
func (s *Service) Tables(ctx context.Context, database string) ([]Table, error) {
	return s.tables(ctx, database, func(string) bool { return true })
}

// tables returns the tables and views of a database for which matches(name) is true.
func (s *Service) tables(ctx context.Context, database string, matches func(name string) bool) ([]Table, error) {
	if err := s.access.onTables(ctx, "glue:GetTables", database, "*"); err != nil {
		return nil, err
	}
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	d, err := s.catalog.database(database)
	if err != nil {
		return nil, err
	}
	var list []Table
	for _, name := range slices.Sorted(maps.Keys(d.Tables)) {
		if matches(name) && s.LakeFormation.check(ctx, "glue:GetTable", d.Database.Name, name) == nil {
			list = append(list, d.Tables[name])
		}
	}
	return list, nil
}

// CreateTable creates a table or a view.
func (s *Service) CreateTable(ctx context.Context, database string, in TableInput) error {
	if err := s.access.onTables(ctx, "glue:CreateTable", database, in.Name); err != nil {
		return err
	}
	if in.Name == "" || len(in.Name) > 255 || strings.ContainsFunc(in.Name, func(r rune) bool { return r < ' ' || r == '/' }) {
		const format = "Table name %q must have 1 to 255 characters and no slashes or control characters"
		return wire.Errorf("InvalidInputException", format, in.Name)
	}
	c := &s.catalog
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.database(database)
	if err != nil {
		return err
	}
	in.Name = strings.ToLower(in.Name)
	if _, ok := d.Tables[in.Name]; ok {
		return wire.Errorf("AlreadyExistsException", "Table %s already exists in database %s.", in.Name, d.Database.Name)
	}
	d.Tables[in.Name] = c.newTable(d, in)
	return nil
}

// UpdateTable replaces the table or view that has the same name as the input.
func (s *Service) UpdateTable(ctx context.Context, databaseName string, in TableInput) error {
	return s.onTable(ctx, "glue:UpdateTable", databaseName, in.Name, func(old Table, d *database) error {
		s.catalog.replace(d, old, in)
		return nil
	})
}

// DeleteTable deletes a table or a view, and its partitions. It does not delete files.
func (s *Service) DeleteTable(ctx context.Context, databaseName, name string) error {
	return s.onTable(ctx, "glue:DeleteTable", databaseName, name, func(t Table, d *database) error {
		d.delete(t)
		return nil
	})
}

type getTableInput struct {
	catalogID
	DatabaseName, Name string
}

func (s *Service) getTable(ctx context.Context, in getTableInput) (any, error) {
	t, err := s.Table(ctx, in.DatabaseName, in.Name)
	return map[string]any{"Table": t}, err
}

type getTablesInput struct {
	catalogID
	pageInput
	DatabaseName string
	// Expression is a regular expression that must match the whole name.
	Expression string
}

func (s *Service) getTables(ctx context.Context, in getTablesInput) (any, error) {
	matches, err := NameFilter(in.Expression)
	if err != nil {
		return nil, err
	}
	all, err := s.tables(ctx, in.DatabaseName, matches)
	if err != nil {
		return nil, err
	}
	return page("TableList", all, func(t Table) string { return t.Name }, in.pageInput, maxResults)
}

// NameFilter returns a function that reports whether a regular expression matches the whole name. "" matches all names.
func NameFilter(expression string) (matches func(name string) bool, err error) {
	pattern := expression
	if !strings.Contains(pattern, ".*") { // some clients, for example aws-sdk-pandas, write * instead of .*
		pattern = strings.ReplaceAll(pattern, "*", ".*")
	}
	re, err := regexp.Compile("^(?i:" + pattern + ")$")
	if err != nil {
		return nil, wire.Errorf("InvalidInputException", "Expression %q: %v", expression, err)
	}
	return func(name string) bool { return pattern == "" || re.MatchString(name) }, nil
}

func (s *Service) updateTable(ctx context.Context, in struct {
	catalogID
	DatabaseName string
	TableInput   TableInput
}) (any, error) {
	return nil, s.UpdateTable(ctx, in.DatabaseName, in.TableInput)
}

func (s *Service) deleteTable(ctx context.Context, in getTableInput) (any, error) {
	return nil, s.DeleteTable(ctx, in.DatabaseName, in.Name)
}

// maxBatch is the maximum number of entries in a BatchDeleteTable or BatchDeleteTableVersion request.
const maxBatch = 100

type batchDeleteOutput struct {
	Errors []deleteError `json:",omitempty"`
}

// deleteError is a TableError or a TableVersionError.
type deleteError struct {
	TableName   string
	VersionId   string `json:",omitempty"`
	ErrorDetail struct{ ErrorCode, ErrorMessage string }
}

func (out *batchDeleteOutput) add(table, version string, err error) {
	e := deleteError{TableName: table, VersionId: version}
	e.ErrorDetail.ErrorCode, e.ErrorDetail.ErrorMessage = wire.AsError(err).Code, wire.AsError(err).Message
	out.Errors = append(out.Errors, e)
}

func (s *Service) batchDeleteTable(ctx context.Context, in struct {
	catalogID
	DatabaseName   string
	TablesToDelete []string
}) (out batchDeleteOutput, err error) {
	if n := len(in.TablesToDelete); n > maxBatch {
		return out, wire.Errorf("InvalidInputException", "TablesToDelete has %d names; the limit is %d", n, maxBatch)
	}
	if err := s.access.onTables(ctx, "glue:BatchDeleteTable", in.DatabaseName, in.TablesToDelete...); err != nil {
		return out, err
	}
	c := &s.catalog
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.database(in.DatabaseName); err != nil {
		return out, err
	}
	for _, name := range in.TablesToDelete {
		t, d, err := c.find(in.DatabaseName, name)
		if err != nil {
			out.add(name, "", err)
			continue
		}
		d.delete(t)
	}
	return out, nil
}
