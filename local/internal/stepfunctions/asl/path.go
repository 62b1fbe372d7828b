package asl

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// Scope holds the data to which paths refer.
type Scope struct {
	// Data is the value of $: the input of the state, or the result of its task.
	Data any
	// Context is the value of $$: the context object.
	Context any
}

// Path is a JSONPath expression such as $.export.id or $$.Execution.Input.
type Path string

// supportedPath matches $ or $$, followed by field names.
var supportedPath = regexp.MustCompile(`^\$\$?(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

func parsePath(text string) (Path, error) {
	if !supportedPath.MatchString(text) {
		return "", fmt.Errorf("path %q is not supported; use a path such as $.a.b or $$.a.b", text)
	}
	return Path(text), nil
}

// parseReference parses a Reference Path, which cannot refer to the context object.
func parseReference(text string) (Path, error) {
	if strings.HasPrefix(text, "$$") {
		return "", fmt.Errorf("path %q is not supported; use a path that does not refer to the context object", text)
	}
	return parsePath(text)
}

// names returns the field names that follow the root, $ or $$.
func (p Path) names() []string { return strings.Split(string(p), ".")[1:] }

func (p Path) root(s Scope) any {
	if strings.HasPrefix(string(p), "$$") {
		return s.Context
	}
	return s.Data
}

// Get returns the value at the path. It returns false if there is no value.
func (p Path) Get(s Scope) (any, bool) {
	v := p.root(s)
	for _, name := range p.names() {
		object, _ := v.(map[string]any)
		var ok bool
		if v, ok = object[name]; !ok {
			return nil, false
		}
	}
	return v, true
}

// value returns the value at the path. field is the name of the field that contains the path; the error message includes this name.
func (p Path) value(field string, s Scope) (any, error) {
	v, ok := p.Get(s)
	if !ok {
		return nil, Runtimef("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'", p, field, Encode(p.root(s)))
	}
	return v, nil
}

// Set returns a copy of data in which the path has the given value. It creates missing parent objects.
func (p Path) Set(data, value any) (any, error) {
	v, ok := set(data, p.names(), value)
	if !ok {
		return nil, &Error{ResultPathMatchFailure, fmt.Sprintf("Unable to apply ReferencePath %s to input %s", p, Encode(data))}
	}
	return v, nil
}

func set(data any, names []string, value any) (any, bool) {
	if len(names) == 0 {
		return value, true
	}
	object, ok := data.(map[string]any)
	if !ok {
		return nil, false
	}
	inner, ok := object[names[0]]
	if !ok {
		inner = map[string]any{}
	}
	changed, ok := set(inner, names[1:], value)
	if !ok {
		return nil, false
	}
	object = maps.Clone(object)
	object[names[0]] = changed
	return object, true
}
