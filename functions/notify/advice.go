package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"snaplake/workflow"
)

// advice is what to do about an error.
type advice struct {
	text string
	next next
}

// next is how a night goes on when its error is seen to.
type next int

const (
	redrive   next = iota
	asMessage      // redrive, unless the message asks for a new execution
	startAnew
)

// advices by the error's name: those of package workflow, and those that Step Functions and Lambda give (Step Functions
// guide, "Handling errors in Step Functions workflows"). Most messages of the former say it in detail.
var advices = map[string]advice{
	"Unavailable":   {"AWS could not do it, nor in the retries of some minutes. See the AWS Health Dashboard, and wait until it is over.", redrive},
	"CallRefused":   {"Remove the cause that the message names.", redrive},
	"InvalidInput":  {"Do what the message says.", startAnew},
	"Misconfigured": {"Deploy again: what the function starts with is missing or damaged.", redrive},

	"SnapshotNotFound": {"Correct the source's database or its setting snapshots and deploy, or see that RDS makes backups. A snapshot that the execution's input names is corrected in a new one only.", asMessage},
	"SnapshotTooOld":   {"See in the RDS console why there was no newer backup, or raise max_snapshot_age and deploy. To export the old snapshot all the same, start an execution with its identifier as snapshot.", redrive},
	"SnapshotNotReady": {"Wait until the snapshot is available.", redrive},
	"ExportSlotsBusy":  {"Wait until one of the exports that run is over, or cancel one.", redrive},
	"ExportRefused":    {"Do what the message says.", asMessage},
	"ExportFailed":     {"Remove the cause that RDS gives. A redrive makes and pays for another export.", asMessage},
	"ExportCanceled":   {"Ask who canceled it. A redrive makes and pays for another export.", asMessage},
	"ExportIncomplete": {"List what may be missing under allow_skipped and deploy, or repair it in the database. A redrive checks the export again, and pays for another only where that can help.", asMessage},
	"CrawlerBusy":      {"Wait until the crawler is free, or stop it.", redrive},
	"CrawlFailed":      {"Remove the cause that Glue gives. A redrive crawls again.", redrive},
	"TablesMissing":    {"See in the crawler's log why it left them out. A redrive crawls again; nothing is exported again.", asMessage},
	"ObjectsMissing":   {"Find out who deletes objects of the exports. A redrive makes and pays for another export.", asMessage},
	"ChecksFailed":     {"The views still show the rows of before. See in the database whether the new ones are right: if so, raise or remove the limit under checks and deploy. If not, repair them; the next night shows them then, while a redrive of this one checks the same rows again.", redrive},
	"ViewsFailed":      {"Correct the views or the configuration, and deploy. A redrive makes all views again.", redrive},
	"PruneFailed":      {"The views are published; only what nobody needs could not be deleted. There is no hurry.", redrive},

	"States.Timeout":                {"It took longer than it may: see in the execution what it waited for. An export that stands still has to be canceled in the RDS console, and the redrive then makes another; a crawler that does not end has to be stopped. A redrive has all the time again.", redrive},
	"States.DataLimitExceeded":      {"A function answered with more than Step Functions passes on, 256 KiB. Deploy a version of it that answers with less.", redrive},
	"States.Permissions":            {"The state machine's role may not do what the state does. Deploy again, and look for policies that deny it.", redrive},
	"States.Runtime":                misfit,
	"States.ParameterPathFailure":   misfit,
	"States.ResultPathMatchFailure": misfit,

	"Sandbox.Timedout":              {"The function's time was over. If it happens again, look in its log for what it waited for.", redrive},
	"Runtime.ExitError":             {"The function's process ended, perhaps for want of memory: its log says more.", redrive},
	"Runtime.OutOfMemory":           {"The function's memory was not enough: its log says how much it used. Deploy it with more, or leave tables out.", redrive},
	"Function.ResponseSizeTooLarge": {"The function answered with more than Lambda passes on, 6 MB. Deploy a version of it that answers with less.", redrive},
	"Lambda.Unknown":                {"The function's time or memory was over: its log says more.", redrive},
}

var (
	misfit = advice{"The state machine's definition does not fit what it works on. Deploy a corrected one; it counts only for executions that start after that.", startAnew}
	// ofLambda is about what the Lambda service reports of itself.
	ofLambda = advice{"Lambda could not run the function, and each retry ended like that. See that the function exists, whether the account's concurrency is used up, and the AWS Health Dashboard.", redrive}
	denied   = advice{"A permission is missing: the message says who may not do what, and on what. Deploy again if it is the stack's to give; otherwise make doctor helps to find the policy that denies it, such as an existing bucket's or key's, a permissions boundary or a service control policy.", redrive}
	aborted  = advice{"Somebody stopped the execution. An export that ran then still runs, and a redrive takes it up.", redrive}
	noSource = advice{"The execution's input names no source of the configuration. Add the source and deploy; or start an execution with the right name.", redrive}
	other    = advice{"Do what the message says; what the function logged says more.", asMessage}
)

// adviceFor goes by the strongest sign. The error unknown is the configuration's about the source, or nil. Whether a redrive helps, an
// error's own message knows best.
func adviceFor(e execution, unknown error) advice {
	a := byName(e, unknown)
	switch message := strings.ToLower(e.message()); {
	case strings.Contains(message, "a redrive does not help"):
		a.next = startAnew
	case a.next == startAnew && strings.Contains(message, "redrive"):
		a.next = asMessage
	}
	return a
}

func byName(e execution, unknown error) advice {
	known, ok := advices[e.errorName]
	told := e.errorName + ": " + e.message()
	switch {
	case e.status == "ABORTED":
		return aborted
	case unknown != nil && e.source() != "":
		return noSource
	case strings.Contains(told, "AccessDenied"), strings.Contains(told, "not authorized to perform"):
		return denied
	case ok:
		return known
	case e.status == "TIMED_OUT":
		return advices["States.Timeout"]
	case strings.HasPrefix(e.errorName, "Lambda."):
		return ofLambda
	default:
		return other
	}
}

// redrivePeriod is how long after its end an execution can be redriven (Step Functions guide, "Restarting state machine
// executions with redrive").
const redrivePeriod = 14 * 24 * time.Hour

// goOn says whether a redrive helps or a new execution is needed.
func (a advice) goOn(e execution) string {
	switch {
	case e.now != "":
		return "It was redriven since, and is " + e.now + " now."
	case e.redrivable != nil && !e.redrivable.yes:
		return "It cannot be redriven (" + cmp.Or(e.redrivable.reason, "Step Functions gives no reason") + "): start a new execution."
	case a.next == startAnew:
		return "A redrive does not help: start a new execution."
	}
	how := "To go on, open the execution and choose Redrive"
	if a.next == asMessage {
		how = "Unless the message asks for a new execution, open this one and choose Redrive"
	}
	if e.state != "" {
		how += ", which goes on in " + e.state
	}
	if !e.stopped.IsZero() {
		how += ". This is possible until " + workflow.FormatTime(e.stopped.Add(redrivePeriod))
	}
	if slices.Contains([]string{"StartCrawler", "CheckCrawler", "CreateViews"}, e.state) { // see Prune
		how += ". The export is kept for two days; a redrive after that may pay for another one"
	}
	return how + "."
}
