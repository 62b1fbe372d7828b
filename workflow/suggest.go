package workflow

import (
	"math"
	"strings"
)

// Closest returns the name that differs from a wrong one by at most a third of its letters, or "". It ignores case.
func Closest(names []string, wrong string) string {
	best, least := "", math.MaxInt
	for _, n := range names {
		if d := distance(strings.ToLower(n), strings.ToLower(wrong)); d <= len(n)/3 && d < least {
			best, least = n, d
		}
	}
	return best
}

// distance returns the edit distance (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1) // from the prefix of a so far to each prefix of b
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
