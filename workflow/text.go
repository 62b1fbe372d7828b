package workflow

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxListed is the maximum number of items that an error message lists. Step Functions limits the cause of an error to 32,768 characters.
const MaxListed = 20

// Summarize returns the first items of a list, up to the limit, followed by the number of items left out.
func Summarize(items []string, limit int) []string {
	if len(items) <= limit {
		return items
	}
	return append(items[:limit:limit], fmt.Sprintf("and %d more", len(items)-limit))
}

// SummarizeForState shortens a list so that the state, which contains two such lists, stays below 4 KB. The result is never nil.
func SummarizeForState(lines []string) []string {
	const maxLines, maxBytes = 8, 145
	list := append([]string{}, Summarize(lines, maxLines)...)
	for i := range list {
		list[i] = Truncate(list[i], maxBytes)
	}
	return list
}

// Truncate shortens a string to the given number of bytes without splitting a character, and then appends an ellipsis.
func Truncate(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	for !utf8.RuneStart(text[bytes]) {
		bytes--
	}
	return strings.TrimRight(text[:bytes], " ") + "..."
}

// FormatTime formats a time for display: "2026-11-21 17:05 UTC".
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// Closest returns the name most similar to a mistyped one, or "" if none is similar enough. It ignores case.
func Closest(names []string, mistyped string) string {
	best, least := "", math.MaxInt
	for _, n := range names {
		if d := editDistance(strings.ToLower(n), strings.ToLower(mistyped)); d <= len(n)/3 && d < least {
			best, least = n, d
		}
	}
	return best
}

// editDistance returns the Levenshtein distance.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1) // row[j] is the distance from the current prefix of a to b[:j]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
