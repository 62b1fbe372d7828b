package asl

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// template is a payload template: a literal, a reference, or an object whose values are templates.
type template any

// reference is a field whose name ends in ".$" and whose value is a path.
type reference struct {
	field string
	path  Path
}

// parseTemplate converts decoded JSON to a template.
func parseTemplate(v any) (template, error) {
	if _, isList := v.([]any); isList {
		return nil, errors.New("arrays are not supported")
	}
	object, isObject := v.(map[string]any)
	if !isObject {
		return v, nil
	}
	parsed := make(map[string]template, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name, dynamic := strings.CutSuffix(key, ".$")
		if _, ok := parsed[name]; ok {
			return nil, fmt.Errorf("fields %q and %q are mutually exclusive", name, key)
		}
		var err error
		if dynamic {
			parsed[name], err = parseField(key, object[key])
		} else {
			parsed[name], err = parseTemplate(object[key])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return parsed, nil
}

func parseField(key string, v any) (template, error) {
	text, ok := v.(string)
	if !ok {
		return nil, errors.New("a path must be a string")
	}
	p, err := parsePath(text)
	return reference{key, p}, err
}

// evaluate returns the value of a template. Each reference is replaced with the value at its path.
func evaluate(t template, s Scope) (any, error) {
	switch t := t.(type) {
	case reference:
		return t.path.value(t.field, s)
	case map[string]template:
		out := make(map[string]any, len(t))
		for _, name := range slices.Sorted(maps.Keys(t)) {
			var err error
			if out[name], err = evaluate(t[name], s); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		return t, nil
	}
}
