package workflow

import "strings"

// The layout of the bucket. RDS writes an export to exports/SOURCE/EXPORT/: its manifests there, and the objects of each table below
// DATABASE/SCHEMA.TABLE/. Athena writes the results of queries.
const (
	ExportsPrefix   = "exports/"
	ResultsPrefix   = "athena/"
	PipelineResults = ResultsPrefix + "pipeline/"
	AnalystsResults = ResultsPrefix + "analysts/"
)

// The objects in an export's folder. The names of manifests continue with the export's ID and end in .json.
const (
	// InfoManifest begins the name of the manifest about the whole export, TablesManifest those of the manifests about its tables.
	InfoManifest   = "export_info_"
	TablesManifest = "export_tables_info_"
	// SuccessMarker is the object that RDS writes last into a folder of Parquet files.
	SuccessMarker = "_SUCCESS"
	// CreateViews writes PublishingFile before it creates views, and PublishedFile after. They end in .json, so that the crawler skips them
	// like the manifests.
	PublishedFile  = "published.json"
	PublishingFile = "publishing.json"
)

// ExportPrefix returns the key prefix of all exports of a source: "exports/shop/".
func ExportPrefix(source string) string { return ExportsPrefix + source + "/" }

// Folder returns the key of the export's folder: "exports/shop/shop-20261121-1705-0/".
func (id ExportID) Folder() string { return ExportPrefix(id.Source) + id.String() + "/" }

// Folder returns the key of the export's folder.
func (e Export) Folder() string { return e.Prefix + e.ID + "/" }

// TableFolder returns a table's folder within its export's: "shop/shop.users/". RDS replaces four characters with underscores (RDS
// guide, "File naming convention").
func TableFolder(t TableName) string {
	return strings.NewReplacer(`\`, "_", "`", "_", `"`, "_", " ", "_").Replace(t.Database + "/" + t.Schema + "." + t.Table + "/")
}

// ParseTableFolder returns the table whose folder a key within an export's folder begins with. It reports false for a key that lies
// directly in the export's folder.
func ParseTableFolder(key string) (TableName, bool) {
	database, rest, ok := strings.Cut(key, "/")
	name, _, _ := strings.Cut(rest, "/")
	schema, table, _ := strings.Cut(name, ".")
	return TableName{Database: database, Schema: schema, Table: table}, ok
}

// S3URI returns the address of a key: "s3://lake/exports/shop/".
func S3URI(bucket, key string) string { return "s3://" + bucket + "/" + key }
