package main

import (
	"fmt"
	"slices"
	"strings"

	"snaplake/workflow"
)

// awsRemedies holds the remedies for errors that Step Functions and Lambda raise themselves, by error name (Step Functions guide, "Handling
// errors in Step Functions workflows").
var awsRemedies = map[string]workflow.Remedy{
	"States.Timeout": {Text: "The run took too long. The execution shows which state was waiting. " +
		"If an export makes no progress, cancel it in the RDS console; if a crawler does not finish, stop it."},
	"States.DataLimitExceeded": {Text: "A function returned more than 256 KiB, the limit of Step Functions. " +
		"Deploy a version that returns less data."},
	"States.Permissions":            {Text: "The state machine's role lacks a permission. Deploy again, and look for policies that deny it."},
	"States.Runtime":                mismatch,
	"States.ParameterPathFailure":   mismatch,
	"States.ResultPathMatchFailure": mismatch,

	"Sandbox.Timedout":              {Text: "The function timed out. If it times out again, see its log for what it was waiting for."},
	"Runtime.ExitError":             {Text: "The function's process exited, perhaps because it ran out of memory; see its log."},
	"Runtime.OutOfMemory":           {Text: "The function ran out of memory. Deploy it with more memory, or list fewer tables."},
	"Function.ResponseSizeTooLarge": {Text: "The function returned more than 6 MB, Lambda's limit. Deploy a version that returns less data."},
	"Lambda.Unknown":                {Text: "The function timed out or ran out of memory; see its log."},
}

var (
	mismatch = workflow.Remedy{Text: "The state machine's definition does not match its input. Deploy a corrected definition.",
		NeedsNewRun: true}
	// ofLambda is the remedy for errors of the Lambda service itself.
	ofLambda = workflow.Remedy{Text: "Lambda could not run the function, despite several retries. " +
		"Check that the function exists and that the account has unused concurrency, and check the AWS Health Dashboard."}
	denied = workflow.Remedy{Text: "A permission is missing; see the message. If the stack is supposed to grant it, deploy again. Otherwise " +
		"look for a policy that denies it: the policy of an existing bucket or key, a permissions boundary, or a service control policy."}
	aborted  = workflow.Remedy{Text: "A user stopped the execution. If an export was running, it continues, and a redrive reuses it."}
	noSource = workflow.Remedy{Text: "The input names a source that is not in pipeline.yaml. " +
		"If the name is wrong, start a new run with the correct name. If it is right, add the source and deploy."}
	other = workflow.Remedy{Text: "See the message and the log of the function."}
)

// remedyFor returns the remedy for an execution that did not succeed. unknown is an error if the source is unknown, or else nil.
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

// nextStep returns the text that follows the remedy: that a new run is needed, or how to redrive the execution. A redrive is possible for
// 14 days after the execution ends (Step Functions guide, "Restarting state machine executions with redrive").
func nextStep(r workflow.Remedy, e execution, region string) string {
	switch {
	case e.current != "":
		return "The execution has been redriven since. Its status is now " + e.current + "."
	case e.notRedrivable != "":
		return "The execution cannot be redriven (" + e.notRedrivable + "). Start a new run."
	case r.NeedsNewRun:
		return "A redrive does not help: start a new run."
	}
	how := "Then redrive the execution, in the console or with the command below"
	if e.state != "" {
		how += "; it resumes in " + e.state
	}
	if !e.stopped.IsZero() {
		how += ". You can redrive until " + workflow.FormatTime(e.stopped.AddDate(0, 0, 14))
	}
	if slices.Contains([]string{"StartCrawler", "CheckCrawler", "CreateViews"}, e.state) {
		how += ". Prune keeps the export for two days. If you redrive later, you may have to pay for another export"
	}
	return fmt.Sprintf("%s.\n\naws stepfunctions redrive-execution --execution-arn %s --region %s", how, e.arn, region)
}
