package workflow

import (
	"cmp"
	"fmt"
	"slices"
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
	similar := slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return len(mistyped) > 2*len(n) || editDistance(n, mistyped) > len(n)/3
	})
	return strings.Join(Nearest(similar, mistyped, 1), "")
}

// Nearest returns at most the given number of names, sorted by their similarity to a mistyped name. It ignores case.
func Nearest(names []string, mistyped string, limit int) []string {
	distances := map[string]int{}
	for _, n := range names {
		distances[n] = editDistance(n, mistyped)
	}
	nearest := slices.SortedStableFunc(slices.Values(names), func(a, b string) int { return cmp.Compare(distances[a], distances[b]) })
	return nearest[:min(limit, len(nearest))]
}

// editDistance returns the number of characters to insert, delete, replace, or swap with the next one, to turn one name into the other
// (optimal string alignment). It ignores case.
func editDistance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	rows := make([][]int, len(a)+1) // rows[i][j] is the distance from a[:i] to b[:j]
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			if i == 0 || j == 0 {
				rows[i][j] = i + j
				continue
			}
			replaced := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			rows[i][j] = min(replaced, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
