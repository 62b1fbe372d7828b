package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// deepest is how far lists and mappings may be nested in each other. A configuration nests four; a parser that goes down into
// thousands runs for minutes.
const deepest = 50

// tooDeep finds where brackets, or the dashes of one line, nest deeper than that.
func tooDeep(file string, tokens token.Tokens) *Mistake {
	brackets, inLine, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			inLine, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			inLine++
		}
		if max(brackets, inLine) > deepest {
			return &Mistake{file, max(line, 1), fmt.Sprintf("lists and mappings are nested more than %d deep here", deepest)}
		}
	}
	return nil
}

// lookalikes reports what looks like a space or a colon of YAML's, and is part of the text around it. It may be meant, in the name of
// a column, so it is told beside other mistakes only.
func lookalikes(file string, text []byte) (found Mistakes) {
	for _, t := range lexer.Tokenize(string(text)) {
		if t.Type == token.CommentType || t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType {
			continue
		}
		for i, line := range strings.Split(strings.TrimLeft(t.Origin, " \t\r\n"), "\n") {
			for lookalike, name := range map[string]string{
				"\u3000": "full-width space (U+3000): use a space", "\u00a0": "no-break space (U+00A0): use a space",
				"\uff1a": "full-width colon (U+FF1A): use :", "\ufeff": "byte order mark (U+FEFF): remove it",
			} {
				if strings.Contains(line, lookalike) {
					found = append(found, Mistake{file, t.Position.Line + i, name})
				}
			}
		}
	}
	return found
}

// untellable reports what YAML can say and the configuration has no use for: numbers that are none, and aliases that stand
// for what is not there, for themselves, or for other aliases, of which a few lines can stand for gigabytes.
func untellable(file string, root ast.Node) Mistakes {
	w := &yamlWalk{file: file, anchors: map[string]bool{}}
	ast.Walk(w, root)
	return w.mistakes
}

type yamlWalk struct {
	file     string
	mistakes Mistakes
	// anchors that are complete.
	anchors map[string]bool
	inside  bool // of an anchor
}

// Visit is the [ast.Visitor]'s.
func (w *yamlWalk) Visit(node ast.Node) ast.Visitor {
	switch n := node.(type) {
	case *ast.NanNode, *ast.InfinityNode:
		w.add(node, "%s is no number that can be used here", node.GetToken().Value)
	case *ast.AnchorNode:
		if w.inside {
			w.add(node, "an anchor (&) within another one: write one of them out")
			return nil
		}
		w.inside = true
		ast.Walk(w, n.Value)
		w.inside = false
		w.anchors[n.Name.GetToken().Value] = true
		return nil
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		switch {
		case w.inside:
			w.add(node, "an alias (*%s) within an anchor: write it out", name)
		case !w.anchors[name]:
			w.add(node, "there is no anchor &%s before this alias; what begins with * stands in quotation marks: \"*%s\"", name, name)
		}
		return nil
	}
	return w
}

func (w *yamlWalk) add(node ast.Node, format string, args ...any) {
	w.mistakes = append(w.mistakes, Mistake{w.file, node.GetToken().Position.Line, fmt.Sprintf(format, args...)})
}
