package main

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"

	"snaplake/workflow"
)

const (
	// subjectLength is in characters: SNS accepts fewer than 100.
	subjectLength = 99
	// inputLength is in bytes, and enough for any valid input. Others may have 256 KiB.
	inputLength = 300
)

// subject returns one line of printable ASCII, whatever source the execution's input names.
func subject(pipeline string, e execution) string {
	s := fmt.Sprintf("Snaplake %s: run of %s %s", pipeline, cmp.Or(e.source(), "an unknown source"), ending(e))
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), subjectLength)]
}

// ending says how and where the execution ended: "failed in CheckExport".
func ending(e execution) string {
	verb := "failed"
	switch e.status {
	case "TIMED_OUT":
		verb = "timed out"
	case "ABORTED":
		verb = "was aborted"
	}
	if e.state == "" {
		return verb
	}
	return verb + " in " + e.state
}

// body returns plain text, the only format of SNS mails.
func body(e execution, r workflow.Remedy, link string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The run of %s %s.\n\n", cmp.Or(e.source(), "an unknown source"), ending(e))
	fmt.Fprintf(&b, "Error: %s\n%s\n\n", cmp.Or(e.errorName, "unnamed"), cmp.Or(e.message(), "There is no message."))
	fmt.Fprintf(&b, "What to do: %s %s\n\n%s\n\n", r.Text, nextStep(r, e), link)
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
	fmt.Fprintf(&b, "Input:     %s\n", cmp.Or(printable(e.input), "unknown"))
	if len(e.unknown) > 0 {
		fmt.Fprintf(&b, "\nSome details could not be read:\n%s\n", strings.Join(e.unknown, "\n"))
	}
	return b.String()
}

// printable returns an input in one short line of printable text.
func printable(input string) string {
	return workflow.Truncate(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, input), inputLength)
}

// link returns the address of the execution in the Region's console.
func link(c workflow.Config, arn string) string {
	host := "console.aws.amazon.com"
	switch c.Partition() {
	case "aws-cn":
		host = "console.amazonaws.cn"
	case "aws-us-gov":
		host = "console.amazonaws-us-gov.com"
	}
	return fmt.Sprintf("https://%s.%s/states/home?region=%s#/v2/executions/details/%s", c.Region, host, c.Region, arn)
}
