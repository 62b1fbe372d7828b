package athena

import (
	"maps"
	"slices"
	"testing"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/s3"
	"snaplake/workflow/sqlsyntax"
)

func TestSupportedFunctions_ExistInDuckDB(t *testing.T) {
	store, err := s3.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := (&Service{options: Options{Clock: clock.NewVirtual(time.Now()), Store: store}}).newSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	byParser := []string{"coalesce", "concat", "date", "nullif", "try"}
	names := slices.Sorted(maps.Keys(signatures))
	for _, name := range names {
		if !sqlsyntax.IsFunction(name) {
			t.Errorf("Athena does not have the function %s", name)
		}
	}
	engine := engineFunctions(t, s)
	for _, name := range names {
		if !engine[name] && !slices.Contains(byParser, name) {
			t.Errorf("DuckDB does not have the function %s", name)
		}
	}
}

// engineFunctions returns the names of all functions and macros in DuckDB.
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
