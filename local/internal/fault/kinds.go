package fault

// Kind is a kind of failure. Each error code that is documented for an operation is also a Kind, for example "KMSKeyNotAccessibleFault".
type Kind string

// None means that no fault is injected into the call, function, export, crawl or view.
const None Kind = ""

// These kinds apply to calls. The variables anyCall and someCalls describe them.
const (
	Throttle      Kind = "throttle"
	ServerError   Kind = "5xx"
	DropBefore    Kind = "drop-before"
	DropAfter     Kind = "drop-after"
	Slow          Kind = "slow"
	Hang          Kind = "hang"
	Denied        Kind = "denied"
	UnknownFields Kind = "unknown-fields"
	KillBefore    Kind = "kill-before"
	KillAfter     Kind = "kill-after"
	Stale         Kind = "stale"
	EmptyPage     Kind = "empty-page"
	Stopping      Kind = "stopping"
)

// These kinds apply to invocations of functions, as do Throttle and ServerError. The variable invocations describes them.
const (
	Kill        Kind = "kill"
	KillLate    Kind = "kill-late"
	Timeout     Kind = "timeout"
	TimeoutLate Kind = "timeout-late"
	Memory      Kind = "memory"
	TooLarge    Kind = "too-large"
)

// These kinds apply to export tasks. The variable exports describes them. The kind Failed also applies to crawls and views.
const (
	Failed            Kind = "failed"
	FailedAssume      Kind = "failed-assume"
	FailedMetadata    Kind = "failed-metadata"
	FailedPermission  Kind = "failed-permission"
	FailedKey         Kind = "failed-key"
	FailedCredentials Kind = "failed-credentials"
	FailedBucket      Kind = "failed-bucket"
	FailedRegion      Kind = "failed-region"
	Canceled          Kind = "canceled" // RDS's spelling; Glue and Athena use Cancelled
	Stuck             Kind = "stuck"
	Skipped           Kind = "skipped"
	NoManifest        Kind = "no-manifest"
	CutManifest       Kind = "cut-manifest"
	LostParts         Kind = "lost-parts"
)

// These kinds apply to crawls and to the statements that create views. The variables crawls and views describe them.
const (
	Cancelled    Kind = "cancelled"
	OtherCrawl   Kind = "other-crawl"
	NoTables     Kind = "no-tables"
	MissingTable Kind = "missing-table"
	Retryable    Kind = "retryable"
)

// NoViews is a kind of the target information_schema.columns. The variable columns describes it.
const NoViews Kind = "no-views"

// choice pairs a kind with its description in the help text.
type choice struct {
	kind        Kind
	description string
}

// anyCall lists the kinds that every call supports.
var anyCall = []choice{
	{Throttle, "the service reports too many requests"},
	{ServerError, "the service reports an internal error, with status 500"},
	{DropBefore, "the connection closes before the call takes effect"},
	{DropAfter, "the call takes effect, but the connection closes before the response"},
	{Slow, "the response arrives a minute late"},
	{Hang, "the call takes effect, but no response arrives, so the function times out"},
	{Denied, "the caller is not authorized"},
	{UnknownFields, "the response has fields that are not in the API model"},
	{KillBefore, "the calling function is killed before the call takes effect"},
	{KillAfter, "the call takes effect, and then the calling function is killed"},
}

// someCalls lists the kinds that only some calls support.
var someCalls = []choice{
	{Stale, "the service repeats its previous response to the same request, or returns an empty list"},
	{EmptyPage, "the response is an empty page with a token for the next page"},
	{Stopping, "a crawler that is READY is reported as STOPPING"},
}

var invocations = []choice{
	{Throttle, "Lambda reports too many requests"},
	{ServerError, "Lambda reports an internal error"},
	{Kill, "the process is killed when it starts"},
	{KillLate, "the process is killed after it has done its work, but before it responds"},
	{Timeout, "the function times out when it starts"},
	{TimeoutLate, "the function times out after it has done its work"},
	{Memory, "the function runs out of memory"},
	{TooLarge, "the response is larger than Lambda allows"},
}

var exports = []choice{
	{Failed, "FAILED: unknown internal error"},
	{FailedAssume, "FAILED: RDS cannot assume the export role"},
	{FailedMetadata, "FAILED: the metadata cannot be written to the bucket"},
	{FailedPermission, "FAILED: the export role does not have permission to write to S3"},
	{FailedKey, "FAILED: the KMS key check failed"},
	{FailedCredentials, "FAILED: the S3 credential check failed"},
	{FailedBucket, "FAILED: the bucket is not valid"},
	{FailedRegion, "FAILED: the bucket is not in this Region"},
	{Canceled, "CANCELED halfway through"},
	{Stuck, "the status remains STARTING"},
	{Skipped, "COMPLETE, but the warning message and the manifest report a skipped table"},
	{NoManifest, "COMPLETE, but without export_tables_info files"},
	{CutManifest, "COMPLETE, but with a truncated export_tables_info file"},
	{LostParts, "COMPLETE, but without the part files of one table"},
}

var crawls = []choice{
	{Failed, "the crawl ends with the status FAILED"},
	{Cancelled, "the crawl ends with the status CANCELLED"},
	{OtherCrawl, "when the crawl ends, another user changes the crawler's target and starts the crawler again"},
	{NoTables, "the crawl succeeds, but adds no tables"},
	{MissingTable, "the crawl succeeds, but omits one table"},
}

var views = []choice{
	{Failed, "the statement fails with a user error, which is not retryable"},
	{Retryable, "the statement fails with a retryable Athena error"},
	{Cancelled, "the statement is cancelled"},
}

var columns = []choice{
	{NoViews, "queries that do not restrict table_name to constants get no columns of views (getredash/redash issues 5397 and 2772)"},
}
