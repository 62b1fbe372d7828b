package workflow

// Where the functions' metrics are in CloudWatch. Each has both dimensions.
const (
	MetricNamespace   = "Snaplake"
	DimensionPipeline = "Pipeline" // Config.Name
	DimensionSource   = "Source"   // Source.Name
)

// The metrics. Those that end in Seconds are how long a step took, with its waiting.
const (
	// MetricSnapshotSeconds is from the start of the night until the snapshot was found.
	MetricSnapshotSeconds = "SnapshotSeconds"
	// MetricExportSeconds is from there until the export was complete.
	MetricExportSeconds = "ExportSeconds"
	// MetricExportGigabytes is what RDS extracted.
	MetricExportGigabytes = "ExportGigabytes"
	// MetricTables is how many tables the export contains, the empty ones among them.
	MetricTables = "Tables"
	// MetricCrawlSeconds is from the crawl's start, as Glue tells it, until it was seen to be over.
	MetricCrawlSeconds = "CrawlSeconds"
	MetricViewsSeconds = "ViewsSeconds"
	// MetricSnapshotTime is the time of the snapshot that the views now read, in seconds since 1970.
	MetricSnapshotTime = "SnapshotTime"
	MetricPruneSeconds = "PruneSeconds"
	// MetricSucceeded is 1 for each night that went through.
	MetricSucceeded = "Succeeded"
	// MetricSucceededTime is when it had, in seconds since 1970.
	MetricSucceededTime = "SucceededTime"
	// MetricFailed is 1 for each execution that failed, timed out or was aborted.
	MetricFailed = "Failed"
)
