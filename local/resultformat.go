package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"snaplake/local/internal/athenaclient"
)

// writeCSV writes a result in the format of Athena's result files: values are quoted, and a field without quotes is NULL.
func writeCSV(out *bufio.Writer, s athenaclient.Stream) error {
	record := func(values []*string) {
		for i, v := range values {
			if i > 0 {
				out.WriteByte(',')
			}
			if v != nil {
				out.WriteString(`"` + strings.ReplaceAll(*v, `"`, `""`) + `"`)
			}
		}
		out.WriteByte('\n')
	}
	var names []*string
	for _, c := range s.Columns {
		names = append(names, &c.Name)
	}
	record(names)
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		record(row)
	}
	return nil
}

// writeText writes the first column without a frame, so that it can be copied.
func writeText(out *bufio.Writer, s athenaclient.Stream) error {
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		if row[0] != nil {
			fmt.Fprintln(out, strings.Map(visible, *row[0]))
		}
	}
	return nil
}

// visible replaces a character that a terminal would interpret or not show.
func visible(r rune) rune {
	if r != '\n' && r != '\t' && isInvisible(r) {
		return '\uFFFD'
	}
	return r
}

// writeJSON writes a result as an array with an object per line. Numbers keep all their digits.
func writeJSON(out *bufio.Writer, s athenaclient.Stream) error {
	keys := jsonKeys(s.Columns)
	out.WriteByte('[')
	separator := "\n"
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		out.WriteString(separator)
		separator = ",\n"
		for i, v := range row {
			out.WriteString(keys[i])
			out.Write(jsonValue(v, s.Columns[i].Type))
		}
		out.WriteByte('}')
	}
	_, err := out.WriteString("\n]\n")
	return err
}

// jsonKeys returns the text before each value of an object. A repeated column name gets a number, for example id, id_2.
func jsonKeys(columns []athenaclient.Column) []string {
	var names, keys []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	for i, name := range names {
		for n := 2; slices.Contains(names[:i], names[i]); n++ {
			if next := fmt.Sprintf("%s_%d", name, n); !slices.Contains(names, next) {
				names[i] = next
			}
		}
		before := ", "
		if i == 0 {
			before = "{"
		}
		keys = append(keys, before+string(jsonText(names[i]))+": ")
	}
	return keys
}

// jsonValue returns a value of an Athena type. NaN and the infinities, which JSON does not support, become strings.
func jsonValue(value *string, kind string) []byte {
	if value == nil {
		return []byte("null")
	}
	kind, _, _ = strings.Cut(kind, "(")
	switch kind {
	case "boolean", "tinyint", "smallint", "integer", "bigint", "float", "double", "decimal":
		if v := []byte(*value); json.Valid(v) {
			return v
		}
	}
	return jsonText(*value)
}

func jsonText(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string can always be encoded
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
