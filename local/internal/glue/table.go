package glue

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

type getTableInput struct {
	CatalogId    string
	DatabaseName string
	Name         string
}

type getTableOutput struct{ Table Table }

func (s *Service) getTable(_ context.Context, in getTableInput) (getTableOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getTableOutput{}, err
	}
	t, err := s.Table(in.DatabaseName, in.Name)
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

func (s *Service) getTables(_ context.Context, in getTablesInput) (getTablesOutput, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return getTablesOutput{}, err
	}
	all, err := s.Tables(in.DatabaseName)
	if err != nil {
		return getTablesOutput{}, err
	}
	if in.Expression != "" {
		re, err := nameExpression(in.Expression)
		if err != nil {
			return getTablesOutput{}, err
		}
		all = slices.DeleteFunc(all, func(t Table) bool { return !re.MatchString(t.Name) })
	}
	list, next, err := page(all, func(t Table) string { return t.Name }, in.NextToken, in.MaxResults, 100)
	return getTablesOutput{list, next}, err
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

func (s *Service) createTable(_ context.Context, in createTableInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	return empty{}, s.catalog.createTable(in.DatabaseName, in.TableInput)
}

type updateTableInput struct {
	CatalogId    string
	DatabaseName string
	TableInput   TableInput
	// SkipArchive says not to keep the old version. None is kept here, and none can be asked for.
	SkipArchive bool
	VersionId   string
}

func (s *Service) updateTable(_ context.Context, in updateTableInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	return empty{}, s.catalog.updateTable(in.DatabaseName, in.TableInput, in.VersionId)
}

type deleteTableInput struct {
	CatalogId    string
	DatabaseName string
	Name         string
}

func (s *Service) deleteTable(_ context.Context, in deleteTableInput) (empty, error) {
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return empty{}, err
	}
	return empty{}, s.catalog.deleteTable(in.DatabaseName, in.Name)
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

func (s *Service) batchDeleteTable(_ context.Context, in batchDeleteTableInput) (batchDeleteTableOutput, error) {
	var out batchDeleteTableOutput
	if err := s.ownCatalog(in.CatalogId); err != nil {
		return out, err
	}
	if n := len(in.TablesToDelete); n > 100 {
		return out, wire.Errorf("InvalidInputException", "TablesToDelete has %d names; at most 100 can be deleted at once", n)
	}
	if _, err := s.Tables(in.DatabaseName); err != nil {
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
