package workflow

import "fmt"

// Failure is what every named error of the workflow carries: a text for people, which says what happened and what to do
// next, and the cause, when there is one.
//
// Step Functions sees the name of the outermost Go type that leaves a handler (aws-lambda-go, lambda/errors.go), so a named
// error must leave its handler unwrapped. What caused it stays behind Unwrap.
type Failure struct{ err error }

func (f Failure) Error() string { return f.err.Error() }

// Unwrap returns the errors given to Errorf with %w.
func (f Failure) Unwrap() error { return f.err }

// Errorf makes a named error, as fmt.Errorf would make an unnamed one:
//
//	return workflow.Errorf[workflow.SnapshotTooOld]("source %q: the newest snapshot is from %s", source, at)
func Errorf[E ~struct{ Failure }](format string, args ...any) E {
	return E{Failure{fmt.Errorf(format, args...)}}
}

// IsNamed tells whether err itself, and not only what it wraps, is one of the errors below.
func IsNamed(err error) bool {
	_, ok := err.(interface{ named() })
	return ok
}

func (Failure) named() {}

// The names that the state machine knows. Each is raised by the state that its comment gives, and the Comment of that state
// in the definition lists it; the Comment of the state machine lists those of any state. Each text ends by saying whether a
// redrive helps.
type (
	// Unavailable, by any: AWS throttled a call, had an error of its own, could not be reached or does not show yet what it has,
	// and the SDK has tried again by then. It passes by itself.
	Unavailable struct{ Failure }
	// CallRefused, by any: AWS refuses a call until something is changed, as a permission or what was deleted.
	CallRefused struct{ Failure }
	// InvalidInput, by any: the execution's input or record is wrong, and a redrive would have the same one.
	InvalidInput struct{ Failure }
	// Misconfigured, by any: the function's variables or its layer are missing or wrong.
	Misconfigured struct{ Failure }

	// SnapshotNotFound, by FindSnapshot: the database is unknown, or has no usable snapshot.
	SnapshotNotFound struct{ Failure }
	// SnapshotTooOld, by FindSnapshot: the newest snapshot is older than max_snapshot_age. Tonight's may still come.
	SnapshotTooOld struct{ Failure }
	// SnapshotNotReady, by FindSnapshot: the only snapshot there is is still being created.
	SnapshotNotReady struct{ Failure }

	// ExportSlotsBusy, by StartExport: the account runs as many exports as it may, or one of this very snapshot.
	ExportSlotsBusy struct{ Failure }
	// ExportRefused, by StartExport: RDS refuses this export and will refuse it again until something is changed.
	ExportRefused struct{ Failure }

	// ExportFailed, by CheckExport: RDS reports FAILED.
	ExportFailed struct{ Failure }
	// ExportCanceled, by CheckExport: somebody cancelled the export.
	ExportCanceled struct{ Failure }
	// ExportIncomplete, by CheckExport: RDS reports COMPLETE, and tables are missing.
	ExportIncomplete struct{ Failure }

	// CrawlerBusy, by StartCrawler: the crawler runs for somebody else.
	CrawlerBusy struct{ Failure }
	// CrawlFailed, by CheckCrawler: the crawl failed or was cancelled.
	CrawlFailed struct{ Failure }

	// TablesMissing, by CreateViews: exported tables that the crawl did not bring into the catalog.
	TablesMissing struct{ Failure }
	// ObjectsMissing, by CreateViews: objects of an export that was complete are gone from S3.
	ObjectsMissing struct{ Failure }
	// ChecksFailed, by CreateViews: a table's rows break one of the source's checks.
	ChecksFailed struct{ Failure }
	// ViewsFailed, by CreateViews: a view cannot be made, or Athena refused it.
	ViewsFailed struct{ Failure }

	// PruneFailed, by Prune: something that no view reads could not be deleted.
	PruneFailed struct{ Failure }
)
