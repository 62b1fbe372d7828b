package athena

import (
	"slices"
	"strings"
	"testing"
)

// TestTheEngineHasEveryFunctionThatIsNotLacking keeps the list of functions true.
func TestTheEngineHasEveryFunctionThatIsNotLacking(t *testing.T) {
	s, err := (&Service{}).newSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	byGrammar := []string{"coalesce", "concat", "extract", "grouping", "if", "now", "nullif", "position", "substring", "trim", "try"}
	for _, name := range strings.Fields(here) {
		if _, rewritten := forms[name]; rewritten || slices.Contains(byGrammar, name) {
			continue
		}
		if err := s.defineMacros(t.Context(), "SELECT "+name+"()"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var n int
		row := s.conn.QueryRowContext(t.Context(), "SELECT count(*) FROM duckdb_functions() WHERE function_name = "+quoteString(name))
		if err := row.Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			t.Errorf("%s is not there", name)
		}
	}
	for _, name := range lacking {
		if slices.Contains(strings.Fields(here), name) {
			t.Errorf("%s is there and lacking", name)
		}
	}
	if !slices.IsSorted(AthenaFunctions) {
		t.Error("AthenaFunctions is not sorted")
	}
}
