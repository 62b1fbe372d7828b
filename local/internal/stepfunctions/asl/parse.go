package asl

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parse reads a definition. The error is a Problems with everything that is wrong.
func Parse(definition string) (*Machine, error) {
	c := &checker{}
	m := c.machine(definition)
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return m, nil
}

func (c *checker) machine(definition string) *Machine {
	var raw json.RawMessage
	if err := json.Unmarshal([]byte(definition), &raw); err != nil {
		c.report(invalidJSON, position(definition, err), "%v", err)
		return nil
	}
	m := &Machine{States: map[string]*State{}}
	f := c.object("", "", raw)
	f.require("StartAt", "States")
	m.StartAt = f.text("StartAt")
	f.text("Comment")
	if v := f.text("Version"); v != "" && v != "1.0" {
		f.failAt("Version", "The version '%s' is not supported: there is 1.0", v)
	}
	f.language()
	m.Timeout = time.Duration(f.seconds("TimeoutSeconds", 1, 0)) * time.Second
	states, ok := f.object("States")
	f.end()
	if !ok {
		return nil
	}
	if len(states.raw) == 0 {
		f.failAt("States", "There is no state")
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(states.raw)) {
		m.States[name] = c.state(name, states.raw[name])
	}
	c.graph(m)
	return m
}

// position is the line and the column of a mistake in the JSON.
func position(text string, err error) string {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return ""
	}
	before := text[:min(int(syntax.Offset), len(text))]
	return "line " + itoa(strings.Count(before, "\n")+1) + ", column " + itoa(len(before)-strings.LastIndex(before, "\n")-1)
}

func itoa(n int) string { return strconv.Itoa(n) }

// graph checks where the transitions lead.
func (c *checker) graph(m *Machine) {
	if _, ok := m.States[m.StartAt]; !ok && m.StartAt != "" {
		c.report(missingTarget, "/StartAt", "Missing 'Next' target: %s", m.StartAt)
	}
	for _, t := range c.transitions {
		if _, ok := m.States[t.to]; !ok {
			c.report(missingTarget, t.location, "Missing 'Next' target: %s", t.to)
		}
	}
	ends := func(s *State) bool { return s.Next == "" && s.Choice == nil }
	if !slices.ContainsFunc(slices.Collect(maps.Values(m.States)), ends) {
		c.report(missingEnd, "", "Workflow has no terminal state")
		return
	}
	for _, name := range unreachable(m, c.transitions) {
		c.report(missingTarget, stateLocation(name), "State \"%s\" is not reachable.", name)
	}
}

// maxName is AWS's limit of a state's name, in characters.
const maxName = 80

func (c *checker) state(name string, raw json.RawMessage) *State {
	f := c.object(name, stateLocation(name), raw)
	if n := len([]rune(name)); n == 0 || n > maxName {
		f.fail("The name of a state has 1 to %d characters, and this one has %d", maxName, n)
	}
	s := &State{Name: name, Type: Type(f.text("Type"))}
	f.text("Comment")
	f.language()
	switch s.Type {
	case TypeTask:
		f.filters(s)
		f.transform(s)
		s.resultSelector = f.template("ResultSelector")
		s.Task = f.task()
		f.next(s)
	case TypePass:
		f.filters(s)
		f.transform(s)
		s.Pass = f.pass()
		f.next(s)
	case TypeChoice:
		f.filters(s)
		s.Choice = f.choice()
	case TypeWait:
		f.filters(s)
		s.Wait = f.wait()
		f.next(s)
	case TypeSucceed:
		f.filters(s)
	case TypeFail:
		s.Fail = f.failState()
	case "":
		f.require("Type")
		return s
	default:
		f.failAt("Type", "The type '%s' is not supported: there are [Task, Pass, Choice, Wait, Succeed, Fail]", s.Type)
		return s // its fields are nobody's
	}
	f.end()
	return s
}

// language accepts JSONPath, which is also what a definition without the field is in.
func (f *fields) language() {
	if q := f.text("QueryLanguage"); q != "" && q != "JSONPath" {
		f.failAt("QueryLanguage", "The query language '%s' is not supported: there is JSONPath", q)
	}
}

func (f *fields) filters(s *State) {
	s.inputPath = f.filter("InputPath")
	s.outputPath = f.filter("OutputPath")
}

func (f *fields) filter(name string) filter {
	p, null := f.nullable(name, f.path)
	return filter{field: name, path: p, none: null}
}

func (f *fields) transform(s *State) {
	s.parameters = f.template("Parameters")
	s.resultPath, s.dropResult = f.nullable("ResultPath", f.reference)
}

func (f *fields) next(s *State) {
	f.oneOf("Next", "End")
	s.Next = f.transition("Next")
	if end, ok := f.boolean("End"); ok && !end {
		f.failAt("End", "End is true or not there")
	}
}

func (f *fields) pass() *Pass {
	raw := f.read("Result")
	if raw == nil {
		return &Pass{}
	}
	v, err := Decode(raw)
	if err != nil {
		f.failAt("Result", "%v", err)
	}
	return &Pass{Result: v, HasResult: true}
}

func (f *fields) wait() *Wait {
	w := &Wait{}
	f.oneOf("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
	if f.has("Seconds") {
		n := f.seconds("Seconds", 0, 0)
		w.seconds = &n
	}
	if f.has("Timestamp") {
		t, ok := timestamp(f.text("Timestamp"))
		if !ok {
			f.failAt("Timestamp", "Value is not a timestamp like 2026-11-21T17:05:12Z")
		}
		w.timestamp = &t
	}
	w.secondsPath = f.reference("SecondsPath")
	w.timestampPath = f.reference("TimestampPath")
	return w
}

func (f *fields) seconds(name string, low, missing int64) int64 {
	n := f.whole(name, low, missing)
	if n > maxSeconds {
		f.failAt(name, "Maximum value is %d", maxSeconds)
	}
	return n
}

func (f *fields) failState() *Fail {
	f.notBoth("Error", "ErrorPath")
	f.notBoth("Cause", "CausePath")
	return &Fail{err: f.failText("Error", "ErrorPath"), cause: f.failText("Cause", "CausePath")}
}

func (f *fields) failText(name, pathName string) Expr {
	if f.has(name) {
		return literal(f.text(name))
	}
	text, ok := decode[string](f, pathName, "String")
	if !ok {
		return nil
	}
	e, err := parseExpr(pathName, text)
	if err != nil {
		f.failAt(pathName, "Value is not a valid JSONPath or intrinsic function call: '%s': %v", text, err)
	}
	return e
}
