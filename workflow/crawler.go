package workflow

// CrawlerConfiguration makes the crawler create one table per table folder, whatever the folder contains (Glue guide, "Setting crawler
// configuration options"). The table level is absolute: the bucket is level 1, and exports/SOURCE/EXPORT/DATABASE/SCHEMA.TABLE follow. The
// tables have few partitions, so they need no partition indexes (Glue guide, "Generating partition indexes").
const CrawlerConfiguration = `{"Version":1.0,"CreatePartitionIndex":false,` +
	`"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":6},` +
	`"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"},"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"}}}`

// CrawlerExclusions returns the patterns that keep manifests and markers from becoming tables.
func CrawlerExclusions() []string { return []string{"**.json", "**/" + SuccessMarker} }
