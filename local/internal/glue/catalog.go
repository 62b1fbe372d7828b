package glue

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/wire"
)

// Database is a database as the API represents it.
type Database struct {
	DatabaseInput
	CatalogId  string
	CreateTime wire.Time
}

// DatabaseInput is the definition of a database.
type DatabaseInput struct {
	Name        string
	Description string `json:",omitempty"`
	// CreateTableDefaultPermissions determines whether IAM or Lake Formation controls access to new tables.
	CreateTableDefaultPermissions []PrincipalPermissions `json:",omitempty"`
}

// Column is a column of a table. Type is a Hive type, for example "int", "string" or "decimal(10,2)".
type Column struct {
	Name       string
	Type       string            `json:",omitempty"`
	Comment    string            `json:",omitempty"`
	Parameters map[string]string `json:",omitempty"`
}

// SerDeInfo names the Java class that reads the data.
type SerDeInfo struct {
	Name                 string            `json:",omitempty"`
	SerializationLibrary string            `json:",omitempty"`
	Parameters           map[string]string `json:",omitempty"`
}

// StorageDescriptor is the location and format of a table or a partition.
type StorageDescriptor struct {
	Columns         []Column          `json:",omitzero"`
	Location        string            `json:",omitempty"`
	InputFormat     string            `json:",omitempty"`
	OutputFormat    string            `json:",omitempty"`
	NumberOfBuckets int               `json:",omitempty"`
	SerdeInfo       *SerDeInfo        `json:",omitempty"`
	Parameters      map[string]string `json:",omitempty"`
}

// TableInput is the definition of a table or a view.
type TableInput struct {
	Name              string
	Description       string             `json:",omitempty"`
	Owner             string             `json:",omitempty"`
	LastAccessTime    wire.Time          `json:",omitzero"`
	Retention         int                `json:",omitempty"`
	StorageDescriptor *StorageDescriptor `json:",omitempty"`
	PartitionKeys     []Column           `json:",omitzero"`
	ViewOriginalText  string             `json:",omitempty"`
	ViewExpandedText  string             `json:",omitempty"`
	// TableType is EXTERNAL_TABLE, VIRTUAL_VIEW or any other string.
	TableType  string            `json:",omitempty"`
	Parameters map[string]string `json:",omitempty"`
}

// Table is a table or a view as the API represents it. The catalog replaces tables instead of modifying them, and callers must not modify
// them.
type Table struct {
	TableInput
	DatabaseName                  string
	CatalogId                     string
	CreateTime                    wire.Time
	UpdateTime                    wire.Time
	CreatedBy                     string
	IsRegisteredWithLakeFormation bool
	VersionId                     string
}

// Partition is a partition of a table. Values are in the order of the table's PartitionKeys.
type Partition struct {
	Values            []string
	DatabaseName      string
	TableName         string
	CatalogId         string
	CreationTime      wire.Time
	StorageDescriptor StorageDescriptor
	Parameters        map[string]string `json:",omitempty"`
}

// catalog is the content of the Data Catalog.
type catalog struct {
	clock   clock.Clock
	account string

	mu        sync.Mutex
	databases map[string]*database // by lower-case name
}

type database struct {
	Database   Database
	Tables     map[string]Table
	Partitions map[string][]Partition // by table name
	// Versions holds the previous versions of each table, the oldest first.
	Versions map[string][]Table
}

// database finds a database by name, ignoring case. The caller must hold the lock.
func (c *catalog) database(name string) (*database, error) {
	d, ok := c.databases[strings.ToLower(name)]
	if !ok {
		return nil, wire.Errorf("EntityNotFoundException", "Database %s not found.", name)
	}
	return d, nil
}

// newTable returns the first version of a table.
func (c *catalog) newTable(d *database, in TableInput) Table {
	now := wire.Time(c.clock.Now())
	return Table{
		TableInput:   in,
		DatabaseName: d.Database.Name,
		CatalogId:    c.account,
		CreateTime:   now,
		UpdateTime:   now,
		CreatedBy:    "arn:aws:iam::" + c.account + ":root",
		VersionId:    "0",
	}
}

// replace replaces the definition of a table and keeps the old definition as a version. The caller must hold the lock.
func (c *catalog) replace(d *database, old Table, in TableInput) {
	in.Name = old.Name
	t := c.newTable(d, in)
	t.CreateTime, t.VersionId = old.CreateTime, strconv.Itoa(versionOf(old)+1)
	d.Versions[t.Name] = append(slices.Clip(d.Versions[t.Name]), old)
	d.Tables[t.Name] = t
}

// find returns a table and its database. The caller must hold the lock.
func (c *catalog) find(databaseName, name string) (Table, *database, error) {
	d, err := c.database(databaseName)
	if err != nil {
		return Table{}, nil, err
	}
	t, ok := d.Tables[strings.ToLower(name)]
	if !ok {
		return Table{}, nil, wire.Errorf("EntityNotFoundException", "Table %s not found in database %s.", name, databaseName)
	}
	return t, d, nil
}

// delete deletes a table. The caller must hold the lock.
func (d *database) delete(t Table) {
	delete(d.Tables, t.Name)
	delete(d.Partitions, t.Name)
	delete(d.Versions, t.Name)
}
