package export

import (
	"encoding/json"
	"slices"
	"strings"
)

// warnings is the content of RDS's WarningMessage. AWS documents its three lists and the reason reported for an unreadable database (RDS
// guide, "Monitoring snapshot exports"), but not the fields of a skipped table.
type warnings struct {
	SkippedTables     []skipped `json:"skippedTables"`
	SkippedObjectives []skipped `json:"skippedObjectives"`
	General           []general `json:"general"`
}

type skipped struct {
	Target string `json:"target"`
	Reason string `json:"reason"`
}

type general struct {
	Reason string `json:"reason"`
}

// String returns the JSON text, or "" if there are no warnings.
func (w warnings) String() string {
	if len(w.SkippedTables)+len(w.General) == 0 {
		return ""
	}
	// An empty list is [], never null.
	lists := warnings{append([]skipped{}, w.SkippedTables...), []skipped{}, append([]general{}, w.General...)}
	b, _ := json.Marshal(lists) // cannot fail for lists of strings
	return string(b)
}

// skip records that a table was skipped.
func (w *writer) skip(target, reason string) {
	w.statuses = append(w.statuses, tableStatus{Target: target, WarningMessage: reason})
	w.warnings.SkippedTables = append(w.warnings.SkippedTables, skipped{target, reason})
}

// addUnknown records an ExportOnly entry that matches nothing. We assume that such a task completes with a warning.
func (w *writer) addUnknown(entry string, isPostgres bool) {
	const noTable = "the table does not exist"
	switch names := strings.Split(entry, "."); {
	case isPostgres && len(names) == 3:
		w.skip(entry, noTable)
		return
	case !isPostgres && len(names) == 2:
		w.skip(Table{Database: names[0], Name: names[1]}.target(), noTable)
		return
	}
	const reason = "FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"
	w.statuses = append(w.statuses, tableStatus{Target: entry, WarningMessage: reason})
	w.warnings.General = append(w.warnings.General, general{reason})
}

// addSystem adds PostgreSQL's system databases to the manifests, since real exports list them with a warning.
func (w *writer) addSystem() {
	for _, database := range []string{"rdsadmin", "postgres"} {
		if !slices.ContainsFunc(w.statuses, func(s tableStatus) bool { return strings.HasPrefix(s.Target, database+".") }) {
			w.statuses = append(w.statuses, tableStatus{Target: database, WarningMessage: "PERMISSIONS_DO_NOT_EXIST"})
		}
	}
}
