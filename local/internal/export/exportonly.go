package export

// choose returns the tables that the entries of exportOnly select, and the entries that select no table.
func choose(tables []Table, exportOnly []string) (chosen []Table, unknown []string) {
	if len(exportOnly) == 0 {
		return tables, nil
	}
	named := map[string]bool{}
	for _, t := range tables {
		wanted := false
		for _, entry := range exportOnly {
			if t.isNamedBy(entry) {
				named[entry], wanted = true, true
			}
		}
		if wanted {
			chosen = append(chosen, t)
		}
	}
	for _, entry := range exportOnly {
		if !named[entry] {
			named[entry] = true // report a repeated entry only once
			unknown = append(unknown, entry)
		}
	}
	return chosen, unknown
}

// isNamedBy reports whether an ExportOnly entry names the table, its database or its schema.
func (t Table) isNamedBy(entry string) bool {
	return entry == t.Database || entry == t.String() || t.isPostgres() && entry == t.Database+"."+t.Schema
}
