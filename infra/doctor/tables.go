package main

import (
	"fmt"
	"strings"

	"snaplake/workflow"
)

// maxExportOnly is how many bytes the list of what is exported may have (Aurora guide, "Considerations for DB cluster snapshot
// exports").
const maxExportOnly = 200 << 10

// checkTables looks for names that this engine's ExportOnly cannot take: MySQL and MariaDB have database.table, PostgreSQL has
// database.schema.table (API reference, StartExportTask). Their characters are the configuration's schema's affair.
func checkTables(source workflow.Source, engine string) []line {
	part := "tables " + source.Name
	if len(source.Tables) == 0 {
		return []line{ok.says(part, "everything")}
	}
	var faults []line
	for _, name := range source.Tables {
		if strings.Count(name, ".") == 2 && !strings.HasSuffix(engine, "postgres") && !strings.HasSuffix(engine, "postgresql") {
			faults = append(faults, fault.says(part, "%s has three parts, and %s knows two; write database.table", name, engine))
		}
	}
	if size := len(strings.Join(source.ExportOnly(), "")); size > maxExportOnly {
		faults = append(faults, fault.says(part, "the names have %d bytes together, and RDS takes %d; name whole databases, or export everything", size, maxExportOnly))
	}
	return orElse(faults, part, "%s", plural(len(source.Tables), "name"))
}

// plural is "1 name", "2 names".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
