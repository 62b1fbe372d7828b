package workflow

import (
	"math"
	"strings"
)

// Nearest is the name that is at most a third of its letters away from a wrong one, or "". Upper case does not matter.
func Nearest(names []string, wrong string) string {
	best, least := "", math.MaxInt
	for _, n := range names {
		if d := distance(strings.ToLower(n), strings.ToLower(wrong)); d <= len(n)/3 && d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is how many letters must be put in, left out or replaced to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1) // from the beginning of a so far to each beginning of b
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
