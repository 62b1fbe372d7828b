package events

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// pattern is the pattern of an event or of an object in it: a pattern for each field that must match (EventBridge guide, "Creating Amazon
// EventBridge event patterns").
type pattern map[string]fieldPattern

// fieldPattern is either the pattern of an object, or a list of values, of which one must match.
type fieldPattern struct {
	object pattern
	values []matcher
}

// UnmarshalJSON decodes an object or a list.
func (f *fieldPattern) UnmarshalJSON(b []byte) error {
	if b[0] == '{' {
		return json.Unmarshal(b, &f.object)
	}
	return json.Unmarshal(b, &f.values)
}

// matcher matches a string, or all strings with a prefix.
type matcher struct {
	text     string
	isPrefix bool
}

// UnmarshalJSON decodes a string or a {"prefix": string} object.
func (m *matcher) UnmarshalJSON(b []byte) error {
	var object map[string]string
	if json.Unmarshal(b, &m.text) == nil {
		return nil
	}
	if err := json.Unmarshal(b, &object); err == nil && len(object) == 1 {
		m.text, m.isPrefix = object["prefix"]
	}
	if !m.isPrefix {
		return fmt.Errorf("EventPattern: the local AWS supports only strings and {\"prefix\": string} objects, not %s", b)
	}
	return nil
}

// matches reports whether an event, or an object in it, matches all fields of the pattern.
func (p pattern) matches(event any) bool {
	object, ok := event.(map[string]any)
	for name, field := range p {
		ok = ok && field.matches(object[name])
	}
	return ok
}

// matches reports whether a value matches. A list matches if one of its elements does.
func (f fieldPattern) matches(value any) bool {
	if f.object != nil {
		return f.object.matches(value)
	}
	if list, ok := value.([]any); ok {
		return slices.ContainsFunc(list, f.matches)
	}
	text, ok := value.(string)
	return ok && slices.ContainsFunc(f.values, func(m matcher) bool {
		return text == m.text || m.isPrefix && strings.HasPrefix(text, m.text)
	})
}
