package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxData is the maximum size of an input, an output or a payload, in bytes (Step Functions guide, "Step Functions service quotas").
const MaxData = 262144

// Decode decodes JSON to a value in which paths can be evaluated. A number becomes a json.Number, which preserves all digits.
func Decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); errors.Is(err, io.EOF) {
		return nil, errors.New("the JSON text is empty")
	} else if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("unexpected data after the JSON value")
	}
	return v, nil
}

// Encode encodes a value as compact JSON with sorted keys. Unlike json.Marshal, it does not escape HTML characters.
func Encode(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err)) // a bug: the values come from Decode
	}
	return strings.TrimSuffix(b.String(), "\n")
}
