package glue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/s3"
)

// crawl is one run of a crawler. It reads files, and adds the tables that these files form to the catalog.
type crawl struct {
	access     access
	store      *s3.Store
	duckDB     *sql.DB
	catalog    *catalog
	definition CrawlerInput
	target     target
	runID      string
	fault      fault.Kind
}

// folder is a folder whose files form one table.
type folder struct {
	path string // ends with a slash
	// partitions maps the path below the folder, for example "1", to the partition's objects. The key "" is for the folder itself.
	partitions map[string][]s3.Object
	columns    []Column
}

// execute performs the crawl with the permissions of the crawler's role. It reads all files before it adds tables to the catalog.
func (c *crawl) execute(ctx context.Context) error {
	ctx, err := c.assume(ctx)
	if err != nil {
		return err
	}
	if err := c.mayLog(ctx); err != nil {
		return err
	}
	folders, err := c.list(ctx)
	if err != nil {
		return fmt.Errorf("crawl s3://%s/%s: %w", c.target.bucket, c.target.prefix, err)
	}
	var tables []crawledTable
	for _, path := range slices.Sorted(maps.Keys(folders)) {
		t, err := c.table(ctx, folders[path])
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	switch c.fault {
	case fault.Failed:
		//lint:ignore ST1005 this is the text of Glue
		return errors.New("Internal Service Exception")
	case fault.Cancelled:
		return context.Canceled
	case fault.NoTables:
		tables = nil
	case fault.MissingTable:
		tables = tables[min(1, len(tables)):]
	}
	if err := c.access.onDatabase(ctx, "glue:GetDatabase", c.definition.DatabaseName); err != nil {
		return err
	}
	return c.catalog.add(c.definition.DatabaseName, tables, c.may(ctx))
}

// tableDepth is the number of folders that lead to the files of a table. In [workflow.CrawlerConfiguration], the table level is one more,
// because the bucket is level 1.
const tableDepth = 5

// list returns the folders of the tables, keyed by path.
func (c *crawl) list(ctx context.Context) (map[string]*folder, error) {
	t := c.target
	if !c.store.Exists(t.bucket) {
		return nil, fmt.Errorf("bucket %s does not exist", t.bucket)
	}
	if err := errors.Join(c.store.MayLocate(ctx, t.bucket), c.store.MayList(ctx, t.bucket, t.prefix)); err != nil {
		return nil, err
	}
	objects, err := c.store.List(t.bucket, t.prefix)
	if err != nil {
		return nil, err
	}
	folders := map[string]*folder{}
	for _, o := range objects {
		if t.excludes(o.Key) || o.Size == 0 {
			continue // an empty object has no columns
		}
		segments := strings.Split(o.Key, "/")
		if len(segments) <= tableDepth {
			return nil, fmt.Errorf("s3://%s/%s is not in a folder of a table; exclude it", t.bucket, o.Key)
		}
		path := strings.Join(segments[:tableDepth], "/") + "/"
		if folders[path] == nil {
			folders[path] = &folder{path: path, partitions: map[string][]s3.Object{}}
		}
		partitions, name := folders[path].partitions, strings.Join(segments[tableDepth:len(segments)-1], "/")
		partitions[name] = append(partitions[name], o)
	}
	return folders, nil
}

// read reads a folder's columns from its files. For a file that Glue cannot classify, Glue creates a table of type UNKNOWN, but read
// returns an error.
func (c *crawl) read(ctx context.Context, f *folder) error {
	for _, name := range slices.Sorted(maps.Keys(f.partitions)) {
		for _, o := range f.partitions[name] {
			if err := ctx.Err(); err != nil {
				return err
			}
			columns, err := c.readObject(ctx, o.Key)
			if err == nil {
				f.columns, err = merge(f.columns, columns)
			}
			if err != nil {
				return fmt.Errorf("s3://%s/%s: %w", c.target.bucket, o.Key, err)
			}
		}
	}
	return nil
}

func (c *crawl) readObject(ctx context.Context, key string) ([]Column, error) {
	if err := c.store.MayRead(ctx, c.target.bucket, key); err != nil {
		return nil, err
	}
	return readColumns(ctx, c.duckDB, c.store.Path(c.target.bucket, key))
}

// merge appends the columns that are new. It returns an error if a column already exists with another type.
func merge(columns, more []Column) ([]Column, error) {
	for _, m := range more {
		i := slices.IndexFunc(columns, func(c Column) bool { return c.Name == m.Name })
		if i < 0 {
			columns = append(columns, m)
		} else if columns[i].Type != m.Type {
			return nil, fmt.Errorf("column %q has type %s in this file, but type %s in other files of the table", m.Name, m.Type, columns[i].Type)
		}
	}
	return columns, nil
}
