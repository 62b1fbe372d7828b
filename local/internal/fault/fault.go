// Package fault plans what goes wrong in the local AWS: which call, function, export, crawl or view, how, and how often. The
// services ask a [Plan] and do what it says; they know how it shows on AWS.
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
	// ServerError answers with the service's own internal error, HTTP status 500 or 503.
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
