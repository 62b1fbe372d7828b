package workflow

import (
	"fmt"
	"regexp"
)

// Failure holds the text and the cause of a named error. The text describes what happened. It contains instructions only if they are more
// specific than the error's [Remedy].
//
// Step Functions takes the error name from the outermost Go type that a handler returns (aws-lambda-go, lambda/errors.go). So a handler
// must return a named error unwrapped.
type Failure struct{ err error }

func (f Failure) Error() string { return f.err.Error() }

// Unwrap makes the errors that Errorf wrapped with %w available to errors.Is and errors.As.
func (f Failure) Unwrap() error { return f.err }

func (Failure) named() {}

// Errorf returns a named error, formatted like fmt.Errorf:
//
//	return workflow.Errorf[workflow.SnapshotTooOld]("source %q: the newest snapshot is from %s", source, at)
func Errorf[E ~struct{ Failure }](format string, args ...any) E {
	return E{Failure{fmt.Errorf(format, args...)}}
}

// IsNamed reports whether err itself is one of the named errors below. It does not unwrap err.
func IsNamed(err error) bool {
	_, ok := err.(interface{ named() })
	return ok
}

// Remedy describes how to resolve an error. It appears in the notification email, in the output of a local run, and in docs/operations.md.
type Remedy struct {
	// Text is an instruction of one or two sentences.
	Text string
	// NeedsNewRun is true if a redrive would fail again.
	NeedsNewRun bool
}

// NoRedrive is part of the text of an error that a redrive cannot resolve, although a redrive usually resolves errors of this type. The
// text then explains how to start the new run.
const NoRedrive = "a redrive does not help: start a new run"

var noRedrive = regexp.MustCompile(`(?i)a redrive does not|do not redrive`)

// RemedyFor returns the remedy for an error, given its name and text. It reports false if the name is not one of the named errors.
func RemedyFor(name, text string) (Remedy, bool) {
	r, ok := remedies[name]
	if ok && noRedrive.MatchString(text) {
		r = Remedy{Text: "Do what the message says.", NeedsNewRun: true}
	}
	return r, ok
}

// The comment on each named error begins with the state that raises it. In pipeline.asl.json, the Comment of that state lists the error.
// The Comment of the state machine lists the errors that any state can raise.
type (
	Unavailable   struct{ Failure } // Every state: AWS had a transient problem, for example throttling, that outlasted the SDK's retries.
	CallRefused   struct{ Failure } // Every state: AWS rejects a call for a lasting reason, for example a missing permission.
	InvalidInput  struct{ Failure } // Every state: the execution's input or state is invalid. A redrive does not change it.
	Misconfigured struct{ Failure } // Every state: an environment variable or the layer of the function is missing or invalid.

	SnapshotNotFound struct{ Failure } // FindSnapshot: the database does not exist or has no usable snapshot.
	SnapshotTooOld   struct{ Failure } // FindSnapshot: the newest snapshot is older than max_snapshot_age. A newer one may still appear.
	SnapshotNotReady struct{ Failure } // FindSnapshot: the only snapshot is still being created.

	ExportSlotsBusy struct{ Failure } // StartExport: the limit on export tasks is reached, or another task is exporting the same snapshot.
	ExportRefused   struct{ Failure } // StartExport: RDS rejects the export for a lasting reason.

	ExportFailed     struct{ Failure } // CheckExport: RDS reports the status FAILED.
	ExportCanceled   struct{ Failure } // CheckExport: the export was canceled.
	ExportIncomplete struct{ Failure } // CheckExport: RDS reports the status COMPLETE, but tables are missing from the export.

	CrawlerBusy struct{ Failure } // StartCrawler: the crawler is running for another export.
	CrawlFailed struct{ Failure } // CheckCrawler: the crawl failed or was canceled.

	TablesMissing  struct{ Failure } // CreateViews: the crawl did not add all exported tables to the catalog.
	ObjectsMissing struct{ Failure } // CreateViews: objects of a complete export are no longer in S3.
	ChecksFailed   struct{ Failure } // CreateViews: the number of rows in a table violates a check of the source.
	ViewsFailed    struct{ Failure } // CreateViews: a view cannot be created.

	PruneFailed struct{ Failure } // Prune: an object or a table that no view reads could not be deleted.
)

var remedies = map[string]Remedy{
	"Unavailable":      {Text: "AWS had a problem that outlasted the retries. Wait until the AWS Health Dashboard shows no problem."},
	"CallRefused":      {Text: "Fix the cause that the message names."},
	"InvalidInput":     {Text: `Correct the input, for example {"source": "shop"}.`, NeedsNewRun: true},
	"Misconfigured":    {Text: "Deploy again."},
	"SnapshotNotFound": {Text: `Correct the source's setting "cluster", "instance" or "snapshots" and deploy, or turn on automated backups.`},
	"SnapshotTooOld": {Text: "To export the old snapshot, start a new run with its identifier in the input field \"snapshot\". " +
		"Otherwise, find out in the RDS console why there is no newer backup, or raise max_snapshot_age and deploy."},
	"SnapshotNotReady": {Text: "Wait until the snapshot is available."},
	"ExportSlotsBusy":  {Text: "Wait until a running export ends, or cancel one."},
	"ExportRefused":    {Text: "Do what the message says."},
	"ExportFailed":     {Text: "Fix the cause that RDS reports. If you redrive, you pay for another export."},
	"ExportCanceled":   {Text: "Find out who canceled the export. If you redrive, you pay for another export."},
	"ExportIncomplete": {Text: "If the missing tables may be skipped, list them under allow_skipped and deploy. Otherwise, repair them in " +
		"the database. A redrive starts another export, which RDS charges for, only if that can help."},
	"CrawlerBusy":    {Text: "Wait until the crawler is free, or stop it."},
	"CrawlFailed":    {Text: "Fix the cause that Glue reports."},
	"TablesMissing":  {Text: "Find out from the crawler's log why the crawler left out these tables."},
	"ObjectsMissing": {Text: "Find out who deletes the objects of exports. If you redrive, you pay for another export."},
	"ChecksFailed": {Text: "If the new rows are wrong, correct them in the database and wait for the next run, because a redrive checks " +
		"the same rows again. If they are right, change the limit under \"checks\" and deploy."},
	"ViewsFailed": {Text: "Fix the causes that the message names, and deploy if you changed your views or pipeline.yaml."},
	"PruneFailed": {Text: "The views are published, so this is not urgent. Fix the cause that the message names."},
}
