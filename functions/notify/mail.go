package main

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"

	"snaplake/workflow"
)

const (
	// subjectLength is the maximum length of a subject in characters. SNS requires fewer than 100.
	subjectLength = 99
	// inputLength is the maximum length of an input in a message, in bytes. Valid inputs are shorter. Step Functions accepts 256 KiB.
	inputLength = 300
)

// subject returns the subject of the email. SNS accepts only printable ASCII characters, but the source in the input can contain others.
func subject(pipeline string, e execution) string {
	s := oneLine(fmt.Sprintf("Snaplake %s: run of %s %s", pipeline, cmp.Or(e.source(), "an unknown source"), ending(e)))
	s = strings.Map(func(r rune) rune {
		if r > '~' {
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), subjectLength)]
}

// ending returns how and where the execution ended, for example "failed in CheckExport".
func ending(e execution) string {
	verb := cmp.Or(map[string]string{"TIMED_OUT": "timed out", "ABORTED": "was aborted"}[e.status], "failed")
	if e.state == "" {
		return verb
	}
	return verb + " in " + e.state
}

// body returns the text of the email. SNS supports only plain text.
func body(c workflow.Config, e execution, r workflow.Remedy) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The run of %s %s.\n\n", cmp.Or(e.source(), "an unknown source"), ending(e))
	fmt.Fprintf(&b, "Error: %s\n%s\n\n", cmp.Or(e.errorName, "unnamed"), cmp.Or(e.message(), "There is no message."))
	fmt.Fprintf(&b, "What to do: %s %s\n\n%s\n\n", r.Text, nextStep(r, e, c.Region), link(c, e.arn))
	fmt.Fprintf(&b, "Execution: %s\n", e.name)
	if !e.started.IsZero() {
		fmt.Fprintf(&b, "Started:   %s\n", workflow.FormatTime(e.started))
	}
	if !e.stopped.IsZero() {
		fmt.Fprintf(&b, "Stopped:   %s\n", workflow.FormatTime(e.stopped))
	}
	if e.redrives != nil {
		fmt.Fprintf(&b, "Redrives:  %d\n", *e.redrives)
	}
	fmt.Fprintf(&b, "Input:     %s\n", cmp.Or(workflow.Truncate(oneLine(e.input), inputLength), "unknown"))
	if len(e.failures) > 0 {
		fmt.Fprintf(&b, "\nSome details could not be read:\n%s\n", strings.Join(e.failures, "\n"))
	}
	return b.String()
}

// oneLine replaces line breaks and other unprintable characters.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// link returns the URL of the execution in the AWS console.
func link(c workflow.Config, arn string) string {
	hosts := map[string]string{"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
	host := cmp.Or(hosts[c.Partition()], "console.aws.amazon.com")
	return fmt.Sprintf("https://%s.%s/states/home?region=%s#/v2/executions/details/%s", c.Region, host, c.Region, arn)
}
