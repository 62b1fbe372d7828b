package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// Decode reads one JSON text as the values that paths and functions work on: nil, bool, string, int64, float64, []any and
// map[string]any. A whole number is an int64 however it was written, so that 1 and 1.0 are the same value; one that does
// not fit is a json.Number, and keeps its digits.
func Decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("there is no JSON text")
		}
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON text")
	}
	return withNumbers(v), nil
}

// Encode is the reverse of Decode: compact, with the keys of an object in alphabetical order, and without the escapes for
// HTML that encoding/json adds.
func Encode(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err)) // a bug of ours: Decode makes nothing that has no JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// MaxData is AWS's limit of an input, an output and a task's payload, in bytes of JSON (Step Functions guide, "Step Functions
// service quotas").
const MaxData = 262144

// EncodeWithin is Encode for a value whose JSON has at most so many bytes; it reports false for a larger one. That costs no
// memory: a template can name a large value thousands of times.
func EncodeWithin(v any, limit int) (string, bool) {
	if left(v, limit) < 0 {
		return "", false
	}
	text := Encode(v)
	return text, len(text) <= limit
}

// left is what at most is left of a limit after a value's JSON. It stops counting below 0.
func left(v any, limit int) int {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if limit = left(x, limit-len(k)-len(`"":`)); limit < 0 {
				break
			}
		}
		return limit - len(`{}`)
	case []any:
		for _, x := range v {
			if limit = left(x, limit); limit < 0 {
				break
			}
		}
		return limit - len(`[]`)
	case string:
		return limit - len(v) - len(`""`)
	default:
		return limit - 1
	}
}

func withNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = withNumbers(x)
		}
	case []any:
		for i, x := range v {
			v[i] = withNumbers(x)
		}
	case json.Number:
		return number(v)
	}
	return v
}

func number(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, err := n.Float64()
	switch {
	case err != nil:
		return n
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return int64(f)
	case f == math.Trunc(f) && !strings.ContainsAny(n.String(), ".eE"):
		return n
	default:
		return f
	}
}

// float is a number as Choice rules compare it.
func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	default:
		return 0, false
	}
}
