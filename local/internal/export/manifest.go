package export

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"time"
)

const (
	// statusComplete is the status of finished tasks and of exported tables.
	statusComplete = "COMPLETE"
	// manifestTime is the layout of times in manifests. The times are in UTC.
	manifestTime = "Jan 2, 2006, 3:04:05 PM"
	// statusesPerManifest is the maximum number of tables per export_tables_info file.
	statusesPerManifest = 100
	gigabyte            = 1 << 30
)

// tableStatus is an entry in the list perTableStatus. For a skipped table, only Target and WarningMessage are set.
type tableStatus struct {
	Target          string                   `json:"target"`
	Status          string                   `json:"status,omitempty"`
	SizeGB          *float64                 `json:"sizeGB,omitempty"`
	WarningMessage  string                   `json:"warningMessage,omitempty"`
	TableStatistics map[string]any           `json:"tableStatistics,omitempty"`
	SchemaMetadata  map[string][]typeMapping `json:"schemaMetadata,omitempty"`
}

type typeMapping struct {
	ColumnName string `json:"columnName"`
	// OriginalType is the value of DATA_TYPE in information_schema. It does not include UNSIGNED.
	OriginalType              string `json:"originalType"`
	ExpectedExportedType      string `json:"expectedExportedType"`
	OriginalCharMaxLength     int64  `json:"originalCharMaxLength"`
	OriginalNumPrecision      int    `json:"originalNumPrecision"`
	OriginalDateTimePrecision int    `json:"originalDateTimePrecision"`
}

// complete builds the perTableStatus entry for a table that was exported.
func (w *writer) complete(t Table, e *extraction) tableStatus {
	var mappings []typeMapping
	for i, c := range t.Columns {
		mappings = append(mappings, typeMapping{c.Name, c.Type, e.columns[i].mapping.name, c.CharLength, c.Precision, c.TimePrecision})
	}
	size := float64(e.bytes) / gigabyte
	partitions := max(e.parts, 1) // an empty table has one partition
	return tableStatus{
		Target: t.target(),
		Status: statusComplete,
		SizeGB: &size,
		TableStatistics: map[string]any{
			"extractionStartTime": formatTime(w.task.StartTime),
			"extractionEndTime":   formatTime(w.task.EndTime),
			"partitioningInfo":    map[string]int{"numberOfPartitions": partitions, "numberOfCompletedPartitions": partitions},
		},
		SchemaMetadata: map[string][]typeMapping{"originalTypeMappings": mappings},
	}
}

// writeManifests writes the export_tables_info files, then export_info.
func (w *writer) writeManifests() error {
	from := 1
	for chunk := range slices.Chunk(w.statuses, statusesPerManifest) {
		to := from + len(chunk) - 1
		name := fmt.Sprintf("export_tables_info_%s_from_%d_to_%d.json", w.task.ID, from, to)
		if err := w.putJSON(name, map[string][]tableStatus{"perTableStatus": chunk}); err != nil {
			return err
		}
		from = to + 1
	}
	return w.putJSON("export_info_"+w.task.ID+".json", map[string]any{
		"exportTaskIdentifier":  w.task.ID,
		"sourceArn":             w.task.SourceARN,
		"exportOnly":            append([]string{}, w.task.ExportOnly...), // never null
		"snapshotTime":          formatTime(w.task.SnapshotTime),
		"taskStartTime":         formatTime(w.task.StartTime),
		"taskEndTime":           formatTime(w.task.EndTime),
		"s3Bucket":              w.task.Bucket,
		"s3Prefix":              w.task.Prefix,
		"exportedFilesPath":     path.Join(w.task.Prefix, w.task.ID),
		"iamRoleArn":            w.task.IAMRoleARN,
		"kmsKeyId":              w.task.KMSKeyID,
		"status":                statusComplete,
		"percentProgress":       100,
		"totalExportedDataInGB": float64(w.bytes) / gigabyte,
	})
}

func (w *writer) putJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return w.putContent(name, append(b, '\n'))
}

func formatTime(t time.Time) string { return t.UTC().Format(manifestTime) }
