package asl

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ohler55/ojg/jp"
)

// Scope is what paths read and what functions draw from.
type Scope struct {
	// Data is what $ is: the state's input, or its result.
	Data any
	// Context is what $$ is: the context object.
	Context any
	// Random returns a number in [0, n), for States.MathRandom and States.UUID. It is called with n > 0.
	Random func(n int64) int64
}

// Path is a JSONPath, as it was written in the definition.
type Path struct {
	text    string
	context bool // begins with $$
	expr    jp.Expr
}

func (p *Path) String() string { return p.text }

// maxPath is how many bytes a path may have here. It bounds, with what checkParts refuses, how long a path can take to evaluate.
const maxPath = 1000

func parsePath(text string) (*Path, error) {
	if len(text) > maxPath {
		return nil, fmt.Errorf("it has %d bytes, and %d are supported", len(text), maxPath)
	}
	rest, context := text, false
	if strings.HasPrefix(text, "$$") {
		rest, context = text[1:], true
	}
	if !strings.HasPrefix(rest, "$") {
		return nil, errors.New("a JSONPath begins with $")
	}
	expr, err := jp.ParseString(rest)
	if err != nil {
		return nil, err
	}
	if err := checkParts(expr[1:]); err != nil {
		return nil, err
	}
	return &Path{text: text, context: context, expr: expr}, nil
}

// checkParts refuses what the local AWS does not have. Among it is what leads to one value many times over: a few dozen
// characters of it would be enough to fill the memory.
func checkParts(parts jp.Expr) error {
	descents := 0
	for _, part := range parts {
		switch part := part.(type) {
		case jp.Child, jp.Nth, jp.Bracket, jp.Wildcard, jp.Slice:
		case jp.Descent:
			if descents++; descents > 1 {
				return errors.New("more than one .. is not supported")
			}
		case *jp.Filter:
			if text := part.String(); strings.Contains(text, "..") || strings.ContainsAny(text, "$,") {
				return fmt.Errorf("the filter %s is not supported: it has .. or $ or a comma", text)
			}
		case jp.Union:
			return fmt.Errorf("the list of several parts %s is not supported", part.Append(nil, false, false))
		default:
			return fmt.Errorf("a part of the kind %T is not supported", part)
		}
	}
	return nil
}

// definite tells whether the path can lead to one value only.
func (p *Path) definite() bool {
	return !slices.ContainsFunc(p.expr, func(f jp.Frag) bool {
		switch f.(type) {
		case jp.Root, jp.Bracket, jp.Child, jp.Nth:
			return false
		default:
			return true
		}
	})
}

// Get returns what the path leads to. A path that can lead to several values gives an array of them, which may be empty; any
// other path that leads nowhere gives false.
func (p *Path) Get(s Scope) (any, bool) {
	from := s.Data
	if p.context {
		from = s.Context
	}
	if p.definite() {
		return p.expr.FirstFound(from)
	}
	found := p.expr.Get(from)
	if found == nil {
		found = []any{}
	}
	return found, true
}

// isReference tells whether it is a Reference Path: one that names a single place in the data.
func (p *Path) isReference() bool {
	return !p.context && p.definite() && !slices.ContainsFunc(p.expr, func(f jp.Frag) bool {
		n, ok := f.(jp.Nth)
		return ok && n < 0
	})
}

// Set returns data with the value put in the place that a Reference Path names. It makes the objects on the way that are
// missing, and changes nothing in data itself.
func (p *Path) Set(data, value any) (any, error) {
	v, ok := set(data, p.expr, value)
	if !ok {
		return nil, &Error{ResultPathMatchFailure, fmt.Sprintf("Unable to apply ReferencePath %s to input %s", p, Encode(data))}
	}
	return v, nil
}

func set(data any, steps jp.Expr, value any) (any, bool) {
	if len(steps) == 0 {
		return value, true
	}
	switch step := steps[0].(type) {
	case jp.Child:
		object, ok := data.(map[string]any)
		if !ok {
			return nil, false
		}
		inner, there := object[string(step)]
		if !there {
			inner = map[string]any{}
		}
		changed, ok := set(inner, steps[1:], value)
		if !ok {
			return nil, false
		}
		object = maps.Clone(object)
		object[string(step)] = changed
		return object, true
	case jp.Nth:
		array, ok := data.([]any)
		if !ok || int(step) >= len(array) {
			return nil, false
		}
		changed, ok := set(array[step], steps[1:], value)
		if !ok {
			return nil, false
		}
		array = slices.Clone(array)
		array[step] = changed
		return array, true
	default: // the root, and how a child was written
		return set(data, steps[1:], value)
	}
}
