package athena

import (
	"context"
	"errors"

	"snaplake/local/internal/glue"
	"snaplake/local/internal/wire"
)

// Catalog contains the Glue operations that Athena performs on behalf of the context's caller. *glue.Service implements Catalog.
type Catalog interface {
	Database(ctx context.Context, name string) (glue.Database, error)
	Databases(ctx context.Context) ([]glue.Database, error)
	Table(ctx context.Context, database, name string) (glue.Table, error)
	Tables(ctx context.Context, database string) ([]glue.Table, error)
	Partitions(ctx context.Context, database, table string) ([]glue.Partition, error)
	CreateTable(ctx context.Context, database string, in glue.TableInput) error
	UpdateTable(ctx context.Context, database string, in glue.TableInput) error
	DeleteTable(ctx context.Context, database, name string) error
}

// Errors for databases and tables that are not in the catalog.
var (
	errNoDatabase = errors.New("no such database")
	errNoTable    = errors.New("no such table")
)

// find returns a table or a view. The error is errNoDatabase, errNoTable or an error of the catalog.
func (s *session) find(ctx context.Context, n name) (glue.Table, error) {
	if err := s.hasDatabase(ctx, n.database); err != nil {
		return glue.Table{}, err
	}
	t, err := s.options.Catalog.Table(ctx, n.database, n.table)
	if absent(err) {
		err = errNoTable
	}
	return t, err
}

func (s *session) hasDatabase(ctx context.Context, database string) error {
	_, err := s.options.Catalog.Database(ctx, database)
	if absent(err) {
		return errNoDatabase
	}
	return err
}

// absent reports whether err means that a database or a table is not in the catalog.
func absent(err error) bool {
	e, ok := errors.AsType[*wire.Error](err)
	return ok && e.Code == "EntityNotFoundException"
}
