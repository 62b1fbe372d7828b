package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"snaplake/workflow"
)

// awsRemedies are those of the errors that Step Functions and Lambda report themselves (Step Functions guide, "Handling errors in Step
// Functions workflows").
var awsRemedies = map[string]workflow.Remedy{
	"States.Timeout": {Text: "The run took too long; the execution shows which state was waiting. " +
		"Cancel an export that makes no progress in the RDS console, or stop a crawler that does not end."},
	"States.DataLimitExceeded":      {Text: "A function returned more than the 256 KiB of Step Functions. Deploy a version that returns less."},
	"States.Permissions":            {Text: "The state machine's role lacks a permission. Deploy again, and look for policies that deny it."},
	"States.Runtime":                misfit,
	"States.ParameterPathFailure":   misfit,
	"States.ResultPathMatchFailure": misfit,

	"Sandbox.Timedout":              {Text: "The function timed out. If it does so again, its log shows what it waited for."},
	"Runtime.ExitError":             {Text: "The function's process ended, perhaps because it ran out of memory; see its log."},
	"Runtime.OutOfMemory":           {Text: "The function ran out of memory. Deploy it with more, or list fewer tables."},
	"Function.ResponseSizeTooLarge": {Text: "The function returned more than the 6 MB of Lambda. Deploy a version that returns less."},
	"Lambda.Unknown":                {Text: "The function timed out or ran out of memory; see its log."},
}

var (
	misfit = workflow.Remedy{Text: "The definition of the state machine does not fit the state. Deploy a corrected definition.",
		NeedsNewRun: true}
	// ofLambda is about errors of the Lambda service itself.
	ofLambda = workflow.Remedy{Text: "Lambda could not run the function, in any of the retries. " +
		"Check that the function exists, whether the account's concurrency is used up, and the AWS Health Dashboard."}
	denied = workflow.Remedy{Text: "A permission is missing; the message names it. Deploy again if the stack has to grant it. " +
		"Otherwise find the policy that denies it: of an existing bucket or key, a permissions boundary, or a service control policy."}
	aborted  = workflow.Remedy{Text: "A user stopped the execution. An export that was running continues, and a redrive reuses it."}
	noSource = workflow.Remedy{Text: "The input names a source that is not in pipeline.yaml. " +
		"Add the source and deploy, or start a new run with the right name."}
	other = workflow.Remedy{Text: "See the message and the log of the function."}
)

// remedyFor returns the remedy for the end of an execution. The error unknown is the configuration's about the source, or nil.
func remedyFor(e execution, unknown error) workflow.Remedy {
	message := e.errorName + ": " + e.message()
	own, isOwn := workflow.RemedyFor(e.errorName, e.message())
	ofAWS, isOfAWS := awsRemedies[e.errorName]
	switch {
	case e.status == "ABORTED":
		return aborted
	case unknown != nil && e.source() != "":
		return noSource
	case strings.Contains(message, "AccessDenied"), strings.Contains(message, "not authorized to perform"):
		return denied
	case isOwn:
		return own
	case isOfAWS:
		return ofAWS
	case e.status == "TIMED_OUT":
		return awsRemedies["States.Timeout"]
	case strings.HasPrefix(e.errorName, "Lambda."):
		return ofLambda
	default:
		return other
	}
}

// redrivePeriod is how long after its end an execution can be redriven (Step Functions guide, "Restarting state machine
// executions with redrive").
const redrivePeriod = 14 * 24 * time.Hour

// nextStep says how the run continues: by a redrive or by a new run.
func nextStep(r workflow.Remedy, e execution) string {
	switch {
	case e.now != "":
		return "The execution was redriven since, and is " + e.now + " now."
	case e.redrivable != nil && !e.redrivable.yes:
		return "The execution cannot be redriven (" + cmp.Or(e.redrivable.reason, "Step Functions gives no reason") + "): start a new run."
	case r.NeedsNewRun:
		return "A redrive does not help: start a new run."
	}
	how := "Then open the execution and choose Redrive"
	if e.state != "" {
		how += "; it resumes in " + e.state
	}
	if !e.stopped.IsZero() {
		how += ". This is possible until " + workflow.FormatTime(e.stopped.Add(redrivePeriod))
	}
	if slices.Contains([]string{"StartCrawler", "CheckCrawler", "CreateViews"}, e.state) { // see Prune
		how += ". The export is kept for two days; a later redrive may have to pay for another one"
	}
	return how + "."
}
