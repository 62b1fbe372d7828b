package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// pattern tells whether a value of an event is one that a rule wants (EventBridge guide, "Creating Amazon EventBridge event
// patterns"). The value is decoded JSON; a field that the event does not have is absent.
type pattern func(value any) bool

// absent is the value of a field that is not there: no pattern here wants it, null neither.
type absent struct{}

// parsePattern reads an EventPattern: exact values, prefixes and wildcards.
func parsePattern(text []byte) (pattern, error) {
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("its EventPattern is no JSON object: %w", err)
	}
	if len(fields) == 0 {
		return nil, errors.New("its EventPattern is empty; one that matches everything would be a mistake")
	}
	p, err := object("", fields)
	if err != nil {
		return nil, fmt.Errorf("its EventPattern is not valid: %w", err)
	}
	return p, nil
}

// object wants all of its fields.
func object(path string, fields map[string]any) (pattern, error) {
	wanted := map[string]pattern{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		p, err := field(strings.TrimPrefix(path+"."+name, "."), fields[name])
		errs = append(errs, err)
		wanted[name] = p
	}
	return func(value any) bool {
		have, ok := value.(map[string]any)
		if !ok {
			return false
		}
		for name, p := range wanted {
			v, ok := have[name]
			if !ok {
				v = absent{}
			}
			if !p(v) {
				return false
			}
		}
		return true
	}, errors.Join(errs...)
}

// field wants one of its values, or an object.
func field(path string, want any) (pattern, error) {
	switch want := want.(type) {
	case map[string]any:
		return object(path, want)
	case []any:
		if len(want) == 0 {
			return nil, fmt.Errorf("%s has an empty list, which nothing matches", path)
		}
		return oneOf(path, want)
	default:
		return nil, fmt.Errorf("%s is %v; it can be a list of values, or an object", path, want)
	}
}

// oneOf wants one of the values; of a list in the event, it wants that in one of the elements.
func oneOf(path string, list []any) (pattern, error) {
	var errs []error
	values := make([]pattern, len(list))
	for i, want := range list {
		var err error
		values[i], err = single(path, want)
		errs = append(errs, err)
	}
	one := func(value any) bool {
		return slices.ContainsFunc(values, func(p pattern) bool { return p(value) })
	}
	return func(value any) bool {
		if elements, ok := value.([]any); ok {
			return slices.ContainsFunc(elements, one)
		}
		return one(value)
	}, errors.Join(errs...)
}

// single wants just this value, or what its matcher says.
func single(path string, want any) (pattern, error) {
	switch want := want.(type) {
	case map[string]any:
		return matcher(path, want)
	case []any:
		return nil, fmt.Errorf("%s has a list in a list", path)
	default:
		return func(value any) bool { return value == want }, nil
	}
}

// matcher is {"prefix": TEXT} or {"wildcard": TEXT}, in which * stands for any characters.
func matcher(path string, want map[string]any) (pattern, error) {
	names := slices.Sorted(maps.Keys(want))
	if len(names) != 1 {
		return nil, fmt.Errorf("%s has a matcher with %d names (%s), and takes one", path, len(names), strings.Join(names, ", "))
	}
	text, isText := want[names[0]].(string)
	var match func(string) bool
	switch name := names[0]; {
	case name != "prefix" && name != "wildcard":
		return nil, fmt.Errorf("%s has the matcher %s; the local AWS has prefix and wildcard", path, name)
	case !isText:
		return nil, fmt.Errorf("%s has the matcher %s of %v, and takes a text", path, name, want[name])
	case name == "prefix":
		match = func(s string) bool { return strings.HasPrefix(s, text) }
	default:
		match = regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(text), `\*`, `.*`) + `$`).MatchString
	}
	return func(value any) bool {
		s, ok := value.(string)
		return ok && match(s)
	}, nil
}
