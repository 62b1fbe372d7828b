package workflow

import (
	"fmt"
	"strings"
)

// Failure is the text of a named error, and its cause if there is one. The text says what happened. What to do stands in the error's
// [Remedy]; the text repeats it only where it knows something more specific.
//
// Step Functions takes the name of the outermost Go type that leaves a handler (aws-lambda-go, lambda/errors.go). So a named error must
// leave its handler unwrapped.
type Failure struct{ err error }

func (f Failure) Error() string { return f.err.Error() }

// Unwrap returns the errors given to Errorf with %w.
func (f Failure) Unwrap() error { return f.err }

// Errorf returns a named error, formatted like fmt.Errorf:
//
//	return workflow.Errorf[workflow.SnapshotTooOld]("source %q: the newest snapshot is from %s", source, at)
func Errorf[E ~struct{ Failure }](format string, args ...any) E {
	return E{Failure{fmt.Errorf(format, args...)}}
}

// IsNamed reports whether err itself, and not only what it wraps, is one of the errors below.
func IsNamed(err error) bool {
	_, ok := err.(interface{ named() })
	return ok
}

func (Failure) named() {}

// Remedy is what to do about an error before the run continues. The mail, the local run and docs/operations.md print it.
type Remedy struct {
	// Text is an instruction of one sentence, or two.
	Text string
	// NeedsNewRun is true where a redrive would fail again.
	NeedsNewRun bool
}

// NoRedrive stands in the text of an error whose type a redrive usually resolves, but not this time. What follows says how to start
// the new run.
const NoRedrive = "a redrive does not help: start a new run"

// RemedyFor returns the remedy of an error by its name and its text. It reports false for a name that is not the workflow's.
func RemedyFor(name, text string) (Remedy, bool) {
	r, ok := remedies[name]
	if ok && saysNoRedrive(text) {
		r = Remedy{Text: "Do what the message says.", NeedsNewRun: true}
	}
	return r, ok
}

func saysNoRedrive(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "a redrive does not") || strings.Contains(text, "do not redrive")
}

// The named errors. Each is raised by the state that its comment names, and the Comment of that state in the definition lists it. The
// Comment of the state machine lists those of any state. Each has a remedy below.
type (
	// Unavailable, by any: AWS throttled a call, had an internal error, could not be reached, or does not show yet what it has. It is
	// transient, and outlasted the SDK's retries.
	Unavailable struct{ Failure }
	// CallRefused, by any: AWS refuses a call until something changes, for example a permission.
	CallRefused struct{ Failure }
	// InvalidInput, by any: the input or the state of the execution is wrong, and a redrive would have the same.
	InvalidInput struct{ Failure }
	// Misconfigured, by any: the function's environment variables or its layer are missing or wrong.
	Misconfigured struct{ Failure }

	// SnapshotNotFound, by FindSnapshot: the database is unknown, or has no usable snapshot.
	SnapshotNotFound struct{ Failure }
	// SnapshotTooOld, by FindSnapshot: the newest snapshot is older than max_snapshot_age. The next may still come.
	SnapshotTooOld struct{ Failure }
	// SnapshotNotReady, by FindSnapshot: the only snapshot is still being created.
	SnapshotNotReady struct{ Failure }

	// ExportSlotsBusy, by StartExport: the account runs as many exports as it may, or one of the same snapshot.
	ExportSlotsBusy struct{ Failure }
	// ExportRefused, by StartExport: RDS refuses the export until something changes.
	ExportRefused struct{ Failure }

	// ExportFailed, by CheckExport: RDS reports FAILED.
	ExportFailed struct{ Failure }
	// ExportCanceled, by CheckExport: the export was canceled.
	ExportCanceled struct{ Failure }
	// ExportIncomplete, by CheckExport: RDS reports COMPLETE, and tables are missing.
	ExportIncomplete struct{ Failure }

	// CrawlerBusy, by StartCrawler: the crawler runs for another export.
	CrawlerBusy struct{ Failure }
	// CrawlFailed, by CheckCrawler: the crawl failed or was cancelled.
	CrawlFailed struct{ Failure }

	// TablesMissing, by CreateViews: the crawl did not bring all exported tables into the catalog.
	TablesMissing struct{ Failure }
	// ObjectsMissing, by CreateViews: objects of a complete export are no longer in S3.
	ObjectsMissing struct{ Failure }
	// ChecksFailed, by CreateViews: the rows of a table fail one of the source's checks.
	ChecksFailed struct{ Failure }
	// ViewsFailed, by CreateViews: a view cannot be created.
	ViewsFailed struct{ Failure }

	// PruneFailed, by Prune: something that no view reads could not be deleted.
	PruneFailed struct{ Failure }
)

// remedies by the names of the types.
var remedies = map[string]Remedy{
	"Unavailable":   {Text: "AWS had a problem that outlasted the retries. Wait until the AWS Health Dashboard shows none."},
	"CallRefused":   {Text: "Remove the cause that the message names."},
	"InvalidInput":  {Text: `Correct the input, for example {"source": "shop"}.`, NeedsNewRun: true},
	"Misconfigured": {Text: "Deploy again."},

	"SnapshotNotFound": {Text: "Correct the source's database or its snapshots setting and deploy, or turn on automated backups."},
	"SnapshotTooOld": {Text: "Find out in the RDS console why there is no newer backup, or raise max_snapshot_age and deploy. " +
		"To export the old snapshot, start a new run with its identifier as snapshot instead."},
	"SnapshotNotReady": {Text: "Wait until the snapshot is available."},

	"ExportSlotsBusy": {Text: "Wait until a running export ends, or cancel one."},
	"ExportRefused":   {Text: "Do what the message says."},

	"ExportFailed":   {Text: "Remove the cause that RDS gives. The redrive pays for another export."},
	"ExportCanceled": {Text: "Find out who canceled the export. The redrive pays for another one."},
	"ExportIncomplete": {Text: "List what may be missing under allow_skipped and deploy, or repair it in the database. " +
		"The redrive pays for another export only if that can help."},

	"CrawlerBusy": {Text: "Wait until the crawler is free, or stop it."},
	"CrawlFailed": {Text: "Remove the cause that Glue gives."},

	"TablesMissing":  {Text: "Find out in the crawler's log why it left out these tables."},
	"ObjectsMissing": {Text: "Find out who deletes objects of exports. The redrive pays for another export."},
	"ChecksFailed": {Text: "If the new rows are right, change the limit under checks and deploy. " +
		"If not, correct them in the database and wait for the next run: a redrive checks the same rows again."},
	"ViewsFailed": {Text: "Correct the views or the configuration, and deploy."},

	"PruneFailed": {Text: "The views are published, so this is not urgent. Remove the cause that the message names."},
}
