package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// parsePattern parses an EventPattern with exact strings and prefixes (EventBridge guide, "Creating Amazon EventBridge event patterns").
func parsePattern(text []byte) (map[string]any, error) {
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("EventPattern is not a JSON object: %w", err)
	}
	if len(fields) == 0 {
		return nil, errors.New("EventPattern is empty and would match everything")
	}
	return fields, checkFields("EventPattern", fields)
}

func checkFields(path string, fields map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		at := path + "." + name
		switch want := fields[name].(type) {
		case map[string]any:
			if err := checkFields(at, want); err != nil {
				return err
			}
		case []any:
			if i := slices.IndexFunc(want, func(v any) bool { return !isMatcher(v) }); i >= 0 || len(want) == 0 {
				return fmt.Errorf("%s is %v; the local AWS supports only lists that contain strings or {\"prefix\": string} objects", at, want)
			}
		default:
			return fmt.Errorf("%s is %v; it must be a list or an object", at, want)
		}
	}
	return nil
}

func isMatcher(want any) bool {
	if m, ok := want.(map[string]any); ok {
		want = m["prefix"]
		if len(m) != 1 {
			return false
		}
	}
	_, isText := want.(string)
	return isText
}

// matches reports whether an event, or an object in it, matches all fields of a pattern. checkFields must have accepted the pattern.
func matches(pattern map[string]any, event any) bool {
	have, ok := event.(map[string]any)
	for name, want := range pattern {
		switch want := want.(type) {
		case map[string]any:
			ok = ok && matches(want, have[name])
		case []any:
			ok = ok && slices.ContainsFunc(want, func(want any) bool { return matchesOne(want, have[name]) })
		}
	}
	return ok
}

// matchesOne reports whether a value equals the wanted string, has the wanted prefix, or is a list that contains such a value.
func matchesOne(want, value any) bool {
	if elements, ok := value.([]any); ok {
		return slices.ContainsFunc(elements, func(e any) bool { return matchesOne(want, e) })
	}
	text, ok := value.(string)
	if m, isPrefix := want.(map[string]any); isPrefix {
		return ok && strings.HasPrefix(text, m["prefix"].(string))
	}
	return ok && text == want
}
