// Package workflow contains what the functions, the deployment and the local AWS share: the state machine, the state that is passed through
// it, the errors and their remedies, the names of exports and tables, and the configuration. It does not use the AWS SDK.
package workflow

import (
	_ "embed"
	"time"
)

// Definition is the state machine in the Amazon States Language. The functions' ARNs replace its ${Placeholders}.
//
//go:embed pipeline.asl.json
var Definition string

// LongestRun is the TimeoutSeconds of the state machine: the maximum duration of an execution, not counting redrives.
const LongestRun = 48 * time.Hour

// Schema is the JSON Schema of pipeline.yaml.
//
//go:embed pipeline.schema.json
var Schema string

// CrawlerConfiguration makes the crawler create one table per table folder, whatever the folder contains (Glue guide, "Setting crawler
// configuration options"). The table level counts from the bucket: the bucket is level 1, and exports/SOURCE/EXPORT/DATABASE/SCHEMA.TABLE
// are levels 2 to 6. Partition indexes are off because the tables have few partitions (Glue guide, "Generating partition indexes").
const CrawlerConfiguration = `{"Version":1.0,"CreatePartitionIndex":false,` +
	`"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":6},` +
	`"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"},"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"}}}`

// CrawlerExclusions returns the glob patterns of the objects that the crawler skips: manifests and markers.
func CrawlerExclusions() []string { return []string{"**.json", "**/" + SuccessMarker} }
