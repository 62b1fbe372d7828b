package asl

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a definition.
type Problem struct {
	// Code is AWS's: SCHEMA_VALIDATION_FAILED, MISSING_TRANSITION_TARGET, MISSING_END_STATE, INVALID_JSON_DESCRIPTION.
	Code    string
	Message string
	// Location is a path into the definition: "/States/CheckExport/Next". The few problems of the whole have none.
	Location string
}

// Problems are all that is wrong with a definition. They read as AWS writes them.
type Problems []Problem

func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, x := range p {
		at := x.Location
		if at == "" {
			at = "null"
		}
		texts[i] = fmt.Sprintf("%s: %s at %s", x.Code, x.Message, at)
	}
	return strings.Join(texts, ", ")
}

const (
	schemaFailed  = "SCHEMA_VALIDATION_FAILED"
	missingTarget = "MISSING_TRANSITION_TARGET"
	missingEnd    = "MISSING_END_STATE"
	invalidJSON   = "INVALID_JSON_DESCRIPTION"
)

// checker collects what is wrong while a definition is read, and where its transitions lead.
type checker struct {
	problems    Problems
	transitions []transition
}

type transition struct {
	from     string // the state's name
	to       string
	location string
}

func (c *checker) report(code, location, format string, args ...any) {
	c.problems = append(c.problems, Problem{code, fmt.Sprintf(format, args...), location})
}

// fields is an object of the definition that is being read: each field that was read is crossed off, and end reports those
// that are left.
type fields struct {
	*checker
	state string // whose fields they are, "" for the machine's own
	at    string // where the object lies
	raw   map[string]json.RawMessage
	done  map[string]bool
}

func (c *checker) object(state, at string, raw json.RawMessage) *fields {
	f := &fields{checker: c, state: state, at: at, done: map[string]bool{}}
	if err := json.Unmarshal(raw, &f.raw); err != nil || f.raw == nil {
		c.report(schemaFailed, at, "Expected value of type Object")
		f.raw = map[string]json.RawMessage{}
	}
	return f
}

func (f *fields) fail(format string, args ...any) { f.report(schemaFailed, f.where(), format, args...) }

func (f *fields) failAt(name, format string, args ...any) {
	f.report(schemaFailed, f.at+"/"+name, format, args...)
}

func (f *fields) where() string {
	if f.at == "" {
		return "/"
	}
	return f.at
}

// read returns a field's JSON, or nil.
func (f *fields) read(name string) json.RawMessage {
	f.done[name] = true
	return f.raw[name]
}

func (f *fields) has(name string) bool { _, ok := f.raw[name]; return ok }

func (f *fields) unread() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(f.raw)), func(name string) bool { return f.done[name] })
}

// end reports the fields that nobody read.
func (f *fields) end() {
	for _, name := range f.unread() {
		f.fail("Field '%s' is not supported", name)
	}
}

func (f *fields) require(names ...string) {
	missing := slices.DeleteFunc(names, f.has)
	if len(missing) > 0 {
		f.fail("These fields are required: [%s]", strings.Join(missing, ", "))
	}
}

// oneOf reports when there is none of the fields, or several.
func (f *fields) oneOf(names ...string) {
	switch n := len(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !f.has(name) })); {
	case n == 0:
		f.fail("One of the following fields is required: [%s]", strings.Join(names, ", "))
	default:
		f.notBoth(names...)
	}
}

func (f *fields) notBoth(names ...string) {
	if n := len(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !f.has(name) })); n > 1 {
		f.fail("There should only be one of the following fields: [%s]", strings.Join(names, ", "))
	}
}

func decode[T any](f *fields, name, wanted string) (T, bool) {
	var v *T
	raw := f.read(name)
	if raw == nil {
		return *new(T), false
	}
	if err := json.Unmarshal(raw, &v); err != nil || v == nil {
		f.failAt(name, "Expected value of type %s", wanted)
		return *new(T), false
	}
	return *v, true
}

func (f *fields) text(name string) string {
	s, _ := decode[string](f, name, "String")
	return s
}

func (f *fields) boolean(name string) (value, ok bool) { return decode[bool](f, name, "Boolean") }

// whole reads a whole number that is at least low; without the field it is missing.
func (f *fields) whole(name string, low, missing int64) int64 {
	n, ok := decode[int64](f, name, "Integer")
	if !ok {
		return missing
	}
	if n < low {
		f.failAt(name, "Minimum value is %d", low)
	}
	return n
}

func (f *fields) object(name string) (*fields, bool) {
	raw := f.read(name)
	if raw == nil {
		return nil, false
	}
	return f.checker.object(f.state, f.at+"/"+name, raw), true
}

func (f *fields) objects(name string) []*fields {
	list, _ := decode[[]json.RawMessage](f, name, "Array")
	objects := make([]*fields, len(list))
	for i, raw := range list {
		objects[i] = f.checker.object(f.state, fmt.Sprintf("%s/%s[%d]", f.at, name, i), raw)
	}
	return objects
}

// path reads a JSONPath; nil when there is none, or a bad one.
func (f *fields) path(name string) *Path {
	text, ok := decode[string](f, name, "String")
	if !ok {
		return nil
	}
	p, err := parsePath(text)
	if err != nil {
		f.failAt(name, "Value is not a valid JSONPath: '%s': %v", text, err)
		return nil
	}
	return p
}

func (f *fields) reference(name string) *Path {
	p := f.path(name)
	if p != nil && !p.isReference() {
		f.failAt(name, "Value is not a Reference Path: '%s'", p)
		return nil
	}
	return p
}

// nullable reads a path that may be null; the reports tell a null from a field that is not there.
func (f *fields) nullable(name string, read func(string) *Path) (p *Path, null bool) {
	if string(f.raw[name]) == "null" {
		f.read(name)
		return nil, true
	}
	return read(name), false
}

// template reads a payload template; nil when there is none.
func (f *fields) template(name string) Expr {
	raw := f.read(name)
	if raw == nil {
		return nil
	}
	v, err := Decode(raw)
	if err != nil {
		f.failAt(name, "%v", err)
		return nil
	}
	return parseTemplate(v, func(format string, args ...any) { f.failAt(name, format, args...) })
}

// transition reads the name of a state to go to.
func (f *fields) transition(name string) string {
	to, ok := decode[string](f, name, "String")
	if ok {
		f.transitions = append(f.transitions, transition{f.state, to, f.at + "/" + name})
	}
	return to
}
