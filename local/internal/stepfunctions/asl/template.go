package asl

import (
	"maps"
	"slices"
	"strings"
)

// Expr is something that has a value in a scope: a path, a call of a function, a template. Its error is an *Error.
type Expr func(Scope) (any, error)

func literal(v any) Expr { return func(Scope) (any, error) { return v, nil } }

// parseExpr reads the value of a field that is a path or a call. The field's name is for the error that says where a path
// led nowhere.
func parseExpr(field, text string) (Expr, error) {
	if strings.HasPrefix(text, "States.") {
		return parseCall(field, text)
	}
	p, err := parsePath(text)
	if err != nil {
		return nil, err
	}
	return p.in(field), nil
}

// in is the path as the value of a field.
func (p *Path) in(field string) Expr {
	return func(s Scope) (any, error) {
		v, ok := p.Get(s)
		if !ok {
			from := s.Data
			if p.context {
				from = s.Context
			}
			return nil, Runtimef("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'", p, field, Encode(from))
		}
		return v, nil
	}
}

// parseTemplate reads a payload template: any JSON in which a field whose name ends in ".$" has a path or a call as its
// value. It reports all that is wrong.
func parseTemplate(v any, report func(format string, args ...any)) Expr {
	switch v := v.(type) {
	case map[string]any:
		return parseObject(v, report)
	case []any:
		items := make([]Expr, len(v))
		for i, x := range v {
			items[i] = parseTemplate(x, report)
		}
		return func(s Scope) (any, error) { return values(s, items) }
	default:
		return literal(v)
	}
}

func parseObject(object map[string]any, report func(format string, args ...any)) Expr {
	fields := make(map[string]Expr, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name, dynamic := strings.CutSuffix(key, ".$")
		if _, twice := fields[name]; twice {
			report("There should only be one of the following fields: [%s, %s.$]", name, name)
		}
		if dynamic {
			fields[name] = parseDynamic(key, object[key], report)
		} else {
			fields[name] = parseTemplate(object[key], report)
		}
	}
	return func(s Scope) (any, error) {
		out := make(map[string]any, len(fields))
		for name, e := range fields {
			v, err := e(s)
			if err != nil {
				return nil, err
			}
			out[name] = v
		}
		return out, nil
	}
}

func parseDynamic(key string, v any, report func(format string, args ...any)) Expr {
	const wanted = "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call: "
	text, ok := v.(string)
	if !ok {
		report(wanted+"%s is no string", key, Encode(v))
		return nil
	}
	e, err := parseExpr(key, text)
	if err != nil {
		report(wanted+"'%s': %v", key, text, err)
	}
	return e
}

// values evaluates expressions in their order.
func values(s Scope, exprs []Expr) ([]any, error) {
	out := make([]any, len(exprs))
	for i, e := range exprs {
		var err error
		if out[i], err = e(s); err != nil {
			return nil, err
		}
	}
	return out, nil
}
