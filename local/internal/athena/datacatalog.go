package athena

import (
	"context"
	"errors"
	"maps"
	"strings"

	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// catalogInput is part of the input of operations on a data catalog. WorkGroup has no effect without IAM Identity Center (API reference).
type catalogInput struct{ CatalogName, WorkGroup string }

// dataCatalog checks the caller's permission for an action on a data catalog. It returns a context for the calls to Glue that Athena makes
// on behalf of the caller. IAM compares the catalog's name as the request spells it.
func (s *Service) dataCatalog(ctx context.Context, action, name string) (context.Context, error) {
	arn := "arn:aws:athena:" + s.options.Region + ":" + s.options.Account + ":datacatalog/" + name
	if err := s.authorizeOn(ctx, action, arn); err != nil {
		return nil, err
	}
	if !strings.EqualFold(name, catalogName) {
		return nil, noCatalog(name)
	}
	return onBehalfOf(ctx, iam.CallerOf(ctx)), nil
}

func noCatalog(name string) error { return invalid("DataCatalog %s was not found.", name) }

// inGlue converts an error of Glue to the error of an operation on a data catalog.
func inGlue(err error) error {
	_, denied := errors.AsType[*iam.Denied](err)
	e, failed := errors.AsType[*wire.Error](err)
	switch {
	case denied:
		e = wire.AsError(err)
	case !failed:
		return err
	}
	return wire.Errorf("MetadataException", "%s", glueMessage(e))
}

// glueMessage returns the message of Glue's error as Athena repeats it. Clients such as PyAthena parse it.
func glueMessage(e *wire.Error) string {
	return e.Message + " (Service: AmazonDataCatalog; Status Code: 400; Error Code: " + e.Code +
		"; Request ID: " + wire.NewRequestID() + "; Proxy: null)"
}

type listDataCatalogsInput struct {
	pageInput
	WorkGroup string
}

type dataCatalogSummary struct{ CatalogName, Type string }

type listDataCatalogsOutput struct{ DataCatalogsSummary []dataCatalogSummary }

func (s *Service) listDataCatalogs(ctx context.Context, _ listDataCatalogsInput) (out listDataCatalogsOutput, err error) {
	err = s.authorizeOn(ctx, "athena:ListDataCatalogs", "*")
	return listDataCatalogsOutput{[]dataCatalogSummary{{"AwsDataCatalog", "GLUE"}}}, err
}

// getDataCatalog fails, because Athena does not describe AwsDataCatalog, and the account has no other data catalog (mondoohq/mql pull
// request 10109, quiltdata/quilt pull request 4335).
func (s *Service) getDataCatalog(ctx context.Context, in struct{ Name, WorkGroup string }) (out struct{}, err error) {
	if _, err := s.dataCatalog(ctx, "athena:GetDataCatalog", in.Name); err != nil {
		return out, err
	}
	return out, noCatalog(in.Name)
}

type catalogDatabase struct {
	Name        string
	Description string `json:",omitempty"`
}

type listDatabasesInput struct {
	catalogInput
	pageInput
}

type listDatabasesOutput struct {
	DatabaseList []catalogDatabase
	NextToken    string `json:",omitempty"`
}

func (s *Service) listDatabases(ctx context.Context, in listDatabasesInput) (out listDatabasesOutput, err error) {
	ctx, err = s.dataCatalog(ctx, "athena:ListDatabases", in.CatalogName)
	if err != nil {
		return out, err
	}
	all, err := s.options.Catalog.Databases(ctx)
	if err != nil {
		return out, inGlue(err)
	}
	list, next, err := page(all, func(d glue.Database) string { return d.Name }, in.pageInput)
	out = listDatabasesOutput{[]catalogDatabase{}, next}
	for _, d := range list {
		out.DatabaseList = append(out.DatabaseList, catalogDatabase{d.Name, d.Description})
	}
	return out, err
}

type databaseInput struct {
	catalogInput
	DatabaseName string
}

type getDatabaseOutput struct{ Database catalogDatabase }

func (s *Service) getDatabase(ctx context.Context, in databaseInput) (out getDatabaseOutput, err error) {
	ctx, err = s.dataCatalog(ctx, "athena:GetDatabase", in.CatalogName)
	if err != nil {
		return out, err
	}
	d, err := s.options.Catalog.Database(ctx, in.DatabaseName)
	return getDatabaseOutput{catalogDatabase{d.Name, d.Description}}, inGlue(err)
}

type tableMetadata struct {
	Name           string
	CreateTime     wire.Time
	LastAccessTime wire.Time         `json:",omitzero"`
	TableType      string            `json:",omitempty"`
	Columns        []catalogColumn   `json:",omitempty"`
	PartitionKeys  []catalogColumn   `json:",omitempty"`
	Parameters     map[string]string `json:",omitempty"`
}

type catalogColumn struct {
	Name    string
	Type    string `json:",omitempty"`
	Comment string `json:",omitempty"`
}

type listTableMetadataInput struct {
	databaseInput
	pageInput
	// Expression has the meaning of Glue's GetTables.
	Expression string
}

type listTableMetadataOutput struct {
	TableMetadataList []tableMetadata
	NextToken         string `json:",omitempty"`
}

func (s *Service) listTableMetadata(ctx context.Context, in listTableMetadataInput) (out listTableMetadataOutput, err error) {
	ctx, err = s.dataCatalog(ctx, "athena:ListTableMetadata", in.CatalogName)
	if err != nil {
		return out, err
	}
	matches, err := glue.NameFilter(in.Expression)
	if err != nil {
		return out, inGlue(err)
	}
	all, err := s.options.Catalog.Tables(ctx, in.DatabaseName)
	if err != nil {
		return out, inGlue(err)
	}
	var found []glue.Table
	for _, t := range all {
		if matches(t.Name) {
			found = append(found, t)
		}
	}
	list, next, err := page(found, func(t glue.Table) string { return t.Name }, in.pageInput)
	out = listTableMetadataOutput{[]tableMetadata{}, next}
	for _, t := range list {
		out.TableMetadataList = append(out.TableMetadataList, metadataOf(t))
	}
	return out, err
}

type getTableMetadataInput struct {
	databaseInput
	TableName string
}

type getTableMetadataOutput struct{ TableMetadata tableMetadata }

func (s *Service) getTableMetadata(ctx context.Context, in getTableMetadataInput) (out getTableMetadataOutput, err error) {
	ctx, err = s.dataCatalog(ctx, "athena:GetTableMetadata", in.CatalogName)
	if err != nil {
		return out, err
	}
	t, err := s.options.Catalog.Table(ctx, in.DatabaseName, in.TableName)
	return getTableMetadataOutput{metadataOf(t)}, inGlue(err)
}

// metadataOf returns a table as Athena describes it: the parameters include what Glue's storage descriptor contains (PyAthena, glue.py).
func metadataOf(t glue.Table) tableMetadata {
	out := tableMetadata{
		Name: t.Name, CreateTime: t.CreateTime, LastAccessTime: t.LastAccessTime, TableType: t.TableType,
		PartitionKeys: catalogColumns(t.PartitionKeys), Parameters: map[string]string{},
	}
	maps.Copy(out.Parameters, t.Parameters)
	sd := t.StorageDescriptor
	if sd == nil {
		return out
	}
	out.Columns = catalogColumns(sd.Columns)
	set := func(key, value string) {
		if value != "" {
			out.Parameters[key] = value
		}
	}
	set("location", sd.Location)
	set("inputformat", sd.InputFormat)
	set("outputformat", sd.OutputFormat)
	if serde := sd.SerdeInfo; serde != nil {
		set("serde.serialization.lib", serde.SerializationLibrary)
		for k, v := range serde.Parameters {
			out.Parameters["serde.param."+k] = v
		}
	}
	return out
}

func catalogColumns(columns []glue.Column) []catalogColumn {
	var list []catalogColumn
	for _, c := range columns {
		list = append(list, catalogColumn{c.Name, c.Type, c.Comment})
	}
	return list
}
