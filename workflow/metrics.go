package workflow

// These are the namespace and the dimensions of the CloudWatch metrics. Each metric has both dimensions.
const (
	MetricNamespace   = "Snaplake"
	DimensionPipeline = "Pipeline" // Config.Name
	DimensionSource   = "Source"   // Source.Name
)

// Metrics whose names end in "Seconds" are step durations, including waits. Metrics whose names end in "Time" are Unix times in seconds.
const (
	MetricSnapshotSeconds = "SnapshotSeconds" // from the start of the run until the snapshot was found
	MetricExportSeconds   = "ExportSeconds"   // from when the snapshot was found until the export was complete
	MetricExportGigabytes = "ExportGigabytes" // the size of the data that RDS extracted
	MetricTables          = "Tables"          // the number of tables in the export, including empty ones
	MetricCrawlSeconds    = "CrawlSeconds"    // from the start of the crawl in Glue until CheckCrawler detected its end
	MetricViewsSeconds    = "ViewsSeconds"
	MetricSnapshotTime    = "SnapshotTime" // the time of the snapshot that the views read
	MetricPruneSeconds    = "PruneSeconds"
	MetricSucceeded       = "Succeeded"     // 1 for each run that succeeded
	MetricSucceededTime   = "SucceededTime" // the time at which the run succeeded
	MetricFailed          = "Failed"        // 1 for each run that failed, timed out or was aborted
)
