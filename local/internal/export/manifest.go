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

// exportInfo is the content of export_info_ID.json.
type exportInfo struct {
	ExportTaskIdentifier  string   `json:"exportTaskIdentifier"`
	SourceARN             string   `json:"sourceArn"`
	ExportOnly            []string `json:"exportOnly"`
	SnapshotTime          string   `json:"snapshotTime"`
	TaskStartTime         string   `json:"taskStartTime"`
	TaskEndTime           string   `json:"taskEndTime"`
	S3Bucket              string   `json:"s3Bucket"`
	S3Prefix              string   `json:"s3Prefix"`
	ExportedFilesPath     string   `json:"exportedFilesPath"`
	IAMRoleARN            string   `json:"iamRoleArn"`
	KMSKeyID              string   `json:"kmsKeyId"`
	Status                string   `json:"status"`
	PercentProgress       int      `json:"percentProgress"`
	TotalExportedDataInGB float64  `json:"totalExportedDataInGB"`
}

// tableStatus is an entry in the list perTableStatus. For a skipped table, only Target and WarningMessage are set.
type tableStatus struct {
	Target          string           `json:"target"`
	Status          string           `json:"status,omitempty"`
	SizeGB          *float64         `json:"sizeGB,omitempty"`
	WarningMessage  string           `json:"warningMessage,omitempty"`
	TableStatistics *tableStatistics `json:"tableStatistics,omitempty"`
	SchemaMetadata  *schemaMetadata  `json:"schemaMetadata,omitempty"`
}

type tableStatistics struct {
	ExtractionStartTime string           `json:"extractionStartTime"`
	ExtractionEndTime   string           `json:"extractionEndTime"`
	PartitioningInfo    partitioningInfo `json:"partitioningInfo"`
}

type partitioningInfo struct {
	NumberOfPartitions          int `json:"numberOfPartitions"`
	NumberOfCompletedPartitions int `json:"numberOfCompletedPartitions"`
}

type schemaMetadata struct {
	OriginalTypeMappings []typeMapping `json:"originalTypeMappings"`
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
	size := float64(e.bytes) / gigabyte
	partitions := max(e.parts, 1) // an empty table has one partition
	s := tableStatus{
		Target: t.target(),
		Status: statusComplete,
		SizeGB: &size,
		TableStatistics: &tableStatistics{
			ExtractionStartTime: formatTime(w.task.StartTime),
			ExtractionEndTime:   formatTime(w.task.EndTime),
			PartitioningInfo:    partitioningInfo{partitions, partitions},
		},
		SchemaMetadata: &schemaMetadata{},
	}
	for i, c := range t.Columns {
		s.SchemaMetadata.OriginalTypeMappings = append(s.SchemaMetadata.OriginalTypeMappings, typeMapping{
			ColumnName:                c.Name,
			OriginalType:              c.Type,
			ExpectedExportedType:      e.columns[i].mapping.name,
			OriginalCharMaxLength:     c.CharLength,
			OriginalNumPrecision:      c.Precision,
			OriginalDateTimePrecision: c.TimePrecision,
		})
	}
	return s
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
	return w.putJSON("export_info_"+w.task.ID+".json", exportInfo{
		ExportTaskIdentifier:  w.task.ID,
		SourceARN:             w.task.SourceARN,
		ExportOnly:            append([]string{}, w.task.ExportOnly...), // never null
		SnapshotTime:          formatTime(w.task.SnapshotTime),
		TaskStartTime:         formatTime(w.task.StartTime),
		TaskEndTime:           formatTime(w.task.EndTime),
		S3Bucket:              w.task.Bucket,
		S3Prefix:              w.task.Prefix,
		ExportedFilesPath:     path.Join(w.task.Prefix, w.task.ID),
		IAMRoleARN:            w.task.IAMRoleARN,
		KMSKeyID:              w.task.KMSKeyID,
		Status:                statusComplete,
		PercentProgress:       100,
		TotalExportedDataInGB: float64(w.bytes) / gigabyte,
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
