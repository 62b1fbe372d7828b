package workflow

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Input is the input of an execution.
type Input struct {
	Source string `json:"source"`
	// Snapshot is the ARN or identifier of a snapshot; if empty, the newest snapshot is used.
	Snapshot string `json:"snapshot,omitempty"`
	// ExportID is the identifier of an existing export to reuse; if empty, the run starts an export when it needs one.
	ExportID string `json:"exportId,omitempty"`
}

// UnmarshalJSON rejects unknown keys. If unknown keys were ignored, the input {"snapshotId": ...} would publish the newest snapshot.
func (in *Input) UnmarshalJSON(b []byte) error {
	var values map[string]any
	if err := json.Unmarshal(b, &values); err != nil || values == nil {
		return errors.New("the input must be a JSON object")
	}
	fields := map[string]*string{"source": &in.Source, "snapshot": &in.Snapshot, "exportId": &in.ExportID}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		field, known := fields[key]
		text, isText := values[key].(string)
		switch {
		case !known:
			if near := Closest(slices.Sorted(maps.Keys(fields)), key); near != "" {
				return fmt.Errorf("the input has the unknown key %q (did you mean %q?)", key, near)
			}
			return fmt.Errorf("the input has the unknown key %q; the keys are \"source\", \"snapshot\" and \"exportId\"", key)
		case !isText || text == "":
			return fmt.Errorf("the value of %q in the input must be a non-empty string", key)
		}
		*field = text
	}
	if in.Source == "" {
		return errors.New("the input has no key \"source\"")
	}
	return nil
}

// PlainJSON removes the names of Go types from an error of encoding/json.
func PlainJSON(err error) error {
	e, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	return fmt.Errorf("%s has the wrong type: %s", cmp.Or(e.Field, "the value"), e.Value)
}
