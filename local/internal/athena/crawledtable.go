package athena

import (
	"context"
	"fmt"
	"path"
	"strings"

	"snaplake/local/internal/glue"
)

// defineTable defines a crawled table in DuckDB: a view over the Parquet files with the columns that the catalog lists. If the statement
// does not read rows, the view is empty.
func (s *session) defineTable(ctx context.Context, n name, t glue.Table) ([]column, error) {
	if t.StorageDescriptor == nil || t.StorageDescriptor.Location == "" {
		return nil, failWith("HIVE_INVALID_METADATA", "Table '%s' has no location", n)
	}
	if t.Parameters["classification"] != "parquet" {
		const format = "Table '%s' is not in Parquet format; the local Athena supports only Parquet"
		return nil, failWith("HIVE_UNSUPPORTED_FORMAT", format, n)
	}
	seen := map[string]bool{}
	columns := columnsOf(t)
	for i, c := range columns {
		if seen[c.name] {
			return nil, failWith("HIVE_INVALID_METADATA", "Hive metadata for table %s is invalid: Table descriptor contains duplicate columns", n.table)
		}
		seen[c.name] = true
		known, _ := typeOf(c.kind) // selectPart rejects a type that is not known
		columns[i].engine = known.engine
	}
	parts, err := s.parts(ctx, n, t)
	if err != nil {
		return nil, err
	}
	var selects []string
	for _, p := range parts {
		query, err := s.selectPart(ctx, n, t, p)
		if err != nil {
			return nil, err
		}
		selects = append(selects, query)
	}
	return s.create(ctx, n, strings.Join(selects, " UNION ALL "), columns)
}

// part is a location that contains rows of a table. values holds the values of the partition columns.
type part struct {
	location string
	values   []string
}

// parts returns the parts of a table. Like Athena, it ignores partitions that are not in the catalog.
func (s *session) parts(ctx context.Context, n name, t glue.Table) ([]part, error) {
	empty := []part{{values: make([]string, len(t.PartitionKeys))}} // provides the columns but no rows
	if !s.readsRows {
		return empty, nil
	}
	if len(t.PartitionKeys) == 0 {
		return []part{{location: t.StorageDescriptor.Location}}, nil
	}
	partitions, err := s.options.Catalog.Partitions(ctx, n.database, n.table)
	if absent(err) { // the table was deleted after find returned it
		return nil, failWith("TABLE_NOT_FOUND", "Table '%s' does not exist", n)
	}
	if err != nil {
		return nil, fmt.Errorf("get partitions of %s: %w", n, err)
	}
	var parts []part
	for _, p := range partitions {
		if len(p.Values) != len(t.PartitionKeys) {
			const format = "Partition %q of table '%s' has %d values for %d partition keys"
			return nil, failWith("HIVE_INVALID_METADATA", format, p.Values, n, len(p.Values), len(t.PartitionKeys))
		}
		parts = append(parts, part{p.StorageDescriptor.Location, p.Values})
	}
	if parts == nil {
		return empty, nil
	}
	return parts, nil
}

// selectPart returns the query for one part of a table.
func (s *session) selectPart(ctx context.Context, n name, t glue.Table, p part) (string, error) {
	files, err := s.files(ctx, n, p.location)
	if err != nil {
		return "", err
	}
	var source string
	var stored map[string]column
	if len(files) > 0 {
		if source, stored, err = s.addScan(ctx, files); err != nil {
			why := s.withLocations(cause(err))
			return "", failWith("HIVE_CANNOT_OPEN_SPLIT", "Error opening Hive split %s: %s", p.location, why)
		}
	}
	var list []string
	for _, c := range t.StorageDescriptor.Columns {
		value, err := hiveColumn(n, c, stored)
		if err != nil {
			return "", err
		}
		list = append(list, value+" AS "+quote(strings.ToLower(c.Name)))
	}
	for i, k := range t.PartitionKeys {
		list = append(list, quoteString(p.values[i])+"::VARCHAR AS "+quote(strings.ToLower(k.Name)))
	}
	query := "SELECT " + strings.Join(list, ", ")
	if len(files) == 0 {
		return query + " WHERE false", nil
	}
	return query + " FROM " + source, nil
}

// hiveColumn returns the SQL expression that converts a column of the files to its type in the catalog. A missing column becomes NULL.
func hiveColumn(n name, c glue.Column, stored map[string]column) (string, error) {
	known, ok := hiveTypeOf(c.Type)
	if !ok {
		const format = "Column '%s' of table '%s' has the type %s, which the local Athena does not support"
		return "", failWith("HIVE_INVALID_METADATA", format, c.Name, n, c.Type)
	}
	want := known.engine
	have, ok := stored[strings.ToLower(c.Name)]
	value := quote(have.name)
	switch {
	case !ok:
		value = "NULL"
	case want == "VARCHAR" && have.engine == "BLOB":
		value = "decode(" + value + ", 'replace')"
	case want == "BLOB" && have.engine == "VARCHAR":
		value = "encode(" + value + ")"
	case (want == "VARCHAR") != (have.engine == "VARCHAR"), (want == "BLOB") != (have.engine == "BLOB"):
		const format = "Field %s's type %s in the parquet files of table '%s' is incompatible with type %s defined in table schema"
		return "", failWith("HIVE_BAD_DATA", format, c.Name, have.engine, n, c.Type)
	}
	return "CAST(" + value + " AS " + want + ")", nil
}

// files returns the file paths at a location as SQL string literals. Like Athena, it skips files whose names begin with _ or a dot.
func (s *session) files(ctx context.Context, n name, in string) ([]string, error) {
	if in == "" {
		return nil, nil
	}
	folder, err := folderAt(in)
	if err != nil {
		return nil, failWith("HIVE_INVALID_METADATA", "Table '%s': %v", n, err)
	}
	if !s.options.Store.Exists(folder.bucket) {
		return nil, failWith("HIVE_METASTORE_ERROR", "Table '%s': bucket %s does not exist", n, folder.bucket)
	}
	if err := s.options.Store.MayList(ctx, folder.bucket, folder.key); err != nil {
		return nil, deniedPath(in, err)
	}
	objects, err := s.options.Store.List(folder.bucket, folder.key)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", in, err)
	}
	var files []string
	for _, o := range objects {
		if base := path.Base(o.Key); base[0] == '_' || base[0] == '.' {
			continue
		}
		if err := s.options.Store.MayRead(ctx, folder.bucket, o.Key); err != nil {
			return nil, deniedPath(location{folder.bucket, o.Key}.String(), err)
		}
		files = append(files, quoteString(s.options.Store.Path(folder.bucket, o.Key)))
	}
	return files, nil
}

// location is the location of an object or of a folder in S3. The key of a folder is empty or ends with a slash.
type location struct{ bucket, key string }

func (l location) String() string { return "s3://" + l.bucket + "/" + l.key }

// folderAt parses the location of a folder, for example s3://BUCKET/FOLDER/. The trailing slash is optional.
func folderAt(text string) (location, error) {
	rest, ok := strings.CutPrefix(text, "s3://")
	bucket, key, _ := strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return location{}, fmt.Errorf("location %q does not have the form s3://BUCKET/FOLDER/", text)
	}
	if key != "" && !strings.HasSuffix(key, "/") {
		key += "/"
	}
	return location{bucket, key}, nil
}

// withLocations replaces file paths of the local store with S3 locations.
func (s *session) withLocations(text string) string {
	return strings.ReplaceAll(text, strings.TrimSuffix(s.options.Store.Path("", ""), "/")+"/", "s3://")
}

// cause returns the message of an error without the error code.
func cause(err error) string {
	if f, ok := err.(*failure); ok {
		return f.text
	}
	return err.Error()
}
