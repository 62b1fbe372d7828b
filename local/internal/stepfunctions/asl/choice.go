package asl

import (
	"slices"
	"strings"
	"time"
)

// Choice is what a Choice state decides.
type Choice struct {
	Rules []Rule
	// Default is the next state when no rule matches, or "".
	Default string
}

// Rule is one of a Choice state's rules.
type Rule struct {
	Matches func(Scope) (bool, error)
	Next    string
}

// Decide returns the next state.
func (c *Choice) Decide(s Scope) (string, error) {
	for _, r := range c.Rules {
		ok, err := r.Matches(s)
		if err != nil {
			return "", err
		}
		if ok {
			return r.Next, nil
		}
	}
	if c.Default == "" {
		return "", Runtimef("Failed to transition out of the state. The state does not point to a next state.")
	}
	return c.Default, nil
}

// test is a condition of a rule.
type test func(Scope) (bool, error)

// maxRules is how deep rules may be nested here.
const maxRules = 100

// rule reads a rule: And, Or, Not, or a Variable with one operator. Depth counts from 1.
func (f *fields) rule(depth int) test {
	if depth > maxRules {
		clear(f.raw) // its fields are not told of one by one
		f.fail("Rules are nested more than %d deep", maxRules)
		return nil
	}
	for _, name := range []string{"And", "Or"} {
		if _, ok := f.raw[name]; ok {
			return f.all(name, depth+1)
		}
	}
	if inner, ok := f.object("Not"); ok {
		not := inner.rule(depth + 1)
		inner.end()
		return func(s Scope) (bool, error) {
			ok, err := not(s)
			return !ok, err
		}
	}
	variable := f.path("Variable")
	f.require("Variable")
	operators := slices.DeleteFunc(f.unread(), func(name string) bool { return name == "Next" || name == "Comment" })
	if len(operators) != 1 {
		f.fail("A rule has exactly one operator, and this one has %d: [%s]", len(operators), strings.Join(operators, ", "))
		return nil
	}
	compare := f.operator(operators[0])
	if variable == nil || compare == nil {
		return nil
	}
	return func(s Scope) (bool, error) {
		v, found := variable.Get(s)
		if operators[0] == "IsPresent" {
			return compare(s, found)
		}
		if !found {
			return false, missing(variable)
		}
		return compare(s, v)
	}
}

// all reads And or Or.
func (f *fields) all(name string, depth int) test {
	var tests []test
	for _, inner := range f.objects(name) {
		tests = append(tests, inner.rule(depth))
		inner.end()
	}
	return func(s Scope) (bool, error) {
		for _, t := range tests {
			ok, err := t(s)
			if err != nil || ok != (name == "And") {
				return ok, err
			}
		}
		return name == "And", nil
	}
}

func missing(p *Path) *Error {
	return Runtimef("Invalid path '%s': The choice state's condition path references an invalid value.", p)
}

type comparison func(s Scope, v any) (bool, error)

// operator reads an operator with what it compares to. Values of different types never match.
func (f *fields) operator(name string) comparison {
	if is, ok := kindTest(name); ok {
		want, ok := f.boolean(name)
		if !ok {
			return nil
		}
		return func(_ Scope, v any) (bool, error) { return is(v) == want, nil }
	}
	base, dynamic := strings.CutSuffix(name, "Path")
	compare, valid, wanted := comparer(base)
	if compare == nil || base == "StringMatches" && dynamic {
		f.read(name)
		f.fail("Field '%s' is not supported", name)
		return nil
	}
	if dynamic {
		p := f.path(name)
		return func(s Scope, v any) (bool, error) {
			target, ok := p.Get(s)
			if !ok {
				return false, missing(p)
			}
			return compare(v, target), nil
		}
	}
	target, err := Decode(f.read(name))
	if err != nil || !valid(target) {
		f.failAt(name, "Expected value of type %s", wanted)
		return nil
	}
	return func(_ Scope, v any) (bool, error) { return compare(v, target), nil }
}

// kindTest is an operator that asks what a value is.
func kindTest(name string) (func(any) bool, bool) {
	switch name {
	case "IsPresent":
		return func(v any) bool { return v == true }, true // see rule
	case "IsNull":
		return func(v any) bool { return v == nil }, true
	case "IsString":
		return func(v any) bool { _, ok := v.(string); return ok }, true
	case "IsNumeric":
		return func(v any) bool { _, ok := float(v); return ok }, true
	case "IsBoolean":
		return func(v any) bool { _, ok := v.(bool); return ok }, true
	case "IsTimestamp":
		return func(v any) bool { _, ok := timestamp(v); return ok }, true
	default:
		return nil, false
	}
}

// comparer is an operator that compares two values; it comes with a check of the second and what to call it.
func comparer(name string) (compare func(v, target any) bool, valid func(any) bool, wanted string) {
	if name == "BooleanEquals" {
		valid := func(v any) bool { _, ok := v.(bool); return ok }
		return func(v, target any) bool { return valid(v) && v == target }, valid, "Boolean"
	}
	if name == "StringMatches" {
		return matches, func(v any) bool { _, ok := v.(string); return ok }, "String"
	}
	for _, kind := range []string{"String", "Numeric", "Timestamp"} {
		order, ok := strings.CutPrefix(name, kind)
		if !ok {
			continue
		}
		accept := accepts(order)
		if accept == nil {
			return nil, nil, ""
		}
		cmp := ordering(kind)
		compare := func(v, target any) bool { n, ok := cmp(v, target); return ok && accept(n) }
		return compare, func(v any) bool { _, ok := cmp(v, v); return ok }, kind
	}
	return nil, nil, ""
}

func accepts(order string) func(int) bool {
	switch order {
	case "Equals":
		return func(n int) bool { return n == 0 }
	case "LessThan":
		return func(n int) bool { return n < 0 }
	case "LessThanEquals":
		return func(n int) bool { return n <= 0 }
	case "GreaterThan":
		return func(n int) bool { return n > 0 }
	case "GreaterThanEquals":
		return func(n int) bool { return n >= 0 }
	default:
		return nil
	}
}

// ordering compares two values of a kind, and reports false when one of them is of another.
func ordering(kind string) func(a, b any) (int, bool) {
	switch kind {
	case "String":
		return func(a, b any) (int, bool) {
			x, ok1 := a.(string)
			y, ok2 := b.(string)
			return strings.Compare(x, y), ok1 && ok2
		}
	case "Numeric":
		return func(a, b any) (int, bool) {
			x, ok1 := float(a)
			y, ok2 := float(b)
			switch {
			case x < y:
				return -1, ok1 && ok2
			case x > y:
				return 1, ok1 && ok2
			default:
				return 0, ok1 && ok2
			}
		}
	default:
		return func(a, b any) (int, bool) {
			x, ok1 := timestamp(a)
			y, ok2 := timestamp(b)
			return x.Compare(y), ok1 && ok2
		}
	}
}

// timestamp reads the profile of ISO 8601 that the language has: RFC 3339 with upper-case T and Z.
func timestamp(v any) (time.Time, bool) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

// matches compares with a pattern in which * stands for any characters, and \* and \\ for themselves.
func matches(v, pattern any) bool {
	s, ok1 := v.(string)
	p, ok2 := pattern.(string)
	if !ok1 || !ok2 {
		return false
	}
	parts := patternParts(p)
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return s == first
	}
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(s, part)
		if !found {
			return false
		}
		s = after
	}
	return true
}

// patternParts is what lies between the * of a pattern.
func patternParts(pattern string) []string {
	parts := []string{""}
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c == '*' {
			parts = append(parts, "")
			continue
		}
		if c == '\\' && i+1 < len(pattern) {
			i++
			c = pattern[i]
		}
		parts[len(parts)-1] += string(c)
	}
	return parts
}

// choice reads what a Choice state has of its own.
func (f *fields) choice() *Choice {
	c := &Choice{}
	f.require("Choices")
	for _, r := range f.objects("Choices") {
		matches := r.rule(1)
		r.require("Next")
		next := r.transition("Next")
		r.text("Comment")
		r.end()
		c.Rules = append(c.Rules, Rule{Matches: matches, Next: next})
	}
	if raw, ok := f.raw["Choices"]; ok && string(raw) == "[]" {
		f.failAt("Choices", "There is no rule")
	}
	c.Default = f.transition("Default")
	return c
}
