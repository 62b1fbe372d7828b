package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// document is pipeline.yaml with its line numbers.
type document struct {
	file  string
	root  ast.Node
	json  []byte
	value map[string]any // the same, decoded
	// refused are the paths of the values that the schema refuses.
	refused [][]string
}

func newDocument(file string, text []byte) (*document, error) {
	tokens := lexer.Tokenize(string(text))
	// A duplicate key is reported with all other mistakes, see checkKeys.
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, Mistakes{{File: file, Line: 1, Text: "the file must contain one YAML document, with the key sources"}}
	}
	var value any
	if err := yaml.UnmarshalWithOptions(text, &value, yaml.AllowDuplicateMapKey()); err != nil {
		return nil, err
	}
	converted, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	doc := &document{file: file, root: tree.Docs[0].Body, json: converted}
	if err := json.NewDecoder(bytes.NewReader(converted)).Decode(&doc.value); err != nil {
		return nil, Mistakes{{File: file, Line: 1, Text: "the file must contain a mapping, with the key sources"}}
	}
	return doc, nil
}

// checkKeys reports duplicate keys, for example two sources with the same name. YAML would take the last.
func (d *document) checkKeys() Mistakes {
	var mistakes Mistakes
	var walk func(node ast.Node, path string)
	walk = func(node ast.Node, path string) {
		mapping, ok := node.(*ast.MappingNode)
		if !ok {
			return
		}
		first := map[string]int{}
		for _, entry := range mapping.Values {
			token := entry.Key.GetToken()
			name := strings.TrimPrefix(path+"."+token.Value, ".")
			if line, taken := first[token.Value]; taken {
				mistakes = append(mistakes, Mistake{d.file, token.Position.Line, fmt.Sprintf("%s: duplicate of line %d; rename one of the two",
					name, line)})
				continue
			}
			first[token.Value] = token.Position.Line
			walk(entry.Value, name)
		}
	}
	walk(d.root, "")
	return mistakes
}

// valueAt returns the decoded value at a path of keys, or nil.
func (d *document) valueAt(path ...string) any {
	var value any = d.value
	for _, key := range path {
		mapping, _ := value.(map[string]any)
		value = mapping[key]
	}
	return value
}

// accepted returns the document as JSON with null for what the schema refuses, so that the other checks can report their mistakes, too.
func (d *document) accepted() ([]byte, error) {
	var value any
	if err := json.Unmarshal(d.json, &value); err != nil {
		return nil, err
	}
	for _, path := range d.refused {
		value = without(value, path)
	}
	return json.Marshal(value)
}

// without sets the value at a path to null.
func without(value any, path []string) any {
	if len(path) == 0 {
		return nil
	}
	switch v := value.(type) {
	case map[string]any:
		v[path[0]] = without(v[path[0]], path[1:])
	case []any:
		if i, err := strconv.Atoi(path[0]); err == nil && i < len(v) {
			v[i] = without(v[i], path[1:])
		}
	}
	return value
}

// node returns the node of the value at a path of keys and indexes, or nil.
func (d *document) node(path ...string) ast.Node {
	value, _ := d.find(path)
	return value
}

// line returns the line of the key at the end of a path, or else of the nearest key above it.
func (d *document) line(path ...string) int {
	for n := len(path); n > 0; n-- {
		if _, key := d.find(path[:n]); key != nil {
			return key.GetToken().Position.Line
		}
	}
	return 1
}

// find returns the value at a path, and the node that names it: its key, or the value itself in a list.
func (d *document) find(path []string) (value, key ast.Node) {
	value = d.root
	for _, step := range path {
		value, key = child(value, step)
		if value == nil {
			return nil, nil
		}
	}
	return value, key
}

func child(node ast.Node, step string) (value, key ast.Node) {
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, entry := range slices.Backward(n.Values) { // the last of a name is the one that counts
			if entry.Key.GetToken().Value == step {
				return entry.Value, entry.Key
			}
		}
	case *ast.SequenceNode:
		var i int
		if _, err := fmt.Sscanf(step, "%d", &i); err == nil && i < len(n.Values) {
			return n.Values[i], n.Values[i]
		}
	}
	return nil, nil
}

// Mistake is an error in the configuration.
type Mistake struct {
	File string
	// Line counts from 1.
	Line int
	// Text says what is wrong, and what is allowed.
	Text string
}

func (m Mistake) String() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text) }

func (m Mistake) compare(n Mistake) int {
	if c := strings.Compare(m.File, n.File); c != 0 {
		return c
	}
	if m.Line != n.Line {
		return m.Line - n.Line
	}
	return strings.Compare(m.Text, n.Text)
}

// Mistakes are all those of a configuration, in the order of their lines.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, mistake := range m {
		lines[i] = mistake.String()
	}
	return strings.Join(lines, "\n")
}
