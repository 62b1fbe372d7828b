package athena

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// textFunctions are functions of texts.
func textFunctions() map[string][]goFunction {
	part := func(take func(u *url.URL) string) []goFunction {
		return []goFunction{textFunction(1, func(s []string) (any, error) {
			u, err := url.Parse(s[0])
			if err != nil {
				return nil, nil // Trino's result for what is no URL
			}
			return take(u), nil
		})}
	}
	return map[string][]goFunction{
		"athena_regexp_replace":       {textFunction(3, func(s []string) (any, error) { return regexpReplace(s[0], s[1], s[2]) })},
		"athena_lpad":                 pad(true),
		"athena_rpad":                 pad(false),
		"athena_json":                 {textFunction(1, func(s []string) (any, error) { return jsonText(s[0]) })},
		"athena_from_base":            {{in: []duckdb.Type{duckdb.TYPE_VARCHAR, duckdb.TYPE_BIGINT}, out: duckdb.TYPE_BIGINT, call: fromBase}},
		"athena_url_extract_protocol": part(func(u *url.URL) string { return u.Scheme }),
		"athena_url_extract_host":     part((*url.URL).Hostname),
		"athena_url_extract_path":     part(func(u *url.URL) string { return u.Path }),
		"athena_url_extract_query":    part(func(u *url.URL) string { return u.RawQuery }),
		"athena_url_extract_fragment": part(func(u *url.URL) string { return u.Fragment }),
		"athena_url_extract_port":     part((*url.URL).Port),
		"athena_url_extract_parameter": {textFunction(2, func(s []string) (any, error) {
			u, err := url.Parse(s[0])
			if err != nil || !u.Query().Has(s[1]) {
				return nil, nil
			}
			return u.Query().Get(s[1]), nil
		})},
		"athena_url_encode": {textFunction(1, func(s []string) (any, error) { return url.QueryEscape(s[0]), nil })},
		"athena_url_decode": {textFunction(1, func(s []string) (any, error) {
			text, err := url.QueryUnescape(s[0])
			if err != nil {
				return nil, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: %w", err)
			}
			return text, nil
		})},
	}
}

var (
	patterns   sync.Map // of texts: a query has a few, and each has many rows
	groupNames = regexp.MustCompile(`\$(?:(\d+)|\{(\w+)\})|\\(.)`)
)

// regexpReplace replaces what matches; $1 or ${name} in the replacement is a group, and a backslash takes the next character as it is.
func regexpReplace(text, pattern, replacement string) (string, error) {
	known, ok := patterns.Load(pattern)
	if !ok {
		compiled, err := regexp.Compile(pattern)
		if err != nil {
			return "", fmt.Errorf("INVALID_FUNCTION_ARGUMENT: %w", err)
		}
		known, _ = patterns.LoadOrStore(pattern, compiled)
	}
	template := groupNames.ReplaceAllStringFunc(replacement, func(s string) string {
		m := groupNames.FindStringSubmatch(s)
		switch {
		case m[3] == "$":
			return "$$"
		case m[3] != "":
			return m[3]
		}
		return "${" + m[1] + m[2] + "}"
	})
	return known.(*regexp.Regexp).ReplaceAllString(text, template), nil
}

// jsonText is a JSON text as Trino keeps it: without spaces, and the members of objects sorted.
func jsonText(text string) (string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil || d.More() {
		return "", fmt.Errorf("INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: '%s'", text)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// jsonScalar is the text of a JSON value that is no array and no object.
func jsonScalar(text string) (string, error) {
	switch {
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return "", fmt.Errorf("INVALID_CAST_ARGUMENT: Cannot cast '%s' to VARCHAR", text)
	case strings.HasPrefix(text, `"`):
		var s string
		err := json.Unmarshal([]byte(text), &s)
		return s, err
	}
	return text, nil
}

// fromBase reads a number to another base than ten.
func fromBase(v []driver.Value) (any, error) {
	n, err := strconv.ParseInt(v[0].(string), int(v[1].(int64)), 64)
	if err != nil {
		return nil, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: Not a valid base-%d number: %s", v[1], v[0])
	}
	return n, nil
}

// pad fills a text up to so many characters, or a varbinary up to so many bytes, or cuts it.
func pad(left bool) []goFunction {
	text, blob, bigint := duckdb.TYPE_VARCHAR, duckdb.TYPE_BLOB, duckdb.TYPE_BIGINT
	return []goFunction{
		{in: []duckdb.Type{text, bigint, text}, out: text, call: func(v []driver.Value) (any, error) {
			out, err := fill([]rune(v[0].(string)), []rune(v[2].(string)), v[1].(int64), left)
			return string(out), err
		}},
		{in: []duckdb.Type{blob, bigint, blob}, out: blob, call: func(v []driver.Value) (any, error) {
			return fill(v[0].([]byte), v[2].([]byte), v[1].(int64), left)
		}},
	}
}

func fill[E byte | rune](have, with []E, n int64, left bool) ([]E, error) {
	if n < 0 || n > 1<<31-1 {
		return nil, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: Target length must be in the range [0..2147483647]")
	}
	if len(with) == 0 {
		return nil, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: Padding string must not be empty")
	}
	missing := int(n) - len(have)
	if missing <= 0 {
		return have[:n], nil
	}
	padding := slices.Repeat(with, missing/len(with)+1)[:missing]
	if left {
		return append(padding, have...), nil
	}
	return append(slices.Clone(have), padding...), nil
}
