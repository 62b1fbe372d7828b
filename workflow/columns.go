package workflow

import (
	"slices"
	"strings"
)

// ColumnRule says how a view shows a column.
type ColumnRule struct {
	// Setting is the one of pipeline.yaml that the rule comes from: columns, exclude or mask.
	Setting string `json:"setting"`
	// View and Column are the names in Athena, so in lower case. Those of exclude and mask may be patterns, in which * stands for any
	// characters, and Column may be several names with commas between them, one of which is enough.
	View   string `json:"view"`
	Column string `json:"column"`
	// As is one of the constants below, or a type of Athena's: "decimal(12,2)".
	As string `json:"as"`
}

// What a rule makes of a column, if not another type.
const (
	// Raw is as it was crawled.
	Raw = "raw"
	// Drop leaves it out.
	Drop = "drop"
	// SHA256 gives the hash of the value's text in hexadecimal digits.
	SHA256 = "sha256"
	// Hide gives NULL, of the column's type.
	Hide = "hide"
)

// IsPattern tells whether the rule is about all columns of a kind, of which there need not be any.
func (r ColumnRule) IsPattern() bool { return strings.Contains(r.View+r.Column, "*") }

// Matches tells whether the rule is about a column of a view.
func (r ColumnRule) Matches(view, column string) bool {
	return Match(r.View, view) && slices.ContainsFunc(strings.Split(r.Column, ","), func(name string) bool { return Match(name, strings.ToLower(column)) })
}

// HidesMore reports whether the rule keeps values from those who read the view that another one shows.
func (r ColumnRule) HidesMore(than ColumnRule) bool { return r.rank() > max(than.rank(), 1) }

// Rule is the one about a column of a view; it reports false when there is none. What is left out is not masked, and what is
// masked has no other type. Of two masks the one that hides counts.
func (s Source) Rule(view, column string) (ColumnRule, bool) {
	var found ColumnRule
	for _, r := range s.Columns {
		if r.Matches(view, column) && r.rank() > found.rank() {
			found = r
		}
	}
	return found, found.As != ""
}

func (r ColumnRule) rank() int {
	switch r.As {
	case "":
		return 0
	case Drop:
		return 4
	case Hide:
		return 3
	case SHA256:
		return 2
	default:
		return 1
	}
}
