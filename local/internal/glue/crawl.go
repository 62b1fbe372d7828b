package glue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/s3"
)

// crawl is the work of one run of a crawler.
type crawl struct {
	access        access
	store         *s3.Store
	catalog       *catalog
	definition    CrawlerInput
	configuration configuration
	runID         string
	fault         fault.Kind
}

// folder is what becomes one table.
type folder struct {
	bucket string
	path   string // ends with a slash
	// partitions by the path of the folder below this one: "1", "year=2026/month=11", "" when the objects lie in this one.
	partitions map[string]*partition
}

type partition struct {
	objects []s3.Object
	size    crawledSize
	columns []Column
}

// crawledSize is what Glue counts and writes to a table's parameters.
type crawledSize struct{ objects, bytes, rows int64 }

func (a crawledSize) plus(b crawledSize) crawledSize {
	return crawledSize{a.objects + b.objects, a.bytes + b.bytes, a.rows + b.rows}
}

// do finds the folders that are tables, reads their files, and, when all are read, brings them into the catalog: all with the
// rights of the crawler's role.
func (c *crawl) do(ctx context.Context) error {
	ctx, err := c.assume(ctx)
	if err != nil {
		return err
	}
	if err := c.mayLog(ctx); err != nil {
		return err
	}
	if c.configuration.tableLevel == 0 {
		return fmt.Errorf("the local AWS does not group folders by what they contain: give Grouping.TableLevelConfiguration in the Configuration of crawler %s", c.definition.Name)
	}
	folders := map[string]*folder{}
	for _, t := range c.definition.Targets.S3Targets {
		target, err := newTarget(t)
		if err != nil {
			return err
		}
		if err := c.list(ctx, target, folders); err != nil {
			return fmt.Errorf("crawl %s: %w", t.Path, err)
		}
	}
	var tables []crawledTable
	for _, key := range slices.Sorted(maps.Keys(folders)) {
		f := folders[key]
		for _, name := range slices.Sorted(maps.Keys(f.partitions)) {
			if err := c.read(ctx, f, f.partitions[name]); err != nil {
				return err
			}
		}
		t, err := c.table(f)
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	if err := ctx.Err(); err != nil {
		return err // stopped: the catalog stays as it was
	}
	switch c.fault {
	case fault.Failed:
		return internalError
	case fault.Cancelled:
		return context.Canceled
	}
	if err := c.access.onDatabase(ctx, "glue:GetDatabase", c.definition.DatabaseName); err != nil {
		return err
	}
	return c.catalog.add(c.definition.DatabaseName, appearing(tables, c.fault), c.configuration.mergeNewColumns, c.may(ctx))
}

// list sorts the objects of a target into folders.
func (c *crawl) list(ctx context.Context, t target, folders map[string]*folder) error {
	if !c.store.Exists(t.bucket) {
		return fmt.Errorf("there is no bucket %s", t.bucket)
	}
	if err := c.store.MayLocate(ctx, t.bucket); err != nil {
		return err
	}
	if err := c.store.MayList(ctx, t.bucket, t.prefix); err != nil {
		return err
	}
	objects, err := c.store.List(t.bucket, t.prefix)
	if err != nil {
		return err
	}
	depth := c.configuration.tableLevel - 1 // the bucket is level 1
	if above := strings.Count(t.prefix, "/"); depth < above {
		return fmt.Errorf("table level %d lies above the path, which is level %d", depth+1, above+1)
	}
	for _, o := range objects {
		if t.excludes(o.Key) || o.Size == 0 {
			continue // nothing can be told about an object without a byte
		}
		segments := strings.Split(o.Key, "/")
		if len(segments) <= depth {
			return fmt.Errorf("s3://%s/%s does not lie in a folder of table level %d: exclude it, or change the level", t.bucket, o.Key, depth+1)
		}
		path := strings.Join(segments[:depth], "/") + "/"
		f := folders[t.bucket+"/"+path]
		if f == nil {
			f = &folder{bucket: t.bucket, path: path, partitions: map[string]*partition{}}
			folders[t.bucket+"/"+path] = f
		}
		name := strings.Join(segments[depth:len(segments)-1], "/")
		if f.partitions[name] == nil {
			f.partitions[name] = &partition{}
		}
		f.partitions[name].objects = append(f.partitions[name].objects, o)
	}
	return nil
}

// read learns the columns of a partition from its files. Glue would give a file that it cannot classify a table UNKNOWN; the
// local AWS says so instead, since nobody can want such a table.
func (c *crawl) read(ctx context.Context, f *folder, p *partition) error {
	for _, o := range p.objects {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.store.MayRead(ctx, f.bucket, o.Key); err != nil {
			return fmt.Errorf("s3://%s/%s: %w", f.bucket, o.Key, err)
		}
		file, err := readFooter(c.store.Path(f.bucket, o.Key))
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("s3://%s/%s was deleted while it was crawled", f.bucket, o.Key)
		}
		if err != nil {
			return fmt.Errorf("s3://%s/%s: %w; the local AWS crawls Parquet only: exclude the object or write it again", f.bucket, o.Key, err)
		}
		if p.columns, err = merge(p.columns, file.columns); err != nil {
			return fmt.Errorf("s3://%s/%s: %w than in the files before it", f.bucket, o.Key, err)
		}
		p.size = p.size.plus(crawledSize{1, o.Size, file.rows})
	}
	return nil
}

// merge appends the columns that are new.
func merge(columns, more []Column) ([]Column, error) {
	for _, m := range more {
		i := slices.IndexFunc(columns, func(c Column) bool { return c.Name == m.Name })
		if i < 0 {
			columns = append(columns, m)
		} else if columns[i].Type != m.Type {
			return nil, fmt.Errorf("column %q is %s, and not %s", m.Name, m.Type, columns[i].Type)
		}
	}
	return columns, nil
}
