package config

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// lookalikes reports aliases without anchors, which are meant as patterns, and characters that look like YAML's space or colon. A column's
// name may contain these, so they are reported only beside other mistakes.
func lookalikes(file string, text []byte) (found Mistakes) {
	tokens := lexer.Tokenize(string(text))
	hasAnchor := slices.ContainsFunc(tokens, func(t *token.Token) bool { return t.Type == token.AnchorType })
	for _, t := range tokens {
		if t.Type == token.AliasType && !hasAnchor {
			found = append(found, Mistake{file, t.Position.Line, "a pattern that begins with * needs quotation marks"})
		}
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
