package trino

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// signature is the structure of a type in Trino's protocol. For an array, a map or a row, the arguments are types.
type signature struct {
	RawType   string `json:"rawType"`
	Arguments []struct {
		Value json.RawMessage `json:"value"`
	} `json:"arguments"`
}

// field is an argument of an array, a map or a row. Only the fields of a row have a name, and not all of them.
type field struct {
	signature
	FieldName     struct{ Name string } `json:"fieldName"`
	TypeSignature *signature            `json:"typeSignature"`
}

// argument returns the argument i of a type.
func (s signature) argument(i int) (f field, err error) {
	if i >= len(s.Arguments) {
		return f, fmt.Errorf("%d values for %d arguments of the type %s", i+1, len(s.Arguments), s.RawType)
	}
	err = json.Unmarshal(s.Arguments[i].Value, &f)
	if f.TypeSignature != nil {
		f.signature = *f.TypeSignature
	}
	return f, err
}

// print returns a value as Athena prints it in a result. In arrays, maps and rows, NULL is "null". Numbers keep the spelling of Java, for
// example 1.0E20.
func (s signature) print(value json.RawMessage) (string, error) {
	switch {
	case !strings.ContainsRune(`"[{`, rune(value[0])): // a number, a boolean or null
		return string(value), nil
	case s.RawType == "array", s.RawType == "row":
		var values []json.RawMessage
		if err := json.Unmarshal(value, &values); err != nil {
			return "", err
		}
		return s.printList(values)
	case s.RawType == "map":
		return s.printMap(value)
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil || s.RawType != "varbinary" {
		return text, err
	}
	b, err := base64.StdEncoding.DecodeString(text)
	return fmt.Sprintf("% x", b), err
}

// printList prints an array as [value, ...], or a row as {name=value, ...}.
func (s signature) printList(values []json.RawMessage) (string, error) {
	var parts []string
	for i, v := range values {
		n := i
		if s.RawType == "array" {
			n = 0
		}
		of, err := s.argument(n)
		if err != nil {
			return "", err
		}
		text, err := of.print(v)
		if err != nil {
			return "", err
		}
		if s.RawType == "row" {
			text = cmp.Or(of.FieldName.Name, fmt.Sprintf("field%d", i)) + "=" + text
		}
		parts = append(parts, text)
	}
	if s.RawType == "row" {
		return "{" + strings.Join(parts, ", ") + "}", nil
	}
	return "[" + strings.Join(parts, ", ") + "]", nil
}

// printMap prints a map as {key=value, ...}, in the order of the JSON object.
func (s signature) printMap(value json.RawMessage) (string, error) {
	of, err := s.argument(1)
	if err != nil {
		return "", err
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	_, err = decoder.Token() // the opening brace
	var parts []string
	for err == nil && decoder.More() {
		key, _ := decoder.Token() // Decode reports the error
		var v json.RawMessage
		if err = decoder.Decode(&v); err != nil {
			break
		}
		var text string
		text, err = of.print(v)
		parts = append(parts, fmt.Sprintf("%v=%s", key, text))
	}
	return "{" + strings.Join(parts, ", ") + "}", err
}
