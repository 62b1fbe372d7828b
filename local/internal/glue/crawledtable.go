package glue

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

// crawledTable is a table that a crawl found, with its partitions.
type crawledTable struct {
	input      TableInput
	partitions []Partition
}

// table reads the files of a folder and returns the table that these files form.
func (c *crawl) table(ctx context.Context, f *folder) (crawledTable, error) {
	if err := c.read(ctx, f); err != nil {
		return crawledTable{}, err
	}
	location := "s3://" + c.target.bucket + "/" + f.path
	names := slices.Sorted(maps.Keys(f.partitions))
	keys, err := partitionKeys(names)
	if err != nil {
		return crawledTable{}, fmt.Errorf("%s: %w", location, err)
	}
	parameters := c.parameters()
	out := crawledTable{input: TableInput{
		Name:              c.tableName(f),
		Owner:             "owner",
		PartitionKeys:     keys,
		StorageDescriptor: descriptor(f.columns, location, parameters),
		TableType:         "EXTERNAL_TABLE",
		Parameters:        parameters,
	}}
	if len(keys) == 0 {
		return out, nil
	}
	for _, name := range names {
		out.partitions = append(out.partitions, Partition{
			Values:            strings.Split(name, "/"),
			StorageDescriptor: *descriptor(f.columns, location+name+"/", parameters),
			Parameters:        parameters,
		})
	}
	return out, nil
}

// tableName returns the name that Glue derives from a folder's name.
func (c *crawl) tableName(f *folder) string {
	name := path.Base(f.path)
	if c.definition.TablePrefix != nil {
		name = *c.definition.TablePrefix + name
	}
	return cut(regexp.MustCompile(`[^a-z0-9_]`).ReplaceAllString(strings.ToLower(name), "_"), 128)
}

func cut(s string, n int) string { return s[:min(len(s), n)] }

// partitionKeys returns a partition key for each folder level below a table: partition_0, partition_1 and so on. In Glue, a folder named
// key=value specifies the name of the key. Such folders are not supported, since exports do not contain them.
func partitionKeys(names []string) ([]Column, error) {
	keys := []Column{}
	if names[0] != "" {
		for i := range strings.Split(names[0], "/") {
			keys = append(keys, Column{Name: "partition_" + strconv.Itoa(i), Type: "string"})
		}
	}
	for _, name := range names {
		if strings.Contains(name, "=") {
			return nil, fmt.Errorf("the local AWS does not support folder %q, because its name has the form key=value", name)
		}
		if (name == "") != (len(keys) == 0) || strings.Count(name, "/") != strings.Count(names[0], "/") {
			return nil, fmt.Errorf("folders %q and %q of the same table have different depths", names[0], name)
		}
	}
	return keys, nil
}

func descriptor(columns []Column, location string, parameters map[string]string) *StorageDescriptor {
	return &StorageDescriptor{
		Columns:         columns,
		Location:        location,
		InputFormat:     "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
		OutputFormat:    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
		NumberOfBuckets: -1,
		SerdeInfo: &SerDeInfo{
			SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
			Parameters:           map[string]string{"serialization.format": "1"},
		},
		Parameters: parameters,
	}
}

// parameters returns the parameters that real crawlers write to tables and partitions, according to published examples, except for counts.
func (c *crawl) parameters() map[string]string {
	return map[string]string{
		"CRAWL_RUN_ID":                     c.runID,
		"CrawlerSchemaDeserializerVersion": "1.0",
		"CrawlerSchemaSerializerVersion":   "1.0",
		"UPDATED_BY_CRAWLER":               c.definition.Name,
		"classification":                   "parquet",
		"compressionType":                  "none",
		"typeOfData":                       "file",
	}
}

// add adds the crawled tables to the catalog. If it returns an error, it has added none of them.
func (c *catalog) add(databaseName string, tables []crawledTable, may permission) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, err := c.database(databaseName)
	if err != nil {
		return err
	}
	d := &database{
		Database: old.Database, Tables: maps.Clone(old.Tables), Partitions: maps.Clone(old.Partitions), Versions: maps.Clone(old.Versions),
	}
	byLocation := d.locations()
	for _, t := range tables {
		if err := c.addTable(d, byLocation, t, may); err != nil {
			return err
		}
	}
	c.databases[d.Database.Name] = d
	return nil
}

// addTable adds a crawled table to d. byLocation maps locations to table names. If a table has the same location, that table receives the
// new columns and partitions. If a table with another location has the same name, the crawled table's name gets a suffix.
func (c *catalog) addTable(d *database, byLocation map[string]string, t crawledTable, may permission) error {
	location := t.input.StorageDescriptor.Location
	table, found := d.Tables[byLocation[location]]
	if !found {
		if _, taken := d.Tables[t.input.Name]; taken {
			sum := md5.Sum([]byte(location))
			suffix := "_" + hex.EncodeToString(sum[:])
			t.input.Name = cut(t.input.Name, 128-len(suffix)) + suffix
		}
		table = c.newTable(d, t.input)
	}
	if err := may("glue:GetTable", table.Name); err != nil {
		return err
	}
	if found {
		if err := c.mergeColumns(d, table, t.input.StorageDescriptor.Columns, may); err != nil {
			return err
		}
	} else {
		if err := may("glue:CreateTable", table.Name); err != nil {
			return err
		}
		d.Tables[table.Name] = table
	}
	return d.addPartitions(table, t.partitions, wire.Time(c.clock.Now()), may)
}

// locations returns the table names by location. If several tables share a location, it returns the first name in alphabetical order.
func (d *database) locations() map[string]string {
	byLocation := map[string]string{}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(d.Tables))) {
		if sd := d.Tables[name].StorageDescriptor; sd != nil && sd.Location != "" {
			byLocation[sd.Location] = name
		}
	}
	return byLocation
}

func (c *catalog) mergeColumns(d *database, t Table, columns []Column, may permission) error {
	merged, err := merge(slices.Clip(t.StorageDescriptor.Columns), columns)
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	if len(merged) == len(t.StorageDescriptor.Columns) {
		return nil
	}
	if err := may("glue:UpdateTable", t.Name); err != nil {
		return err
	}
	in, sd := t.TableInput, *t.StorageDescriptor
	sd.Columns, in.StorageDescriptor = merged, &sd
	c.replace(d, t, in)
	return nil
}

// addPartitions adds the partitions that the table does not have yet.
func (d *database) addPartitions(t Table, partitions []Partition, now wire.Time, may permission) error {
	if len(partitions) == 0 {
		return nil
	}
	if err := may("glue:BatchGetPartition", t.Name); err != nil {
		return err
	}
	all := slices.Clone(d.Partitions[t.Name])
	known := len(all)
	for _, p := range partitions {
		if slices.ContainsFunc(all, func(old Partition) bool { return slices.Equal(old.Values, p.Values) }) {
			continue
		}
		p.DatabaseName, p.TableName, p.CatalogId, p.CreationTime = t.DatabaseName, t.Name, t.CatalogId, now
		all = append(all, p)
	}
	if len(all) == known {
		return nil
	}
	if err := may("glue:BatchCreatePartition", t.Name); err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b Partition) int { return slices.Compare(a.Values, b.Values) })
	d.Partitions[t.Name] = all
	return nil
}
