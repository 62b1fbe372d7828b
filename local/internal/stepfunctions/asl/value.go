package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxData is the largest input, output or payload, in bytes of JSON (Step Functions guide, "Step Functions service quotas").
const MaxData = 262144

// Decode reads a JSON text as the values that paths work on. Numbers keep their digits, as json.Number.
func Decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); errors.Is(err, io.EOF) {
		return nil, errors.New("there is no JSON text")
	} else if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON text")
	}
	return v, nil
}

// Encode writes a value as compact JSON with sorted keys, without the HTML escapes of encoding/json.
func Encode(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err)) // a bug: the values come from Decode
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func wholeNumber(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}
