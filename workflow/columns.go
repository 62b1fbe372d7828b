package workflow

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// ColumnRule defines how views show a column.
type ColumnRule struct {
	// View and Column are lower-case names in Athena, or patterns in which * matches any characters. Column can list several names,
	// separated by commas; the view must have at least one of these columns.
	View   string `json:"view"`
	Column string `json:"column"`
	// As holds one of the constants below, or an Athena type such as "decimal(12,2)".
	As string `json:"as"`
}

// A rule's As field contains either one of these values or a type.
const (
	Raw    = "raw"    // The view shows the column as it was exported.
	Drop   = "drop"   // The view omits the column.
	SHA256 = "sha256" // The view shows the SHA-256 hash of the value's text, in hexadecimal digits.
	Hide   = "hide"   // The view shows NULL, with the column's type.
)

// ColumnRules is a list of rules, sorted by name, with patterns last. In JSON it is an object: {"users.email": "sha256"}.
type ColumnRules []ColumnRule

// MarshalJSON encodes the rules as an object.
func (rules ColumnRules) MarshalJSON() ([]byte, error) {
	byName := map[string]string{}
	for _, r := range rules {
		byName[r.String()] = r.As
	}
	return json.Marshal(byName)
}

// UnmarshalJSON decodes the rules from an object. A name without a dot becomes a rule with an empty View.
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

// String returns the rule's name in pipeline.yaml: "users.email".
func (r ColumnRule) String() string { return r.View + "." + r.Column }

// IsPattern reports whether the rule's name contains a *. It is not an error if such a rule matches no column.
func (r ColumnRule) IsPattern() bool { return strings.Contains(r.View+r.Column, "*") }

// Matches reports whether the rule applies to a column of a view.
func (r ColumnRule) Matches(view, column string) bool {
	return MatchGlob(r.View, view) &&
		slices.ContainsFunc(strings.Split(r.Column, ","), func(name string) bool { return MatchGlob(name, strings.ToLower(column)) })
}

// HidesMore reports whether the rule hides values that the other rule shows.
func (r ColumnRule) HidesMore(other ColumnRule) bool { return r.strength() > max(other.strength(), 1) }

// Rule returns the strongest rule that matches a column of a view. Drop is stronger than Hide, and Hide is stronger than SHA256. If none of
// these matches, Rule returns the first other rule that matches. It reports false if no rule matches.
func (s Source) Rule(view, column string) (ColumnRule, bool) {
	var found ColumnRule
	for _, r := range s.Columns {
		if r.Matches(view, column) && r.strength() > found.strength() {
			found = r
		}
	}
	return found, found.As != ""
}

// strength returns 0 for the zero rule, 1 for a rule that shows the values, and more than 1 for a rule that hides them.
func (r ColumnRule) strength() int {
	if r.As == "" {
		return 0
	}
	return 2 + slices.Index([]string{SHA256, Hide, Drop}, r.As)
}
