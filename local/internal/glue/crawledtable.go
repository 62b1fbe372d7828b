package glue

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

// crawledTable is a table with its partitions, before it has its name for good.
type crawledTable struct {
	input      TableInput
	partitions []Partition
	// indexed is set when the partitions get an index. Nothing here reads one, so that only the right to make it is asked for.
	indexed bool
}

func (c *crawl) table(f *folder) (crawledTable, error) {
	var columns []Column
	var size crawledSize
	names := slices.Sorted(maps.Keys(f.partitions))
	for _, name := range names {
		p := f.partitions[name]
		var err error
		if columns, err = merge(columns, p.columns); err != nil {
			return crawledTable{}, fmt.Errorf("s3://%s/%s%s/: %w than in the folders before it", f.bucket, f.path, name, err)
		}
		size = size.plus(p.size)
	}
	keys, values, err := partitionKeys(names)
	if err != nil {
		return crawledTable{}, fmt.Errorf("s3://%s/%s: %w", f.bucket, f.path, err)
	}
	location := "s3://" + f.bucket + "/" + f.path
	indexed := len(keys) > 0 && !c.configuration.noPartitionIndex
	parameters := c.parameters(size, indexed)
	out := crawledTable{indexed: indexed, input: TableInput{
		Name:              c.tableName(f),
		Owner:             "owner",
		PartitionKeys:     keys,
		StorageDescriptor: descriptor(columns, location, parameters),
		TableType:         "EXTERNAL_TABLE",
		Parameters:        parameters,
	}}
	if len(keys) == 0 {
		return out, nil
	}
	for i, name := range names {
		p := f.partitions[name]
		own := p.columns
		if c.configuration.inheritFromTable {
			own = columns
		}
		parameters := c.parameters(p.size, false)
		out.partitions = append(out.partitions, Partition{
			Values:            values[i],
			StorageDescriptor: *descriptor(own, location+name+"/", parameters),
			Parameters:        parameters,
		})
	}
	return out, nil
}

// tableName is the folder's as Glue writes it. Without a folder, when the table level is the bucket's, it is the bucket's.
func (c *crawl) tableName(f *folder) string {
	name := path.Base("/" + f.bucket + "/" + f.path)
	if c.definition.TablePrefix != nil {
		name = *c.definition.TablePrefix + name
	}
	return cut(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		default:
			return '_'
		}
	}, name), 128)
}

func cut(s string, n int) string { return s[:min(len(s), n)] }

// partitionKeys names the folders below a table: by what stands before the equals sign, else partition_0 and so on. It
// returns the values too, in the order of the names.
func partitionKeys(names []string) ([]Column, [][]string, error) {
	keys := []Column{}
	var values [][]string
	for n, name := range names {
		var segments []string
		if name != "" {
			segments = strings.Split(name, "/")
		}
		if n > 0 && len(segments) != len(keys) {
			return nil, nil, fmt.Errorf("the folders %q and %q below one table are not equally deep", names[0], name)
		}
		row := make([]string, len(segments))
		for i, segment := range segments {
			key, value, named := strings.Cut(segment, "=")
			if !named {
				key, value = "partition_"+strconv.Itoa(i), segment
			}
			key = strings.ToLower(key)
			row[i] = value
			if n == 0 {
				keys = append(keys, Column{Name: key, Type: "string"})
			} else if keys[i].Name != key {
				return nil, nil, fmt.Errorf("the folders %q and %q below one table are not named alike", names[0], name)
			}
		}
		values = append(values, row)
	}
	return keys, values, nil
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
		BucketColumns: []string{},
		SortColumns:   []SortColumn{},
		Parameters:    parameters,
	}
}

// parameters are those of tables that the real crawler made, as people show them in public.
func (c *crawl) parameters(size crawledSize, indexed bool) map[string]string {
	p := map[string]string{
		"CRAWL_RUN_ID":                     c.runID,
		"CrawlerSchemaDeserializerVersion": "1.0",
		"CrawlerSchemaSerializerVersion":   "1.0",
		"UPDATED_BY_CRAWLER":               c.definition.Name,
		"averageRecordSize":                strconv.FormatInt(size.bytes/max(size.rows, 1), 10),
		"classification":                   "parquet",
		"compressionType":                  "none",
		"objectCount":                      strconv.FormatInt(size.objects, 10),
		"recordCount":                      strconv.FormatInt(size.rows, 10),
		"sizeKey":                          strconv.FormatInt(size.bytes, 10),
		"typeOfData":                       "file",
	}
	if indexed {
		p["partition_filtering.enabled"] = "true"
	}
	return p
}

// add brings crawled tables into the catalog: all of them, or none when there is an error.
func (c *catalog) add(databaseName string, tables []crawledTable, mergeNewColumns bool, may permission) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, err := c.database(databaseName)
	if err != nil {
		return err
	}
	d := &database{Database: old.Database, Tables: maps.Clone(old.Tables), Partitions: maps.Clone(old.Partitions), Versions: maps.Clone(old.Versions)}
	at := d.locations()
	for _, t := range tables {
		if err := c.addTable(d, at, t, mergeNewColumns, may); err != nil {
			return err
		}
	}
	c.databases[d.Database.Name] = d
	return nil
}

// addTable adds one, where at has the names of the tables by their locations. A table of the same location stays as it is, apart from new partitions and, on wish, new columns. A table of
// the same name that lies elsewhere makes the new one take a longer name.
func (c *catalog) addTable(d *database, at map[string]string, t crawledTable, mergeNewColumns bool, may permission) error {
	location := t.input.StorageDescriptor.Location
	table, found := d.Tables[at[location]]
	if !found {
		if _, taken := d.Tables[t.input.Name]; taken {
			sum := md5.Sum([]byte(location))
			suffix := "_" + hex.EncodeToString(sum[:])
			t.input.Name = cut(t.input.Name, 128-len(suffix)) + suffix
		}
		now := c.clock.Now()
		table = c.table(d, t.input, now, now, 0)
	}
	if err := may("glue:GetTable", table.Name); err != nil {
		return err
	}
	if !found {
		if err := may("glue:CreateTable", table.Name); err != nil {
			return err
		}
		d.Tables[table.Name] = table
	} else if mergeNewColumns {
		if err := c.mergeColumns(d, table, t.input.StorageDescriptor.Columns, may); err != nil {
			return err
		}
	}
	if err := d.addPartitions(table, t.partitions, wire.Time(c.clock.Now()), may); err != nil || found || !t.indexed {
		return err
	}
	return cmp.Or(may("glue:GetPartitionIndexes", table.Name), may("glue:CreatePartitionIndex", table.Name))
}

// locations are the names of the tables, not of views, by where they lie; of two in one place, the first.
func (d *database) locations() map[string]string {
	at := map[string]string{}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(d.Tables))) {
		if sd := d.Tables[name].StorageDescriptor; sd != nil && sd.Location != "" {
			at[sd.Location] = name
		}
	}
	return at
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
	sd := *t.StorageDescriptor
	sd.Columns = merged
	d.Versions[t.Name] = append(slices.Clip(d.Versions[t.Name]), t)
	t.StorageDescriptor, t.VersionId, t.UpdateTime = &sd, strconv.Itoa(versionOf(t)+1), wire.Time(c.clock.Now())
	d.Tables[t.Name] = t
	return nil
}

// addPartitions adds those that the table does not have yet.
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
		if slices.ContainsFunc(all, func(old Partition) bool { return old.key() == p.key() }) {
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
	slices.SortFunc(all, func(a, b Partition) int { return strings.Compare(a.key(), b.key()) })
	d.Partitions[t.Name] = all
	return nil
}
