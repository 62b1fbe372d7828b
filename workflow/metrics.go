package workflow

// The namespace and the dimensions of the metrics in CloudWatch. Each metric has both dimensions.
const (
	MetricNamespace   = "Snaplake"
	DimensionPipeline = "Pipeline" // Config.Name
	DimensionSource   = "Source"   // Source.Name
)

// The metrics. Those that end in Seconds are durations of steps, including their waits.
const (
	// MetricSnapshotSeconds is from the start of the run until the snapshot was found.
	MetricSnapshotSeconds = "SnapshotSeconds"
	// MetricExportSeconds is from then until the export was complete.
	MetricExportSeconds = "ExportSeconds"
	// MetricExportGigabytes is the size that RDS extracted.
	MetricExportGigabytes = "ExportGigabytes"
	// MetricTables is the number of tables in the export, including empty ones.
	MetricTables = "Tables"
	// MetricCrawlSeconds is from the start of the crawl according to Glue until its end was noticed.
	MetricCrawlSeconds = "CrawlSeconds"
	MetricViewsSeconds = "ViewsSeconds"
	// MetricSnapshotTime is the time of the snapshot that the views read, in seconds since 1970.
	MetricSnapshotTime = "SnapshotTime"
	MetricPruneSeconds = "PruneSeconds"
	// MetricSucceeded is 1 for each run that succeeded.
	MetricSucceeded = "Succeeded"
	// MetricSucceededTime is when it succeeded, in seconds since 1970.
	MetricSucceededTime = "SucceededTime"
	// MetricFailed is 1 for each execution that failed, timed out or was aborted.
	MetricFailed = "Failed"
)
