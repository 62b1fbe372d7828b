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
	// Snapshot is the ARN or identifier of a snapshot; "" means the newest.
	Snapshot string `json:"snapshot,omitempty"`
	// ExportID is the identifier of an existing export to reuse; "" means to start one if needed.
	ExportID string `json:"exportId,omitempty"`
}

// UnmarshalJSON refuses unknown keys. Otherwise {"snapshotId": ...} would publish the newest snapshot.
func (in *Input) UnmarshalJSON(b []byte) error {
	var values map[string]any
	if err := json.Unmarshal(b, &values); err != nil || values == nil {
		return fmt.Errorf("the input must be an object, not %s", kindOf(b))
	}
	members := map[string]*string{"source": &in.Source, "snapshot": &in.Snapshot, "exportId": &in.ExportID}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		member, known := members[key]
		text, isText := values[key].(string)
		switch {
		case !known:
			keys := []string{"source", "snapshot", "exportId"}
			if near := Closest(keys, key); near != "" {
				return fmt.Errorf("the input has the unknown key %q (did you mean %q?)", key, near)
			}
			return fmt.Errorf("the input has the unknown key %q; the keys are source, snapshot and exportId", key)
		case !isText || text == "":
			return fmt.Errorf("the input's %s must be a non-empty string", key)
		}
		*member = text
	}
	if in.Source == "" {
		return errors.New("the input has no source")
	}
	return nil
}

// kindOf names the type of a JSON value.
func kindOf(b []byte) string {
	var v any
	_ = json.Unmarshal(b, &v) // it was read as JSON before
	switch v.(type) {
	case string:
		return "a string"
	case float64:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	default:
		return "null"
	}
}

// PlainJSON returns an error of encoding/json without the names of Go types.
func PlainJSON(err error) error {
	e, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	return fmt.Errorf("%s has the wrong type: %s", cmp.Or(e.Field, "the value"), e.Value)
}
