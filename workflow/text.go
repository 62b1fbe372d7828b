package workflow

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxListed is how many items an error lists, so that it fits into the 32,768 characters that Step Functions takes as a cause.
const MaxListed = 20

// The state as a whole has at most 4 KB. Two lists of this size leave enough for the rest.
const (
	stateLines = 8
	stateBytes = 145
)

// Summarize returns at most so many items, and how many more there are.
func Summarize(items []string, most int) []string {
	if len(items) <= most {
		return items
	}
	return append(items[:most:most], fmt.Sprintf("and %d more", len(items)-most))
}

// SummarizeForState returns as much of the lines as the state has room for. The list is never nil.
func SummarizeForState(lines []string) []string {
	list := append([]string{}, Summarize(lines, stateLines)...)
	for i := range list {
		list[i] = Truncate(list[i], stateBytes)
	}
	return list
}

// Truncate cuts a text to a number of bytes, of whole characters, and marks the cut.
func Truncate(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	for !utf8.RuneStart(text[bytes]) {
		bytes--
	}
	return strings.TrimRight(text[:bytes], " ") + "..."
}

// FormatTime formats a time as people read it: "2026-11-21 17:05 UTC".
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
