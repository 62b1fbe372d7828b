package export

import (
	"fmt"
	"slices"
	"strings"
)

// missing is a name in ExportOnly that the snapshot does not have. Table is "" when it names a database.
type missing struct{ database, table string }

// choose returns the tables that exportOnly names, and what it names in vain.
func choose(tables []Table, exportOnly []string) (chosen []Table, unknown []missing, err error) {
	if len(exportOnly) == 0 {
		return tables, nil, nil
	}
	keep := make([]bool, len(tables))
	for _, name := range exportOnly {
		database, table, err := parseName(name)
		if err != nil {
			return nil, nil, err
		}
		found := false
		for i, t := range tables {
			if t.Database == database && (table == "" || t.Name == table) {
				keep[i], found = true, true
			}
		}
		if m := (missing{database, table}); !found && !slices.Contains(unknown, m) {
			unknown = append(unknown, m)
		}
	}
	for i, t := range tables {
		if keep[i] {
			chosen = append(chosen, t)
		}
	}
	return chosen, unknown, nil
}

// parseName reads a name of ExportOnly: database, database.table, or the table in three parts, as the manifests have it.
func parseName(name string) (database, table string, err error) {
	parts := strings.Split(name, ".")
	if slices.Contains(parts, "") {
		return "", "", fmt.Errorf("ExportOnly: %q has an empty part; write database or database.table", name)
	}
	switch {
	case len(parts) == 1:
		return parts[0], "", nil
	case len(parts) == 2:
		return parts[0], parts[1], nil
	case len(parts) == 3 && parts[0] == parts[1]:
		return parts[0], parts[2], nil
	default:
		return "", "", fmt.Errorf("ExportOnly: %q names no table of a MySQL database; write database or database.table", name)
	}
}
