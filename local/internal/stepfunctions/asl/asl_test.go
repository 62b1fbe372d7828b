package asl

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func scope(t *testing.T, data string) Scope {
	t.Helper()
	v, err := Decode([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return Scope{Data: v, Context: map[string]any{"State": map[string]any{"Name": "S"}}}
}

// stateOf returns the only state of a definition.
func stateOf(t *testing.T, fields string) *State {
	t.Helper()
	m, err := Parse(`{"StartAt": "S", "States": {"S": {` + fields + `}}}`)
	if err != nil {
		t.Fatal(err)
	}
	return m.States["S"]
}

// taskOf returns a Task state with this payload and these additional fields.
func taskOf(t *testing.T, payload, fields string) *Task {
	t.Helper()
	return stateOf(t, `"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, `+
		`"Parameters": {"FunctionName": "f", "Payload": `+payload+`}`+fields).Task
}

// text returns the JSON of a value, or the cause of an error.
func text(v any, err error) string {
	if err != nil {
		return err.(*Error).Cause
	}
	return Encode(v)
}

func TestTask_PayloadReadsInputAndContext(t *testing.T) {
	for template, want := range map[string]string{
		`{"all.$": "$"}`: `{"all":{"a":{"b":1.50,"c":null}}}`,
		`{"deep": {"name.$": "$$.State.Name", "b.$": "$.a.b"}, "literal": "$.a"}`: `{"deep":{"b":1.50,"name":"S"},"literal":"$.a"}`,
		`{"null.$": "$.a.c"}`: `{"null":null}`,
		`7`:                   `7`,
		`{"x.$": "$.a.b.c"}`:  `The JSONPath '$.a.b.c' specified for the field 'x.$' could not be found in the input '{"a":{"b":1.50,"c":null}}'`,
		`{"x.$": "$$.none"}`:  `The JSONPath '$$.none' specified for the field 'x.$' could not be found in the input '{"State":{"Name":"S"}}'`,
	} {
		task := taskOf(t, template, "")
		if got := text(task.Payload(scope(t, `{"a": {"b": 1.50, "c": null}}`))); got != want {
			t.Errorf("%s: got %s, want %s", template, got, want)
		}
	}
}

func TestTask_OutputInsertsResult(t *testing.T) {
	for _, c := range []struct{ fields, want string }{
		{``, `{"n":7}`},
		{`, "ResultPath": "$.r"`, `{"a":{"b":1},"r":{"n":7}}`},
		{`, "ResultPath": "$.a.c.d", "ResultSelector": {"m.$": "$.n"}`, `{"a":{"b":1,"c":{"d":{"m":7}}}}`},
		{`, "ResultPath": "$.a.b.c"`, `Unable to apply ReferencePath $.a.b.c to input {"a":{"b":1}}`},
		{`, "ResultSelector": {"m.$": "$.x"}`, `The JSONPath '$.x' specified for the field 'm.$' could not be found in the input '{"n":7}'`},
	} {
		input := scope(t, `{"a": {"b": 1}}`).Data
		if got := text(taskOf(t, `{}`, c.fields).Output(input, scope(t, `{"n": 7}`))); got != c.want {
			t.Errorf("%s: got %s, want %s", c.fields, got, c.want)
		}
		if got := Encode(input); got != `{"a":{"b":1}}` {
			t.Errorf("%s: the input is now %s", c.fields, got)
		}
	}
}

func TestRetrier_DelayGrowsUpToMaximum(t *testing.T) {
	half := func() float64 { return 0.5 }
	for fields, want := range map[string][3]time.Duration{
		``: {time.Second, 2 * time.Second, 4 * time.Second},
		`, "IntervalSeconds": 300, "BackoffRate": 1`:                           {300 * time.Second, 300 * time.Second, 300 * time.Second},
		`, "IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10`:      {2 * time.Second, 6 * time.Second, 10 * time.Second},
		`, "IntervalSeconds": 4, "JitterStrategy": "FULL"`:                     {2 * time.Second, 4 * time.Second, 8 * time.Second},
		`, "IntervalSeconds": 4, "JitterStrategy": "NONE", "BackoffRate": 1e9`: {4 * time.Second, 99999999 * time.Second, 99999999 * time.Second},
	} {
		r := taskOf(t, `{}`, `, "Retry": [{"ErrorEquals": ["E"]`+fields+`}]`).Retry[0]
		got := [3]time.Duration{r.Delay(0, half), r.Delay(1, half), r.Delay(2, half)}
		if got != want {
			t.Errorf("%s: got %v, want %v", fields, got, want)
		}
	}
}

func TestRetrier_MatchesByName(t *testing.T) {
	r := taskOf(t, `{}`, `, "Retry": [{"ErrorEquals": ["Busy", "States.Timeout"]}]`).Retry[0]
	for name, want := range map[string]bool{"Busy": true, Timeout: true, "Busy2": false, Runtime: false} {
		if got := r.Matches(&Error{Name: name}); got != want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestWait_ReadsSecondsPath(t *testing.T) {
	w := stateOf(t, `"Type": "Wait", "SecondsPath": "$.s", "End": true`).Wait
	const wrong = "The SecondsPath parameter does not reference a whole number from 0 to 99999999: $.s == "
	for seconds, want := range map[string]string{
		`0`: "0s", `90`: "1m30s",
		`null`: wrong + "null", `"5"`: wrong + `"5"`, `-1`: wrong + "-1", `1.5`: wrong + "1.5", `100000000`: wrong + "100000000",
	} {
		d, err := w.Duration(scope(t, `{"s": `+seconds+`}`))
		got := fmt.Sprint(d)
		if err != nil {
			got = err.(*Error).Cause
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", seconds, got, want)
		}
	}
}

func TestChoice_SelectsFirstMatchingRule(t *testing.T) {
	m, err := Parse(`{"StartAt": "C", "States": {
		"C": {"Type": "Choice", "Default": "C", "Choices": [
			{"Variable": "$.s", "StringEquals": "a", "Next": "A"}, {"Variable": "$$.State.Name", "StringEquals": "S", "Next": "B"}]},
		"A": {"Type": "Wait", "SecondsPath": "$.s", "End": true}, "B": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}}`)
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]string{
		`{"s": "a"}`: `"A"`, `{"s": "b"}`: `"B"`, `{"s": null}`: `"B"`, `{"s": {}}`: `"B"`,
		`{}`: "Invalid path '$.s': The choice state's condition path references an invalid value.",
	} {
		if got := text(m.States["C"].Choice.Decide(scope(t, data))); got != want {
			t.Errorf("%s: got %s, want %s", data, got, want)
		}
	}
	unmatched := Scope{Data: scope(t, `{"s": ""}`).Data, Context: scope(t, `{"State": {"Name": ""}}`).Data}
	if next, err := m.States["C"].Choice.Decide(unmatched); next != "C" {
		t.Errorf("without a match: got %q, %v", next, err)
	}
}

func TestEncode_KeepsDigitsAndCharacters(t *testing.T) {
	const text = `{"a":1.0,"b":12345678901234567890,"c":1e400,"d":"<&>"}`
	if diff := cmp.Diff(text, Encode(scope(t, text).Data)); diff != "" {
		t.Error(diff)
	}
}

func TestDecode_RejectsAllButOneText(t *testing.T) {
	for _, in := range []string{"", " ", "{}{}", "{", "[1,]", strings.Repeat("[", 20000)} {
		if v, err := Decode([]byte(in)); err == nil {
			t.Errorf("%.10q: got %v", in, v)
		}
	}
}
