package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// document is a parsed pipeline.yaml with line numbers.
type document struct {
	file string
	root ast.Node
	json []byte
	// value is the decoded document, with null in place of each value that the schema rejects.
	value map[string]any
}

// parse parses a YAML document. Its errors have the type [Mistakes].
func parse(file string, text []byte) (*document, error) {
	doc, err := decode(text)
	if syntax, ok := err.(yaml.Error); ok { //nolint:errorlint // the library does not wrap it
		return nil, Mistakes{{File: file, Line: syntax.GetToken().Position.Line, Text: syntax.GetMessage()}}
	}
	if err != nil {
		return nil, Mistakes{{File: file, Line: 1, Text: err.Error()}}
	}
	doc.file = file
	return doc, nil
}

func decode(text []byte) (*document, error) {
	// Duplicate keys are allowed here because duplicateKeys reports them together with all other mistakes.
	tree, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, errors.New("the file must contain one YAML document, with the key \"sources\"")
	}
	var value any
	if err := yaml.UnmarshalWithOptions(text, &value, yaml.AllowDuplicateMapKey()); err != nil {
		return nil, err
	}
	doc := &document{root: tree.Docs[0].Body}
	if doc.json, err = json.Marshal(value); err != nil {
		return nil, err
	}
	if json.Unmarshal(doc.json, &doc.value) != nil {
		return nil, errors.New("the file must contain a mapping, with the key \"sources\"")
	}
	return doc, nil
}

// mistake returns a Mistake with the line number of the value at the given path of keys and indexes.
func (d *document) mistake(text string, path ...string) Mistake {
	line, at := d.locate(path)
	return Mistake{File: d.file, Line: line, Text: strings.TrimPrefix(at+": "+text, ": ")}
}

// duplicateKeys reports keys that occur twice, for example two sources with the same name. A YAML parser would use the last one.
func (d *document) duplicateKeys(node ast.Node, path ...string) (found Mistakes) {
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		return nil
	}
	lines := map[string]int{}
	for _, entry := range mapping.Values {
		key := entry.Key.GetToken()
		inner := append(slices.Clone(path), key.Value)
		if line, taken := lines[key.Value]; taken {
			text := fmt.Sprintf("%s: duplicate of the key on line %d; rename one of the two", strings.Join(inner, "."), line)
			found = append(found, Mistake{File: d.file, Line: key.Position.Line, Text: text})
			continue
		}
		lines[key.Value] = key.Position.Line
		found = append(found, d.duplicateKeys(entry.Value, inner...)...)
	}
	return found
}

// valueAt returns the decoded value at a path of keys, or nil if there is none.
func (d *document) valueAt(path ...string) any {
	var value any = d.value
	for _, key := range path {
		mapping, _ := value.(map[string]any)
		value = mapping[key]
	}
	return value
}

// reject replaces the value at a path with null, so that later checks can still run.
func (d *document) reject(path []string) { d.value, _ = setNull(d.value, path).(map[string]any) }

// setNull replaces the part of value at the given path with null, and returns the result.
func setNull(value any, path []string) any {
	if len(path) == 0 {
		return nil
	}
	switch v := value.(type) {
	case map[string]any:
		v[path[0]] = setNull(v[path[0]], path[1:])
	case []any:
		if i, err := strconv.Atoi(path[0]); err == nil && i < len(v) {
			v[i] = setNull(v[i], path[1:])
		}
	}
	return value
}

// locate returns the line number of the key at the end of a path, or of the nearest parent if that key is missing. It also formats the
// path. Indexes start at 0, as in JSONPath: "sources.shop.tables[0]".
func (d *document) locate(path []string) (line int, text string) {
	line, value, key := 1, d.root, ast.Node(nil)
	for _, step := range path {
		if _, isList := value.(*ast.SequenceNode); isList {
			text += "[" + step + "]"
		} else {
			text += "." + step
		}
		if value, key = child(value, step); key != nil {
			line = key.GetToken().Position.Line
		}
	}
	return line, strings.TrimPrefix(text, ".")
}

// child returns the value and the key of a mapping entry. For a list, step is an index, and both results are the element at that index.
func child(node ast.Node, step string) (value, key ast.Node) {
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, entry := range slices.Backward(n.Values) { // if a key is duplicated, the last one applies
			if entry.Key.GetToken().Value == step {
				return entry.Value, entry.Key
			}
		}
	case *ast.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i < len(n.Values) {
			return n.Values[i], n.Values[i]
		}
	}
	return nil, nil
}

// lookalikes reports patterns that YAML reads as aliases, and characters that look like a space or a colon. It is called only if there are
// other mistakes, because a column's name may contain such characters.
func lookalikes(file string, text []byte) (found Mistakes) {
	tokens := lexer.Tokenize(string(text))
	hasAnchor := slices.ContainsFunc(tokens, func(t *token.Token) bool { return t.Type == token.AnchorType })
	for _, t := range tokens {
		if t.Type == token.AliasType && !hasAnchor {
			found = append(found, Mistake{File: file, Line: t.Position.Line, Text: "a pattern that begins with * needs quotation marks"})
		}
		if t.Type == token.CommentType || t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType {
			continue
		}
		for i, line := range strings.Split(strings.TrimLeft(t.Origin, " \t\r\n"), "\n") {
			for lookalike, problem := range map[string]string{
				"\u3000": "full-width space (U+3000); use an ordinary space", "\u00a0": "no-break space (U+00A0); use an ordinary space",
				"\uff1a": "full-width colon (U+FF1A); use a colon", "\ufeff": "byte order mark (U+FEFF); remove it",
			} {
				if strings.Contains(line, lookalike) {
					found = append(found, Mistake{File: file, Line: t.Position.Line + i, Text: problem})
				}
			}
		}
	}
	return found
}
