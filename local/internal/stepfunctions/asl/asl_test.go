package asl

import (
	"fmt"
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
	return Scope{Data: v, Context: map[string]any{"State": map[string]any{"Name": "S"}}, Random: func(n int64) int64 { return n - 1 }}
}

func TestIntrinsicFunctions(t *testing.T) {
	const data = `{"s": "a,b;c", "n": 3, "f": 2.5, "list": [1, 2, 2, {"k": null}, 1.0], "o": {"a": 1, "b": {"x": 1}}, "p": {"b": {"y": 2}}, "json": "{\"z\": 12345678901234567890}", "tpl": "\\{{}\\}", "odd": {"a, b)": 7}}`
	for call, want := range map[string]string{
		`States.Format('{} is {}, \{\} it\'s {}', $.s, $.n, $.o.b)`:       `"a,b;c is 3, {} it's {\"x\":1}"`,
		`States.Format($.tpl, null)`:                                      `"{null}"`,
		`States.Format('{}', $$.State.Name)`:                              `"S"`,
		`States.StringToJson($.json)`:                                     `{"z":12345678901234567890}`,
		`States.JsonToString($.o)`:                                        `"{\"a\":1,\"b\":{\"x\":1}}"`,
		`States.Array()`:                                                  `[]`,
		`States.Array(1, -2.5, true, null, 'x', $.odd['a, b)'])`:          `[1,-2.5,true,null,"x",7]`,
		`States.ArrayPartition($.list, 2)`:                                `[[1,2],[2,{"k":null}],[1]]`,
		`States.ArrayContains($.list, 2)`:                                 `true`,
		`States.ArrayContains($.list, '2')`:                               `false`,
		`States.ArrayRange(1, 9, 3)`:                                      `[1,4,7]`,
		`States.ArrayRange(3, 0, -1)`:                                     `[3,2,1,0]`,
		`States.ArrayRange(3, 0, 1)`:                                      `[]`,
		`States.ArrayGetItem($.list, 1)`:                                  `2`,
		`States.ArrayLength($.list)`:                                      `5`,
		`States.ArrayLength($.list[?(@ == 2)])`:                           `2`,
		`States.ArrayUnique($.list)`:                                      `[1,2,{"k":null}]`,
		`States.Base64Encode('日本')`:                                       `"5pel5pys"`,
		`States.Base64Decode('5pel5pys')`:                                 `"日本"`,
		`States.Hash('input data', 'SHA-1')`:                              `"aaff4a450a104cd177d28d18d74485e8cae074b7"`,
		`States.JsonMerge($.o, $.p, false)`:                               `{"a":1,"b":{"y":2}}`,
		`States.MathRandom(1, 10)`:                                        `9`,
		`States.MathAdd($.f, -1)`:                                         `2`,
		`States.StringSplit($.s, ',;')`:                                   `["a","b","c"]`,
		`States.StringSplit(', , ,', ',')`:                                `[" "," "]`,
		`States.UUID()`:                                                   `"ffffffff-ffff-4fff-bfff-ffffffffffff"`,
		`States.ArrayGetItem(States.StringSplit('2026-11-21', '-'), $.n)`: "The function 'States.ArrayGetItem' had the following error: the array has 3 items, and none at 3",
		`States.JsonMerge($.o, $.p, true)`:                                "The function 'States.JsonMerge' had the following error: the third argument is false: AWS does not merge deeply",
		`States.Format('{} {}', 1)`:                                       `The function 'States.Format' had the following error: the template "{} {}" has more {} than there are arguments`,
		`States.MathAdd($.s, 1)`:                                          `The function 'States.MathAdd' had the following error: argument 1 is a number, and not "a,b;c"`,
		`States.ArrayRange(1, 2000, 1)`:                                   "The function 'States.ArrayRange' had the following error: the range has more than 1000 items",
		`States.Hash('x', 'CRC')`:                                         `The function 'States.Hash' had the following error: the algorithm "CRC" is none of MD5, SHA-1, SHA-256, SHA-384, SHA-512`,
		`States.ArrayLength($.none)`:                                      "The JSONPath '$.none' specified for the field 'x.$' could not be found in the input",
	} {
		e, err := parseCall("x.$", call)
		if err != nil {
			t.Errorf("%s: %v", call, err)
			continue
		}
		var got string
		v, err := e(scope(t, data))
		if err != nil {
			got = err.(*Error).Cause
		} else {
			got = Encode(v)
		}
		if got != want && !(err != nil && len(got) > len(want) && got[:len(want)] == want) {
			t.Errorf("%s: got %s, want %s", call, got, want)
		}
	}
}

func TestSeededRandomIsAlwaysTheSame(t *testing.T) {
	e, err := parseCall("x.$", "States.MathRandom(0, 1000000, 7)")
	if err != nil {
		t.Fatal(err)
	}
	first, err1 := e(scope(t, `{}`))
	second, err2 := e(Scope{Random: func(int64) int64 { return 0 }})
	if err1 != nil || err2 != nil || first != second {
		t.Errorf("got %v (%v) and %v (%v)", first, err1, second, err2)
	}
}

func TestChoiceRules(t *testing.T) {
	const data = `{"s": "abc", "n": 2, "t": "2026-11-21T17:05:12Z", "later": "2026-11-21T18:05:12.5+00:30", "yes": true, "null": null, "file": "log-2026.txt", "star": "a*b"}`
	for rule, want := range map[string]string{
		`"Variable": "$.s", "StringEquals": "abc"`:                                                                  "true",
		`"Variable": "$.n", "StringEquals": "2"`:                                                                    "false",
		`"Variable": "$.s", "StringLessThan": "abd"`:                                                                "true",
		`"Variable": "$.s", "StringGreaterThanEqualsPath": "$.file"`:                                                "false",
		`"Variable": "$.n", "NumericEquals": 2.0`:                                                                   "true",
		`"Variable": "$.n", "NumericGreaterThan": 2`:                                                                "false",
		`"Variable": "$.n", "NumericGreaterThanEquals": 2`:                                                          "true",
		`"Variable": "$.n", "NumericLessThanEqualsPath": "$.n"`:                                                     "true",
		`"Variable": "$.t", "TimestampLessThanPath": "$.later"`:                                                     "true",
		`"Variable": "$.t", "TimestampEquals": "2026-11-21T18:05:12+01:00"`:                                         "true",
		`"Variable": "$.s", "TimestampGreaterThan": "2026-11-21T18:05:12Z"`:                                         "false",
		`"Variable": "$.yes", "BooleanEquals": true`:                                                                "true",
		`"Variable": "$.yes", "BooleanEqualsPath": "$.s"`:                                                           "false",
		`"Variable": "$.null", "IsNull": true`:                                                                      "true",
		`"Variable": "$.null", "IsPresent": true`:                                                                   "true",
		`"Variable": "$.none", "IsPresent": false`:                                                                  "true",
		`"Variable": "$.n", "IsNumeric": true`:                                                                      "true",
		`"Variable": "$.n", "IsString": false`:                                                                      "true",
		`"Variable": "$.yes", "IsBoolean": true`:                                                                    "true",
		`"Variable": "$.s", "IsTimestamp": true`:                                                                    "false",
		`"Variable": "$.file", "StringMatches": "log-*.txt"`:                                                        "true",
		`"Variable": "$.file", "StringMatches": "*2*6*"`:                                                            "true",
		`"Variable": "$.file", "StringMatches": "log-*.txt*x"`:                                                      "false",
		`"Variable": "$.star", "StringMatches": "a\\*b"`:                                                            "true",
		`"Variable": "$.s", "StringMatches": "a\\*c"`:                                                               "false",
		`"Variable": "$$.State.Name", "StringEquals": "S"`:                                                          "true",
		`"And": [{"Variable": "$.n", "IsNumeric": true}, {"Variable": "$.n", "NumericLessThan": 2}]`:                "false",
		`"And": [{"Variable": "$.none", "IsPresent": true}, {"Variable": "$.none", "IsNull": true}]`:                "false",
		`"Or": [{"Variable": "$.n", "NumericLessThan": 2}, {"Not": {"Variable": "$.yes", "BooleanEquals": false}}]`: "true",
		`"Variable": "$.none", "StringEquals": "x"`:                                                                 "Invalid path '$.none': The choice state's condition path references an invalid value.",
		`"Variable": "$.n", "NumericEqualsPath": "$.none"`:                                                          "Invalid path '$.none': The choice state's condition path references an invalid value.",
	} {
		m, err := Parse(`{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{` + rule + `, "Next": "Y"}], "Default": "N"}, "Y": {"Type": "Succeed"}, "N": {"Type": "Succeed"}}}`)
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		next, err := m.States["C"].Choice.Decide(scope(t, data))
		got := fmt.Sprint(next == "Y")
		if err != nil {
			got = err.(*Error).Cause
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", rule, got, want)
		}
	}
}

// stateOf is the only state of a definition.
func stateOf(t *testing.T, fields string) *State {
	t.Helper()
	m, err := Parse(`{"StartAt": "S", "States": {"S": {` + fields + `}}}`)
	if err != nil {
		t.Fatal(err)
	}
	return m.States["S"]
}

func TestPathsShapeInputAndOutput(t *testing.T) {
	const input = `{"a": {"b": [10, 20, 30]}, "k": "v"}`
	for _, c := range []struct{ fields, result, want string }{
		{``, `7`, `7`},
		{`, "ResultPath": null`, `7`, `{"a":{"b":[10,20,30]},"k":"v"}`},
		{`, "ResultPath": "$.a.c.d"`, `7`, `{"a":{"b":[10,20,30],"c":{"d":7}},"k":"v"}`},
		{`, "ResultPath": "$['a']['b'][1]"`, `7`, `{"a":{"b":[10,7,30]},"k":"v"}`},
		{`, "ResultPath": "$.a.b[3]"`, `7`, `Unable to apply ReferencePath $.a.b[3] to input {"a":{"b":[10,20,30]},"k":"v"}`},
		{`, "ResultPath": "$.k.x"`, `7`, `Unable to apply ReferencePath $.k.x to input {"a":{"b":[10,20,30]},"k":"v"}`},
		{`, "ResultPath": "$.r", "OutputPath": "$.r"`, `{"x": 1.50}`, `{"x":1.5}`},
		{`, "OutputPath": null`, `7`, `{}`},
		{`, "OutputPath": "$$.State.Name"`, `7`, `"S"`},
		{`, "OutputPath": "$.none"`, `{}`, `The JSONPath '$.none' specified for the field 'OutputPath' could not be found in the input '{}'`},
	} {
		st := stateOf(t, `"Type": "Pass", "End": true`+c.fields)
		in := scope(t, input)
		before := Encode(in.Data)
		var got string
		out, err := st.Result(in.Data, scope(t, c.result))
		if err != nil {
			got = err.(*Error).Cause
		} else {
			got = Encode(out)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.fields, got, c.want)
		}
		if Encode(in.Data) != before {
			t.Errorf("%s: the input was changed", c.fields)
		}
	}
}

func TestTemplatesTakeWhatPathsLeadTo(t *testing.T) {
	st := stateOf(t, `"Type": "Pass", "End": true, "InputPath": "$.in", "Parameters": {
		"fixed": "$.vals", "first.$": "$.vals[0]", "last.$": "$.vals[1:]", "none.$": "$.vals[?(@ > 9)]",
		"deep": [{"name.$": "$$.State.Name"}, "$.vals"], "n.$": "States.ArrayLength($.vals)"}`)
	data, err := st.Filtered(scope(t, `{"in": {"vals": [0, 10, 9]}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := scope(t, `{}`)
	s.Data = data
	got, err := st.Effective(s)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"deep":[{"name":"S"},"$.vals"],"first":0,"fixed":"$.vals","last":[10,9],"n":3,"none":[10]}`
	if diff := cmp.Diff(want, Encode(got)); diff != "" {
		t.Error(diff)
	}
}

func TestRetryDelays(t *testing.T) {
	half := func() float64 { return 0.5 }
	for fields, want := range map[string][]time.Duration{
		``: {time.Second, 2 * time.Second, 4 * time.Second},
		`, "IntervalSeconds": 300, "BackoffRate": 1`:                           {300 * time.Second, 300 * time.Second, 300 * time.Second},
		`, "IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10`:      {2 * time.Second, 6 * time.Second, 10 * time.Second},
		`, "IntervalSeconds": 4, "JitterStrategy": "FULL"`:                     {2 * time.Second, 4 * time.Second, 8 * time.Second},
		`, "IntervalSeconds": 4, "JitterStrategy": "NONE", "BackoffRate": 1.5`: {4 * time.Second, 6 * time.Second, 9 * time.Second},
	} {
		st := stateOf(t, `"Type": "Task", "End": true, "Resource": "arn:aws:states:::lambda:invoke", "Retry": [{"ErrorEquals": ["E"]`+fields+`}]`)
		var got []time.Duration
		for n := range int64(3) {
			got = append(got, st.Task.Retry[0].Delay(n, half))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", fields, diff)
		}
	}
}

func TestErrorNamesMatch(t *testing.T) {
	for _, c := range []struct {
		matcher, name string
		want          bool
	}{
		{"SnapshotTooOld", "SnapshotTooOld", true},
		{"SnapshotTooOld", "SnapshotNotReady", false},
		{All, "Anything", true},
		{All, Timeout, true},
		{All, Runtime, false},
		{Runtime, Runtime, false},
		{All, DataLimitExceeded, false},
		{DataLimitExceeded, DataLimitExceeded, true},
		{TaskFailed, "Anything", true},
		{TaskFailed, Timeout, false},
	} {
		if got := matchesError([]string{c.matcher}, &Error{Name: c.name}); got != c.want {
			t.Errorf("%s for the error %s: got %v", c.matcher, c.name, got)
		}
	}
}
