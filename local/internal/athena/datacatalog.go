package athena

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"strings"

	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// catalogInput holds the parameters of the operations on data catalogs. WorkGroup has no effect without IAM Identity Center (API reference).
type catalogInput struct {
	pageInput
	CatalogName, DatabaseName, TableName, WorkGroup string
	// Name is the name of the data catalog in a GetDataCatalog request.
	Name string
	// Expression has the same meaning as in Glue's GetTables.
	Expression string
}

// onCatalog returns an operation on a data catalog. It checks the caller's permission for the action, with the name of the data catalog as
// the request spells it. f calls Glue on behalf of the caller.
func (s *Service) onCatalog(action string, f func(context.Context, catalogInput) (map[string]any, error)) wire.Operation {
	return wire.JSON(func(ctx context.Context, in catalogInput) (map[string]any, error) {
		name := cmp.Or(in.CatalogName, in.Name)
		if err := s.authorize(ctx, action, "datacatalog/"+name); err != nil {
			return nil, err
		}
		if !strings.EqualFold(name, catalogName) {
			return nil, invalid("DataCatalog %s was not found.", name)
		}
		out, err := f(onBehalfOf(ctx, iam.CallerOf(ctx)), in)
		return out, metadataError(err)
	})
}

// metadataError converts a Glue error to an Athena error. It returns other errors unchanged.
func metadataError(err error) error {
	e, failed := errors.AsType[*wire.Error](err)
	_, denied := errors.AsType[*iam.Denied](err)
	if !denied && (!failed || e.Code == "InvalidRequestException") {
		return err
	}
	e = wire.AsError(err)
	return wire.Errorf("MetadataException", "%s", glueMessage(e.Code, e.Message))
}

// glueMessage returns the message of a Glue error in the format in which Athena returns it. Clients such as PyAthena parse the message.
func glueMessage(code, message string) string {
	return message + " (Service: AmazonDataCatalog; Status Code: 400; Error Code: " + code + "; Request ID: " + wire.NewRequestID() +
		"; Proxy: null)"
}

func (s *Service) listDataCatalogs(ctx context.Context, _ catalogInput) (map[string]any, error) {
	catalog := map[string]string{"CatalogName": "AwsDataCatalog", "Type": "GLUE"}
	return map[string]any{"DataCatalogsSummary": []any{catalog}}, s.authorize(ctx, "ListDataCatalogs", "")
}

// getDataCatalog fails, because Athena does not describe AwsDataCatalog (mondoohq/mql pull request 10109, quiltdata/quilt pull request
// 4335), and the account has no other data catalog.
func (s *Service) getDataCatalog(_ context.Context, in catalogInput) (map[string]any, error) {
	return nil, invalid("DataCatalog %s was not found.", in.Name)
}

// catalogDatabase is a database in a response of Athena's API.
type catalogDatabase struct {
	Name        string
	Description string `json:",omitempty"`
}

func (s *Service) listDatabases(ctx context.Context, in catalogInput) (map[string]any, error) {
	databases, err := s.options.Catalog.Databases(ctx)
	if err != nil {
		return nil, err
	}
	var all []catalogDatabase
	for _, d := range databases {
		all = append(all, catalogDatabase{d.Name, d.Description})
	}
	return page("DatabaseList", all, in.pageInput)
}

func (s *Service) getDatabase(ctx context.Context, in catalogInput) (map[string]any, error) {
	d, err := s.options.Catalog.Database(ctx, in.DatabaseName)
	return map[string]any{"Database": catalogDatabase{d.Name, d.Description}}, err
}

// tableMetadata is a table or a view in a response of Athena's API.
type tableMetadata struct {
	Name           string
	CreateTime     wire.Time
	LastAccessTime wire.Time `json:",omitzero"`
	TableType      string    `json:",omitempty"`
	Columns        []glue.Column
	PartitionKeys  []glue.Column
	Parameters     map[string]string
}

func (s *Service) listTableMetadata(ctx context.Context, in catalogInput) (map[string]any, error) {
	matches, err := glue.NameFilter(in.Expression)
	if err != nil {
		return nil, err
	}
	tables, err := s.options.Catalog.Tables(ctx, in.DatabaseName)
	if err != nil {
		return nil, err
	}
	var all []tableMetadata
	for _, t := range tables {
		if matches(t.Name) {
			all = append(all, metadataOf(t))
		}
	}
	return page("TableMetadataList", all, in.pageInput)
}

func (s *Service) getTableMetadata(ctx context.Context, in catalogInput) (map[string]any, error) {
	t, err := s.options.Catalog.Table(ctx, in.DatabaseName, in.TableName)
	return map[string]any{"TableMetadata": metadataOf(t)}, err
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
