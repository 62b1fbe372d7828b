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
	// keepColumns is true if the collector keeps the columns of tables, which take up most of the memory.
	keepColumns bool
}

// shared returns the same string, but stores equal strings only once. For example, many tables have columns of the same types.
func shared(s string) string { return unique.Make(s).Value() }

// decode adds the entries of a table manifest one by one. A manifest of thousands of tables is large, and most of it is ignored.
func (c collector) decode(r io.Reader) error {
	d := json.NewDecoder(r)
	found := false
	err := eachElement(d, '{', func(int) error {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if name, _ := key.(string); !strings.EqualFold(name, "perTableStatus") {
			return d.Decode(&json.RawMessage{})
		}
		found = true
		err = eachElement(d, '[', func(n int) error {
			var en entry
			err := d.Decode(&en)
			if err == nil && en.Target == "" {
				err = errors.New("\"target\" is missing")
			}
			if err != nil {
				return fmt.Errorf("entry %d: %w", n, err)
			}
			c.add(en)
			return nil
		})
		if err != nil {
			return fmt.Errorf("perTableStatus: %w", err)
		}
		return nil
	})
	if err == nil && !found {
		err = errors.New("perTableStatus is missing")
	}
	return err
}

// eachElement calls a function for each element of the JSON array or object that follows.
func eachElement(d *json.Decoder, open json.Delim, do func(n int) error) error {
	switch token, err := d.Token(); {
	case err != nil:
		return err
	case token != open:
		return fmt.Errorf("found %v instead of %v", token, open)
	}
	for n := 1; d.More(); n++ {
		if err := do(n); err != nil {
			return err
		}
	}
	_, err := d.Token() // the closing bracket
	return err
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
	if mappings := en.SchemaMetadata.OriginalTypeMappings; c.keepColumns {
		t.Columns = make([]Column, len(mappings))
		for i, m := range mappings {
			t.Columns[i] = Column{
				Name:              shared(m.ColumnName),
				OriginalType:      shared(m.OriginalType),
				ExportedType:      shared(m.ExpectedExportedType),
				NumPrecision:      int(m.OriginalNumPrecision),
				NumScale:          m.OriginalNumScale.digits,
				DateTimePrecision: int(m.OriginalDateTimePrecision),
			}
		}
	}
	c.export.Tables = append(c.export.Tables, t)
}

// number is a JSON number, or a string that contains one. Any other value is read as 0, so that no run fails because of it.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	*n = 0
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		*n = number(v)
	}
	return nil
}

// scale is a number of decimal places. The digits field is nil, not 0, if the number is unknown.
type scale struct{ digits *int }

func (s *scale) UnmarshalJSON(b []byte) error {
	s.digits = nil
	if n, err := strconv.Atoi(strings.Trim(string(b), `"`)); err == nil {
		s.digits = &n
	}
	return nil
}

// text is a JSON string. Any other value is kept as JSON.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil {
		s = string(b)
	}
	*t = text(s)
	return nil
}

// moment is a time in one of the formats observed in manifests. A time in any other format is zero.
type moment time.Time

func (m *moment) UnmarshalJSON(b []byte) error {
	*m = moment{}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return nil
	}
	// Recent versions of Java put a narrow no-break space before AM and PM.
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
