package fault

// Kind is what goes wrong. An error code that an operation documents is a Kind of its own, for example "KMSKeyNotAccessibleFault".
type Kind string

// None is the kind of everything that goes well.
const None Kind = ""

// What happens to a call: see anyCall and someCalls.
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

// What happens to an invocation of a function, besides Throttle and ServerError: see invocations.
const (
	Kill        Kind = "kill"
	KillLate    Kind = "kill-late"
	Timeout     Kind = "timeout"
	TimeoutLate Kind = "timeout-late"
	Memory      Kind = "memory"
	TooLarge    Kind = "too-large"
)

// What happens to an export task: see exports. Each Failed kind has a FailureCause of the RDS guide ("Failure messages for Amazon S3
// export tasks"). Crawls and views have Failed as well.
const (
	Failed            Kind = "failed"
	FailedAssume      Kind = "failed-assume"
	FailedMetadata    Kind = "failed-metadata"
	FailedPermission  Kind = "failed-permission"
	FailedKey         Kind = "failed-key"
	FailedCredentials Kind = "failed-credentials"
	FailedBucket      Kind = "failed-bucket"
	FailedRegion      Kind = "failed-region"
	Canceled          Kind = "canceled" // the spelling of RDS; Glue and Athena write Cancelled
	Stuck             Kind = "stuck"
	Skipped           Kind = "skipped"
	NoManifest        Kind = "no-manifest"
	CutManifest       Kind = "cut-manifest"
	LostParts         Kind = "lost-parts"
)

// What happens to a crawl and to the statement of a view: see crawls and views.
const (
	Cancelled    Kind = "cancelled"
	Foreign      Kind = "foreign"
	NoTables     Kind = "no-tables"
	OneTableLess Kind = "a-table-less"
	Retryable    Kind = "retryable"
)

// choice is a kind with its line in the help.
type choice struct {
	kind Kind
	says string
}

// anyCall are the kinds of all operations.
var anyCall = []choice{
	{Throttle, "too many requests"},
	{ServerError, "the service's internal error, status 500"},
	{DropBefore, "the connection closes before the call has an effect"},
	{DropAfter, "the call has its effect, and the connection closes before the answer"},
	{Slow, "the answer comes a minute later"},
	{Hang, "the call has its effect, and is never answered: the function times out"},
	{Denied, "the caller is not authorized"},
	{UnknownFields, "the answer has members that are not in the API model"},
	{KillBefore, "the calling function is killed before the call has an effect"},
	{KillAfter, "the call has its effect, and the calling function is killed"},
}

// someCalls are the kinds of some operations.
var someCalls = []choice{
	{Stale, "the previous answer to the same request, or an empty list"},
	{EmptyPage, "a page without entries, and a token for the next page"},
	{Stopping, "a crawler that is READY is reported as STOPPING"},
}

var invocations = []choice{
	{Throttle, "Lambda's error for too many requests"},
	{ServerError, "Lambda's internal error"},
	{Kill, "the process is killed at its start"},
	{KillLate, "the process is killed after its work, before its answer"},
	{Timeout, "the function times out at its start"},
	{TimeoutLate, "the function times out after its work"},
	{Memory, "the function runs out of memory"},
	{TooLarge, "the answer is larger than Lambda accepts"},
}

var exports = []choice{
	{Failed, "FAILED: unknown internal error"},
	{FailedAssume, "FAILED: RDS cannot assume the export role"},
	{FailedMetadata, "FAILED: the metadata cannot be written to the bucket"},
	{FailedPermission, "FAILED: the export role lacks a permission in S3"},
	{FailedKey, "FAILED: KMS key check"},
	{FailedCredentials, "FAILED: S3 credential check"},
	{FailedBucket, "FAILED: the bucket is not valid"},
	{FailedRegion, "FAILED: the bucket is not in this Region"},
	{Canceled, "CANCELED"},
	{Stuck, "STARTING for ever"},
	{Skipped, "COMPLETE, with a skipped table in WarningMessage and manifest"},
	{NoManifest, "COMPLETE, without export_tables_info"},
	{CutManifest, "COMPLETE, with a truncated export_tables_info"},
	{LostParts, "COMPLETE, without the part files of a table"},
}

var crawls = []choice{
	{Failed, "FAILED"},
	{Cancelled, "CANCELLED"},
	{Foreign, "someone else retargets and starts the crawler when this crawl is over"},
	{NoTables, "SUCCEEDED, without any table"},
	{OneTableLess, "SUCCEEDED, with one table missing"},
}

var views = []choice{
	{Failed, "the statement fails with a user error, which is not retryable"},
	{Retryable, "the statement fails with an error of Athena, which is retryable"},
	{Cancelled, "the statement is cancelled"},
}
