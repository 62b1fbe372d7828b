package export

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// warnings is RDS's WarningMessage. Its three lists, and the reason of an unreadable database, are AWS's (RDS guide,
// "Monitoring snapshot exports"); the fields of a skipped table are not documented.
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

// String is the JSON text, or "" when there is nothing to warn of.
func (w warnings) String() string {
	if len(w.SkippedTables)+len(w.General) == 0 {
		return ""
	}
	lists := warnings{ // an empty list is [], never null
		SkippedTables:     append([]skipped{}, w.SkippedTables...),
		SkippedObjectives: []skipped{},
		General:           append([]general{}, w.General...),
	}
	b, err := json.Marshal(lists)
	if err != nil {
		panic(fmt.Sprintf("encode a warning: %v", err)) // strings in lists always encode
	}
	return string(b)
}

// skip notes a table that is left out.
func (w *writer) skip(target, reason string) {
	w.statuses = append(w.statuses, tableStatus{Target: target, WarningMessage: reason})
	w.warnings.SkippedTables = append(w.warnings.SkippedTables, skipped{target, reason})
}

// miss notes a name of ExportOnly that the snapshot does not have. StartExportTask cannot refuse it, since RDS does not look
// into a snapshot before the task runs; that it then completes with a warning is an assumption.
func (w *writer) miss(entry string, isPostgres bool) {
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

// mentionSystem notes the databases that a server of PostgreSQL has for itself: exports were seen to mention them by a warning only.
func (w *writer) mentionSystem() {
	for _, database := range []string{"rdsadmin", "postgres"} {
		if !slices.ContainsFunc(w.statuses, func(s tableStatus) bool { return strings.HasPrefix(s.Target, database+".") }) {
			w.statuses = append(w.statuses, tableStatus{Target: database, WarningMessage: "PERMISSIONS_DO_NOT_EXIST"})
		}
	}
}
