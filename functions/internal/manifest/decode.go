package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unique"

	"snaplake/workflow"
)

func (i *Info) decode(r io.Reader) error {
	var file struct {
		SnapshotTime          moment `json:"snapshotTime"`
		TaskStartTime         moment `json:"taskStartTime"`
		TaskEndTime           moment `json:"taskEndTime"`
		Status                string `json:"status"`
		TotalExportedDataInGB number `json:"totalExportedDataInGB"`
	}
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return err
	}
	*i = Info{
		SnapshotTime:  time.Time(file.SnapshotTime),
		TaskStartTime: time.Time(file.TaskStartTime),
		TaskEndTime:   time.Time(file.TaskEndTime),
		Status:        file.Status,
		Gigabytes:     float64(file.TotalExportedDataInGB),
	}
	return nil
}

// collector adds the entries of table manifests to an export.
type collector struct {
	export *Export
	// columns is true if the columns of the tables are kept. They need most of the memory.
	columns bool
}

// shared returns one copy of a text that many tables have: a database, a status, a type, the name of a column.
func shared(s string) string { return unique.Make(s).Value() }

// decode adds the entries of a table manifest, one by one: with thousands of tables a manifest is large, and most of it is ignored.
func (c collector) decode(r io.Reader) error {
	d := json.NewDecoder(r)
	if err := expect(d, '{'); err != nil {
		return err
	}
	found := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if name, _ := key.(string); !strings.EqualFold(name, "perTableStatus") {
			var unknown json.RawMessage
			if err := d.Decode(&unknown); err != nil {
				return err
			}
			continue
		}
		found = true
		if err := c.decodeEntries(d); err != nil {
			return err
		}
	}
	if !found {
		return errors.New("perTableStatus is missing")
	}
	return expect(d, '}')
}

func (c collector) decodeEntries(d *json.Decoder) error {
	if err := expect(d, '['); err != nil {
		return fmt.Errorf("perTableStatus: %w", err)
	}
	for n := 1; d.More(); n++ {
		var en entry
		if err := d.Decode(&en); err != nil {
			return fmt.Errorf("perTableStatus, entry %d: %w", n, err)
		}
		if en.Target == "" {
			return fmt.Errorf("perTableStatus, entry %d: target is missing", n)
		}
		c.add(en)
	}
	return expect(d, ']')
}

func expect(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("found %v instead of %v", got, want)
	}
	return nil
}

// entry is an element of perTableStatus.
type entry struct {
	Target          string `json:"target"`
	Status          string `json:"status"`
	SizeGB          number `json:"sizeGB"`
	WarningMessage  text   `json:"warningMessage"`
	TableStatistics struct {
		PartitioningInfo struct {
			NumberOfPartitions          number `json:"numberOfPartitions"`
			NumberOfCompletedPartitions number `json:"numberOfCompletedPartitions"`
		} `json:"partitioningInfo"`
	} `json:"tableStatistics"`
	SchemaMetadata struct {
		OriginalTypeMappings []struct {
			ColumnName                string `json:"columnName"`
			OriginalType              string `json:"originalType"`
			ExpectedExportedType      string `json:"expectedExportedType"`
			OriginalNumPrecision      number `json:"originalNumPrecision"`
			OriginalNumScale          scale  `json:"originalNumScale"`
			OriginalDateTimePrecision number `json:"originalDateTimePrecision"`
		} `json:"originalTypeMappings"`
	} `json:"schemaMetadata"`
}

func (c collector) add(en entry) {
	name, _ := workflow.ParseTableName(en.Target)
	if name.Table == "" { // an entry about a database
		c.export.Warnings = append(c.export.Warnings, Warning{Database: name.Database, Message: string(en.WarningMessage)})
		return
	}
	partitions := en.TableStatistics.PartitioningInfo
	t := Table{
		TableName: workflow.TableName{Database: shared(name.Database), Schema: shared(name.Schema), Table: name.Table},
		Status:    shared(en.Status), Warning: string(en.WarningMessage),
		Gigabytes:           float64(en.SizeGB),
		Partitions:          int(partitions.NumberOfPartitions),
		CompletedPartitions: int(partitions.NumberOfCompletedPartitions),
	}
	if c.columns {
		t.Columns = c.columnsOf(en)
	}
	c.export.Tables = append(c.export.Tables, t)
}

func (c collector) columnsOf(en entry) []Column {
	mappings := en.SchemaMetadata.OriginalTypeMappings
	columns := make([]Column, len(mappings))
	for i, m := range mappings {
		columns[i] = Column{
			Name:              shared(m.ColumnName),
			OriginalType:      shared(m.OriginalType),
			ExportedType:      shared(m.ExpectedExportedType),
			NumPrecision:      int(m.OriginalNumPrecision),
			NumScale:          m.OriginalNumScale.digits,
			DateTimePrecision: int(m.OriginalDateTimePrecision),
		}
	}
	return columns
}

// number is a JSON number, or a string that contains one. Anything else counts as 0, so that no run fails because of the format of a
// number.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	*n = 0
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		*n = number(v)
	}
	return nil
}

// scale is a number of digits, which may be 0; digits is nil if it is unknown.
type scale struct{ digits *int }

func (s *scale) UnmarshalJSON(b []byte) error {
	s.digits = nil
	if n, err := strconv.Atoi(strings.Trim(string(b), `"`)); err == nil {
		s.digits = &n
	}
	return nil
}

// text is a JSON string. For any other value it is the JSON itself, so that no information is lost.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) != nil {
		s = string(b)
	}
	*t = text(s)
	return nil
}

// moment is a time in one of the formats observed in manifests, and zero for any other format.
type moment time.Time

func (m *moment) UnmarshalJSON(b []byte) error {
	*m = moment{}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return nil
	}
	// Java's newer locale data puts a narrow no-break space before AM and PM.
	s = strings.TrimSpace(strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(s))
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05",
		"Jan 2, 2006 3:04:05 PM", "Jan 2, 2006, 3:04:05 PM",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			*m = moment(t.UTC())
			return nil
		}
	}
	return nil
}
