package workflow

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ExportID holds the parts of an export's identifier, for example "shop-20261121-1705-0".
//
// RDS never accepts an identifier twice, even after a failed export (ExportTaskAlreadyExists), so the identifier ends with the attempt
// number. RDS accepts at most 60 letters, digits and single hyphens, without a hyphen at the end.
type ExportID struct {
	// Source is the source's name in the configuration. In the identifier, each underscore in the name becomes a hyphen.
	Source string
	// SnapshotTime is in UTC, without seconds.
	SnapshotTime time.Time
	// Attempt is 0 for the first attempt.
	Attempt int
}

const exportTime = "20060102-1504"

var exportID = regexp.MustCompile(`^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)-(\d{8}-\d{4})-(\d{1,4})$`)

func (id ExportID) String() string {
	source := strings.ReplaceAll(id.Source, "_", "-")
	return fmt.Sprintf("%s-%s-%d", source, id.SnapshotTime.UTC().Format(exportTime), id.Attempt)
}

// ParseExportID parses an identifier in the format that String returns. It reports false for any other identifier.
func ParseExportID(s string) (ExportID, bool) {
	m := exportID.FindStringSubmatch(s)
	if m == nil {
		return ExportID{}, false
	}
	at, err := time.Parse(exportTime, m[2])
	attempt, _ := strconv.Atoi(m[3])
	id := ExportID{Source: strings.ReplaceAll(m[1], "-", "_"), SnapshotTime: at, Attempt: attempt}
	return id, err == nil && id.String() == s
}

// TablePrefix returns the prefix of the names of the export's crawled tables: "e20261121_1705_0_".
func (id ExportID) TablePrefix() string {
	at := strings.ReplaceAll(id.SnapshotTime.UTC().Format(exportTime), "-", "_")
	return fmt.Sprintf("e%s_%d_", at, id.Attempt)
}

var crawledName = regexp.MustCompile(`^e(\d{8}_\d{4})_\d{1,4}_`)

// SnapshotTimeOf returns the snapshot time in a crawled table's name, in UTC and without seconds. It reports false for a name without a
// table prefix.
func SnapshotTimeOf(table string) (time.Time, bool) {
	m := crawledName.FindStringSubmatch(table)
	if m == nil {
		return time.Time{}, false
	}
	at, err := time.Parse(exportTime, strings.ReplaceAll(m[1], "_", "-"))
	return at, err == nil
}

// TablePrefixOf returns the [ExportID.TablePrefix] at the beginning of a crawled table's name, or "" for any other name.
func TablePrefixOf(table string) string { return crawledName.FindString(table) }
