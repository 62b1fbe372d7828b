package export

import "slices"

// choose returns the tables that the entries of exportOnly select, and the entries that select no table.
func choose(tables []Table, exportOnly []string) (chosen []Table, unknown []string) {
	if len(exportOnly) == 0 {
		return tables, nil
	}
	for _, t := range tables {
		if slices.ContainsFunc(exportOnly, t.isNamedBy) {
			chosen = append(chosen, t)
		}
	}
	for _, entry := range exportOnly {
		isUsed := slices.ContainsFunc(tables, func(t Table) bool { return t.isNamedBy(entry) })
		if !isUsed && !slices.Contains(unknown, entry) {
			unknown = append(unknown, entry)
		}
	}
	return chosen, unknown
}

// isNamedBy reports whether an ExportOnly entry names the table, its database or its schema.
func (t Table) isNamedBy(entry string) bool {
	return entry == t.Database || entry == t.String() || t.isPostgres() && entry == t.Database+"."+t.Schema
}
