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
	var names []string
	for _, name := range strings.Fields(here) {
		if _, rewritten := forms[name]; rewritten || slices.Contains(byGrammar, name) {
			continue
		}
		if err := s.defineMacros(t.Context(), "SELECT "+name+"()"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		names = append(names, name)
	}
	engine := engineFunctions(t, s)
	for _, name := range names {
		if !engine[name] {
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

// engineFunctions are the names of all functions and macros that the engine has.
func engineFunctions(t *testing.T, s *session) map[string]bool {
	t.Helper()
	rows, err := s.conn.QueryContext(t.Context(), "SELECT DISTINCT function_name FROM duckdb_functions()")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}
