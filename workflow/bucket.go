package workflow

import "strings"

// These are the key prefixes in the bucket. RDS writes an export to exports/SOURCE/EXPORT/, with the manifests at the top level and the
// objects of each table in DATABASE/SCHEMA.TABLE/. Athena writes query results to athena/.
const (
	ExportsPrefix   = "exports/"
	ResultsPrefix   = "athena/"
	PipelineResults = ResultsPrefix + "pipeline/"
	AnalystsResults = ResultsPrefix + "analysts/"
)

// These are the names of objects in an export's folder.
const (
	// InfoManifest and TablesManifest are prefixes of manifest names. The full names end with the export's ID and .json.
	InfoManifest   = "export_info_"
	TablesManifest = "export_tables_info_"
	// SuccessMarker is the last object that RDS writes into a folder of Parquet files.
	SuccessMarker = "_SUCCESS"
	// CreateViews writes PublishingFile before it creates views and PublishedFile afterwards. The crawler skips both because their names end
	// in .json.
	PublishedFile  = "published.json"
	PublishingFile = "publishing.json"
)

// ExportPrefix returns the key prefix of all exports of a source: "exports/shop/".
func ExportPrefix(source string) string { return ExportsPrefix + source + "/" }

// Folder returns the key prefix of the export's folder: "exports/shop/shop-20261121-1705-0/".
func (id ExportID) Folder() string { return ExportPrefix(id.Source) + id.String() + "/" }

// Folder returns the key prefix of the export's folder.
func (e Export) Folder() string { return e.Prefix + e.ID + "/" }

// TableFolder returns the path of a table's folder inside the export's folder: "shop/shop.users/". As in RDS, an underscore replaces each
// backslash, backtick, double quote and space (RDS guide, "File naming convention").
func TableFolder(t TableName) string {
	return strings.NewReplacer(`\`, "_", "`", "_", `"`, "_", " ", "_").Replace(t.Database + "/" + t.Schema + "." + t.Table + "/")
}

// ParseTableFolder returns the table that an object belongs to. The key is relative to the export's folder. It reports false for an
// object directly in that folder.
func ParseTableFolder(key string) (TableName, bool) {
	database, rest, ok := strings.Cut(key, "/")
	name, _, _ := strings.Cut(rest, "/")
	schema, table, _ := strings.Cut(name, ".")
	return TableName{Database: database, Schema: schema, Table: table}, ok
}

// S3URI returns the URI of an object or a key prefix: "s3://lake/exports/shop/".
func S3URI(bucket, key string) string { return "s3://" + bucket + "/" + key }
