package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// FuzzWarning parses any text as a WarningMessage. Every text that is not empty results in a gap with a name.
func FuzzWarning(f *testing.F) {
	for _, message := range []string{
		"", " \n\v", "null", "{}", "[]", `""`, "0", "Two tables were left out.",
		`{"skippedTables": ["shop.audit", "shop.shop.logs"], "skippedObjectives": [], "general": []}`,
		`{"skippedTables": [{"table": "shop.audit", "reason": "ROW_TOO_LARGE"}], "general": [{"reason": "FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}]}`,
		`{"general": {"reason": ["a", {"b": "c"}], "count": 0}}`, `["shop.audit"]`, `{"skippedTables": [`, `{"count": 1e999}`, `{"": ["\ud800"]}`, "\x00\xff",
		strings.Repeat("[", 20_000),
	} {
		f.Add(message, "shop.audit")
	}
	f.Add(`{"skippedTables": ["app.public.events"]}`, "app.public.events")
	f.Fuzz(func(t *testing.T, message, allowed string) {
		isAllowed := func(text string) bool { return canonical(text) == canonical(allowed) }
		gaps := taskGaps(message, isAllowed)
		for _, g := range gaps {
			if g.String() == "" {
				t.Errorf("a gap without a name in %q", gaps)
			}
		}
		var lists map[string]any
		isText := strings.TrimSpace(message) != "" && json.Unmarshal([]byte(message), &lists) != nil
		if isText && len(gaps) != 1 {
			t.Errorf("%q: got %d gaps", message, len(gaps))
		}
		if again := taskGaps(message, isAllowed); !slices.Equal(gaps, again) {
			t.Errorf("%q, then %q", gaps, again)
		}
	})
}
