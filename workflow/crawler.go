package workflow

// CrawlerConfiguration makes one table of each table's folder, whatever the folder holds (Glue guide, "Setting crawler
// configuration options"). The level of a table's folder is absolute: the bucket is level 1, and
// exports/SOURCE/EXPORT/DATABASE/SCHEMA.TABLE follow. It makes no partition indexes, which a crawler makes by default (Glue guide,
// "Generating partition indexes"): the tables have one partition each, or a few.
const CrawlerConfiguration = `{"Version":1.0,"CreatePartitionIndex":false,` +
	`"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":6},` +
	`"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"},"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"}}}`

// CrawlerExclusions keep the manifests and the markers of finished folders from becoming tables.
func CrawlerExclusions() []string { return []string{"**.json", "**/" + SuccessMarker} }
