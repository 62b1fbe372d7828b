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

func (in catalogInput) catalog() string { return in.CatalogName }

// onCatalog returns an operation on a data catalog. It checks the caller's permission for the action on the data catalog, whose name is
// compared as the request spells it. f calls Glue on behalf of the caller.
func onCatalog[In interface{ catalog() string }, Out any](
	s *Service, action string, f func(context.Context, In) (Out, error),
) wire.Operation {
	return wire.JSON(func(ctx context.Context, in In) (out Out, err error) {
		name := in.catalog()
		arn := "arn:aws:athena:" + s.options.Region + ":" + s.options.Account + ":datacatalog/" + name
		if err := s.authorizeOn(ctx, "athena:"+action, arn); err != nil {
			return out, err
		}
		if !strings.EqualFold(name, catalogName) {
			return out, invalid("DataCatalog %s was not found.", name)
		}
		out, err = f(onBehalfOf(ctx, iam.CallerOf(ctx)), in)
		return out, metadataError(err)
	})
}

// metadataError converts an error of Glue to Athena's error. It returns Athena's own errors unchanged.
func metadataError(err error) error {
	e, failed := errors.AsType[*wire.Error](err)
	_, denied := errors.AsType[*iam.Denied](err)
	if !denied && (!failed || e.Code == "InvalidRequestException") {
		return err
	}
	e = wire.AsError(err)
	return wire.Errorf("MetadataException", "%s", glueMessage(e.Code, e.Message))
}

// glueMessage returns the message of an error of Glue as Athena repeats it. Clients such as PyAthena parse it.
func glueMessage(code, message string) string {
	return message + " (Service: AmazonDataCatalog; Status Code: 400; Error Code: " + code + "; Request ID: " + wire.NewRequestID() +
		"; Proxy: null)"
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

type getDataCatalogInput struct{ Name, WorkGroup string }

func (in getDataCatalogInput) catalog() string { return in.Name }

// getDataCatalog fails, because Athena does not describe AwsDataCatalog (mondoohq/mql pull request 10109, quiltdata/quilt pull request
// 4335), and the account has no other data catalog.
func (s *Service) getDataCatalog(_ context.Context, in getDataCatalogInput) (struct{}, error) {
	return struct{}{}, invalid("DataCatalog %s was not found.", in.Name)
}

// catalogDatabase is a database as Athena describes it.
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
	databases, err := s.options.Catalog.Databases(ctx)
	if err != nil {
		return out, err
	}
	var all []catalogDatabase
	for _, d := range databases {
		all = append(all, catalogDatabase{d.Name, d.Description})
	}
	out.DatabaseList, out.NextToken, err = page(all, func(d catalogDatabase) string { return d.Name }, in.pageInput)
	return out, err
}

type databaseInput struct {
	catalogInput
	DatabaseName string
}

type getDatabaseOutput struct{ Database catalogDatabase }

func (s *Service) getDatabase(ctx context.Context, in databaseInput) (getDatabaseOutput, error) {
	d, err := s.options.Catalog.Database(ctx, in.DatabaseName)
	return getDatabaseOutput{catalogDatabase{d.Name, d.Description}}, err
}

// tableMetadata is a table or a view as Athena describes it.
type tableMetadata struct {
	Name           string
	CreateTime     wire.Time
	LastAccessTime wire.Time `json:",omitzero"`
	TableType      string    `json:",omitempty"`
	Columns        []glue.Column
	PartitionKeys  []glue.Column
	Parameters     map[string]string
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
	matches, err := glue.NameFilter(in.Expression)
	if err != nil {
		return out, err
	}
	tables, err := s.options.Catalog.Tables(ctx, in.DatabaseName)
	if err != nil {
		return out, err
	}
	all := []tableMetadata{}
	for _, t := range tables {
		if matches(t.Name) {
			all = append(all, metadataOf(t))
		}
	}
	out.TableMetadataList, out.NextToken, err = page(all, func(t tableMetadata) string { return t.Name }, in.pageInput)
	return out, err
}

type getTableMetadataInput struct {
	databaseInput
	TableName string
}

type getTableMetadataOutput struct{ TableMetadata tableMetadata }

func (s *Service) getTableMetadata(ctx context.Context, in getTableMetadataInput) (getTableMetadataOutput, error) {
	t, err := s.options.Catalog.Table(ctx, in.DatabaseName, in.TableName)
	return getTableMetadataOutput{metadataOf(t)}, err
}

// metadataOf returns Athena's description of a table. Its parameters include the content of Glue's storage descriptor (PyAthena, glue.py).
func metadataOf(t glue.Table) tableMetadata {
	out := tableMetadata{t.Name, t.CreateTime, t.LastAccessTime, t.TableType, nil, t.PartitionKeys, map[string]string{}}
	maps.Copy(out.Parameters, t.Parameters)
	if sd := t.StorageDescriptor; sd != nil {
		out.Columns = sd.Columns
		maps.Copy(out.Parameters, map[string]string{
			"location": sd.Location, "inputformat": sd.InputFormat, "outputformat": sd.OutputFormat,
		})
		if serde := sd.SerdeInfo; serde != nil {
			out.Parameters["serde.serialization.lib"] = serde.SerializationLibrary
			for k, v := range serde.Parameters {
				out.Parameters["serde.param."+k] = v
			}
		}
	}
	maps.DeleteFunc(out.Parameters, func(_, v string) bool { return v == "" })
	return out
}
