package asl

import (
	"errors"
	"strings"
	"testing"
	"time"

	"snaplake/workflow"
)

// fuzzScope is what a fuzzed definition works on.
func fuzzScope(data any) Scope {
	return Scope{Data: data, Context: map[string]any{"State": map[string]any{"Name": "S"}}, Random: func(n int64) int64 { return n - 1 }}
}

// checkError checks that an error of evaluation is one that an execution can fail with, and says something.
func checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if e, ok := errors.AsType[*Error](err); !ok || e.Name == "" || e.Cause == "" {
		t.Errorf("the error %#v names nothing", err)
	}
}

func FuzzParse(f *testing.F) {
	const data = `{"source": "shop", "export": {"status": "COMPLETE", "waitSeconds": 60, "at": "2026-11-21T17:05:12Z"}, "list": [1, "a", null]}`
	f.Add(workflow.Definition, data)
	for _, state := range []string{
		`"Type": "Pass", "Result": {"a": 1}, "ResultPath": "$.x", "End": true`,
		`"Type": "Pass", "InputPath": "$.export", "Parameters": {"a.$": "$.status", "b": [{"c.$": "$$.State.Name"}]}, "OutputPath": null, "End": true`,
		`"Type": "Wait", "SecondsPath": "$.export.waitSeconds", "End": true`,
		`"Type": "Wait", "TimestampPath": "$.export.at", "End": true`,
		`"Type": "Fail", "ErrorPath": "$.source", "CausePath": "States.Format('{} of {}', $.source, $.list)"`,
		`"Type": "Choice", "Choices": [{"And": [{"Variable": "$.list[0]", "NumericGreaterThan": 0}, {"Not": {"Variable": "$.source", "StringMatches": "s*p"}}], "Next": "S"}]`,
		`"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "TimeoutSecondsPath": "$.export.waitSeconds", "Retry": [{"ErrorEquals": ["States.ALL"], "BackoffRate": 1e300}], "End": true`,
	} {
		f.Add(`{"StartAt": "S", "States": {"S": {`+state+`}}}`, data)
	}
	f.Fuzz(func(t *testing.T, definition, data string) {
		v, err := Decode([]byte(data))
		if err != nil {
			return
		}
		m, err := Parse(definition)
		if err != nil {
			problems, ok := errors.AsType[Problems](err)
			if !ok || len(problems) == 0 || problems[0].Message == "" {
				t.Errorf("the error %#v names nothing", err)
			}
			return
		}
		for _, st := range m.States {
			checkError(t, visit(st, v))
		}
	})
}

// visit evaluates all that a state has.
func visit(st *State, input any) error {
	data, err := st.Filtered(fuzzScope(input))
	if err != nil {
		return err
	}
	effective, err := st.Effective(fuzzScope(data))
	if err != nil {
		return err
	}
	out, err := st.Result(input, fuzzScope(effective))
	if err != nil {
		return err
	}
	EncodeWithin(out, MaxData)
	switch {
	case st.Choice != nil:
		_, err = st.Choice.Decide(fuzzScope(data))
	case st.Wait != nil:
		_, err = st.Wait.Until(time.Unix(0, 0), fuzzScope(data))
	case st.Fail != nil:
		_, err = st.Fail.Error(fuzzScope(data))
	case st.Task != nil:
		for i := range st.Task.Retry {
			st.Task.Retry[i].Delay(st.Task.Retry[i].MaxAttempts, func() float64 { return 0.5 })
		}
		_, err = st.Task.Timeout(fuzzScope(data))
	}
	return err
}

func FuzzPath(f *testing.F) {
	const data = `{"a": {"b": [1, {"c": "x"}, null]}, "k.1": true, "n": 1e400}`
	for _, path := range []string{
		"$", "$$", "$$.State.Name", "$.a.b[1].c", "$['k.1']", "$.a.b[-1]", "$.a.b[0:2]", "$.a.b[*]", "$..c", "$.a.b[?(@.c == 'x')]",
		"$.a.b[?(@ > 0 && @ < 2)]", "$.a.b[0,1]", "$[", "$.a.b[99999999999999999999]", "$.a.b[::-1]", "$.a.b[?(@.c =~ /x+/)]",
	} {
		f.Add(path, data)
	}
	f.Fuzz(func(t *testing.T, text, data string) {
		v, err := Decode([]byte(data))
		if err != nil {
			return
		}
		p, err := parsePath(text)
		if err != nil {
			if err.Error() == "" {
				t.Error("the error says nothing")
			}
			return
		}
		before := Encode(v)
		found, ok := p.Get(fuzzScope(v))
		if ok {
			EncodeWithin(found, MaxData)
		}
		if !p.isReference() {
			return
		}
		changed, err := p.Set(v, "changed")
		if err != nil {
			checkError(t, err)
		} else if got, ok := p.Get(fuzzScope(changed)); !ok || got != "changed" {
			t.Errorf("%s: what was set is found as %v", text, got)
		}
		if Encode(v) != before {
			t.Errorf("%s: the data was changed", text)
		}
	})
}

func FuzzTemplate(f *testing.F) {
	const data = `{"s": "a,b", "n": 3, "list": [1, 2, {"k": null}], "o": {"a": 1}}`
	f.Add(`{"a.$": "$.s", "b": [{"c.$": "$$.State.Name"}, "$.s"]}`, data)
	for _, call := range []string{
		`States.Format('{} is \\{{}\\}', $.s, $.o)`, `States.StringToJson('[1]')`, `States.JsonToString($.o)`, `States.Array(1, -2.5, null, 'x')`,
		`States.ArrayPartition($.list, 2)`, `States.ArrayContains($.list, 2)`, `States.ArrayRange(1, 9, 3)`, `States.ArrayGetItem($.list, 1)`,
		`States.ArrayLength($.list)`, `States.ArrayUnique($.list)`, `States.Base64Encode($.s)`, `States.Base64Decode('5pel')`,
		`States.Hash($.s, 'MD5')`, `States.JsonMerge($.o, $.o, false)`, `States.MathRandom(1, 9, 7)`, `States.MathAdd($.n, 1)`,
		`States.StringSplit($.s, ',')`, `States.UUID()`, `States.Format('{}', States.Format('{}{}', $, $))`,
	} {
		f.Add(`{"x.$": "`+call+`"}`, data)
	}
	f.Fuzz(func(t *testing.T, template, data string) {
		v, err := Decode([]byte(data))
		if err != nil {
			return
		}
		parsed, err := Decode([]byte(template))
		if err != nil {
			return
		}
		wrong := false
		e := parseTemplate(parsed, func(string, ...any) { wrong = true })
		if wrong {
			return
		}
		out, err := e(fuzzScope(v))
		checkError(t, err)
		EncodeWithin(out, MaxData)
	})
}

func TestATemplateCannotFillTheMemory(t *testing.T) {
	large := `"` + strings.Repeat("x", 100_000) + `"`
	many := func(item string) string { return strings.TrimSuffix(strings.Repeat(item+",", 1000), ",") }
	for fields, want := range map[string]string{
		`"Parameters": {"a.$": "States.Array(` + many("$") + `)"}`:                                       "States.Runtime: The function 'States.Array' had the following error: the result has more than 262144 bytes",
		`"Parameters": {"a.$": "States.Format('` + strings.Repeat("{}", 1000) + `',` + many("$") + `)"}`: "States.Runtime: The function 'States.Format' had the following error: the result has more than 262144 bytes",
		`"Parameters": [` + many(`{"a.$":"$"}`) + `]`:                                                    "States.DataLimitExceeded: The state/task 'S' returned a result with a size exceeding the maximum number of bytes service limit.",
	} {
		_, err := stateOf(t, `"Type": "Pass", "End": true, `+fields).Effective(scope(t, large))
		if err == nil || err.Error() != want {
			t.Errorf("%.40s: got %v", fields, err)
		}
	}
}

func TestPathsThatMultiplyWhatTheyFindAreRefused(t *testing.T) {
	for path, want := range map[string]string{
		"$[0,0]":                        "the list of several parts [0,0] is not supported",
		"$..a..b":                       "more than one .. is not supported",
		"$[?(@..a == 1)]":               "the filter [?(@..a == 1)] is not supported: it has .. or $ or a comma",
		"$[?($.a == 1)]":                "the filter [?($.a == 1)] is not supported: it has .. or $ or a comma",
		"$." + strings.Repeat("a", 999): "it has 1001 bytes, and 1000 are supported",
	} {
		if _, err := parsePath(path); err == nil || err.Error() != want {
			t.Errorf("%s: got the error %v, want %s", path, err, want)
		}
	}
}

func TestRulesAreNestedAHundredDeepAtMost(t *testing.T) {
	nested := func(depth int) string {
		rule := `"Variable": "$.a", "IsNull": true`
		for range depth - 1 {
			rule = `"Not": {` + rule + `}`
		}
		return `{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{` + rule + `, "Next": "S"}]}, "S": {"Type": "Succeed"}}}`
	}
	if _, err := Parse(nested(100)); err != nil {
		t.Error(err)
	}
	_, err := Parse(nested(101))
	if err == nil || !strings.HasPrefix(err.Error(), "SCHEMA_VALIDATION_FAILED: Rules are nested more than 100 deep at /States/C/Choices[0]/Not/") {
		t.Errorf("got the error %v", err)
	}
}
