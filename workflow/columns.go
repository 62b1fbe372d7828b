package workflow

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// ColumnRule says how views show a column.
type ColumnRule struct {
	// View and Column are the names in Athena, in lower case, or patterns in which * stands for any characters. Column may be several
	// names with commas between them, one of which must exist.
	View   string `json:"view"`
	Column string `json:"column"`
	// As is one of the constants below, or an Athena type: "decimal(12,2)".
	As string `json:"as"`
}

// What a rule makes of a column, if not another type.
const (
	// Raw shows it as it was exported.
	Raw = "raw"
	// Drop omits it.
	Drop = "drop"
	// SHA256 shows the hash of the value's text in hexadecimal digits.
	SHA256 = "sha256"
	// Hide shows NULL, of the column's type.
	Hide = "hide"
)

// ColumnRules are in the order of their names, those without a pattern first. In JSON they are an object: {"users.email": "sha256"}.
type ColumnRules []ColumnRule

// MarshalJSON writes an object.
func (rules ColumnRules) MarshalJSON() ([]byte, error) {
	byName := map[string]string{}
	for _, r := range rules {
		byName[r.String()] = r.As
	}
	return json.Marshal(byName)
}

// UnmarshalJSON reads an object. A name without a dot is taken for a column.
func (rules *ColumnRules) UnmarshalJSON(b []byte) error {
	var byName map[string]string
	err := json.Unmarshal(b, &byName)
	var patterns ColumnRules
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		view, column, ok := strings.Cut(name, ".")
		if !ok {
			view, column = "", name
		}
		r := ColumnRule{View: view, Column: strings.ReplaceAll(column, ", ", ","), As: byName[name]}
		if r.IsPattern() {
			patterns = append(patterns, r)
		} else {
			*rules = append(*rules, r)
		}
	}
	*rules = append(*rules, patterns...)
	return err
}

// String returns the rule's name: "users.email".
func (r ColumnRule) String() string { return r.View + "." + r.Column }

// IsPattern reports whether the rule applies to all columns of a kind. There may be none.
func (r ColumnRule) IsPattern() bool { return strings.Contains(r.View+r.Column, "*") }

// Matches reports whether the rule applies to a column of a view.
func (r ColumnRule) Matches(view, column string) bool {
	return MatchGlob(r.View, view) &&
		slices.ContainsFunc(strings.Split(r.Column, ","), func(name string) bool { return MatchGlob(name, strings.ToLower(column)) })
}

// HidesMore reports whether the rule hides values that another one shows.
func (r ColumnRule) HidesMore(than ColumnRule) bool { return r.rank() > max(than.rank(), 1) }

// Rule returns the strongest rule for a column of a view: Drop, Hide, SHA256, or else the first. It reports false if there is none.
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
