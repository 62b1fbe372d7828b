package fault

// Kind is what goes wrong.
type Kind string

// None is what a plan says of all that goes well.
const None Kind = ""

// What happens to a call of an AWS service. Besides these there are the error codes that the operation documents, each a Kind of
// its own: "KMSKeyNotAccessibleFault".
const (
	// Throttle answers that there were too many requests.
	Throttle Kind = "throttle"
	// ServerError answers with the service's own internal error, HTTP status 500.
	ServerError Kind = "5xx"
	// DropBefore closes the connection before the call has had any effect.
	DropBefore Kind = "drop-before"
	// DropAfter lets the call have its effect, and closes the connection in place of an answer.
	DropAfter Kind = "drop-after"
	// Slow answers a minute later.
	Slow Kind = "slow"
	// Hang never answers a call that has had its effect: the function that made it runs into its time-out.
	Hang Kind = "hang"
	// Denied answers that the caller may not make this call.
	Denied Kind = "denied"
	// Stale answers as if what was made last was not there yet: what the same question was answered before, or an empty list.
	Stale Kind = "stale"
	// EmptyPage answers a list with a page that has no entry and a token for the next.
	EmptyPage Kind = "empty-page"
	// UnknownFields adds members that no API model has.
	UnknownFields Kind = "unknown-fields"
	// Stopping makes GetCrawler tell that a ready crawler is still stopping.
	Stopping Kind = "stopping"
	// KillBefore ends the process that makes the call before the call has had any effect; KillAfter after it.
	KillBefore Kind = "kill-before"
	KillAfter  Kind = "kill-after"
)

// What happens to an invocation of a function, besides Throttle and ServerError, which are the Lambda service's own answers.
const (
	// Kill ends the process before it has done anything.
	Kill Kind = "kill"
	// KillLate ends it when its work is done, before it has answered.
	KillLate Kind = "kill-late"
	// Timeout ends it with the time-out of the function before it has done anything.
	Timeout Kind = "timeout"
	// TimeoutLate ends it with the time-out of the function when its work is done.
	TimeoutLate Kind = "timeout-late"
	// Memory ends it for having used more memory than the function has.
	Memory Kind = "memory"
	// TooLarge makes its answer larger than Lambda takes.
	TooLarge Kind = "too-large"
)

// What becomes of an export task. Those that begin with "failed" end FAILED, each with a FailureCause that the RDS guide
// documents ("Failure messages for Amazon S3 export tasks").
const (
	// Failed is RDS's unknown internal error. Crawls and views fail by this name, too.
	Failed            Kind = "failed"
	FailedAssume      Kind = "failed-assume"
	FailedMetadata    Kind = "failed-metadata"
	FailedPermission  Kind = "failed-permission"
	FailedKey         Kind = "failed-key"
	FailedCredentials Kind = "failed-credentials"
	FailedBucket      Kind = "failed-bucket"
	FailedRegion      Kind = "failed-region"
	// Canceled ends CANCELED; the word has one l in RDS, and two in Glue and Athena.
	Canceled Kind = "canceled"
	// Stuck stays STARTING.
	Stuck Kind = "stuck"
	// Skipped is COMPLETE with a table skipped, which WarningMessage and the manifests tell.
	Skipped Kind = "skipped"
	// NoManifest is COMPLETE without any export_tables_info, CutManifest with one that is cut in its middle.
	NoManifest  Kind = "no-manifest"
	CutManifest Kind = "cut-manifest"
	// LostParts is COMPLETE, and a table's part files are missing.
	LostParts Kind = "lost-parts"
)

// What becomes of a crawl, besides Failed.
const (
	// Cancelled ends CANCELLED, and so does a statement that makes a view.
	Cancelled Kind = "cancelled"
	// Foreign is that somebody else points the crawler elsewhere and starts it as soon as this crawl is over.
	Foreign Kind = "foreign"
	// NoTables succeeds, and no table appears; OneTableLess succeeds, and one does not.
	NoTables     Kind = "no-tables"
	OneTableLess Kind = "a-table-less"
)

// Retryable is a statement that fails with an error of Athena's own that may be tried again; one that is Failed has an error of
// the user's.
const Retryable Kind = "retryable"

// choice is a kind with what an operator reads of it.
type choice struct {
	kind Kind
	says string
}

// anyCall are the kinds that fit each operation.
var anyCall = []choice{
	{Throttle, "too many requests"},
	{ServerError, "the service's internal error, status 500"},
	{DropBefore, "the connection is closed before the call has had any effect"},
	{DropAfter, "the call has its effect, and the connection is closed before the answer"},
	{Slow, "the answer comes a minute later"},
	{Hang, "the call has its effect, and its answer never comes: the function runs into its time-out"},
	{Denied, "the caller may not make this call"},
	{UnknownFields, "the answer has members that no API model has"},
	{KillBefore, "the function that calls is killed before the call has had any effect"},
	{KillAfter, "the call has its effect, and the function that calls is killed"},
}

// someCalls are those that fit some.
var someCalls = []choice{
	{Stale, "the answer is an old one: that to the same request before, or an empty list"},
	{EmptyPage, "a page without an entry, and a token for the next"},
	{Stopping, "a crawler that is ready is told to be stopping"},
}

var invocations = []choice{
	{Throttle, "Lambda has too many requests"},
	{ServerError, "Lambda's internal error"},
	{Kill, "the process is killed before it has done anything"},
	{KillLate, "the process is killed when its work is done, before it has answered"},
	{Timeout, "the function's time-out, before it has done anything"},
	{TimeoutLate, "the function's time-out, when its work is done"},
	{Memory, "the function is out of memory"},
	{TooLarge, "the answer is larger than Lambda takes"},
}

var exports = []choice{
	{Failed, "FAILED: an unknown internal error"},
	{FailedAssume, "FAILED: RDS cannot assume the export role"},
	{FailedMetadata, "FAILED: the metadata could not be written to the bucket"},
	{FailedPermission, "FAILED: the export role may not do something in S3"},
	{FailedKey, "FAILED: the check of the KMS key"},
	{FailedCredentials, "FAILED: the check of the credentials for S3"},
	{FailedBucket, "FAILED: the bucket is not valid"},
	{FailedRegion, "FAILED: the bucket is not in this Region"},
	{Canceled, "CANCELED"},
	{Stuck, "STARTING for ever"},
	{Skipped, "COMPLETE, and a table was skipped, which WarningMessage and the manifests tell"},
	{NoManifest, "COMPLETE, and export_tables_info is missing"},
	{CutManifest, "COMPLETE, and a manifest is cut in its middle"},
	{LostParts, "COMPLETE, and the part files of a table are missing"},
}

var crawls = []choice{
	{Failed, "FAILED"},
	{Cancelled, "CANCELLED"},
	{Foreign, "somebody else points the crawler elsewhere and starts it when this crawl is over"},
	{NoTables, "SUCCEEDED, and no table appears"},
	{OneTableLess, "SUCCEEDED, and one table does not appear"},
}

var views = []choice{
	{Failed, "the statement fails with an error of the user's, which is not retryable"},
	{Retryable, "the statement fails with an error of Athena's, which is retryable"},
	{Cancelled, "the statement is cancelled"},
}
