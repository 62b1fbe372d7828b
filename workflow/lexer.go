package workflow

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a lexical element of a query. White space and comments are not tokens.
type token struct {
	kind tokenKind
	// text is in lower case, because names in Athena are case-insensitive. Quotation marks are removed.
	text string
	// begin and end are the byte offsets of the token in the query.
	begin, end int
}

type tokenKind int

const (
	symbol tokenKind = iota // a single character or a number
	plain                   // a name or a keyword
	quoted                  // a name in quotation marks
	stringLiteral
	unterminated // the rest of the query, from the start of a string, a quoted name or a comment that is not closed
)

// is reports whether the token t is the given keyword or symbol.
func (t token) is(text string) bool { return t.text == text && (t.kind == symbol || t.kind == plain) }

func (t token) isName() bool { return t.kind == plain || t.kind == quoted }

// lex splits a query into tokens.
func lex(query string) []token {
	var tokens []token
	for at := 0; at < len(query); {
		t, blank := next(query[at:])
		t.begin, t.end = at+t.begin, at+t.end
		if !blank {
			tokens = append(tokens, t)
		}
		at = t.end
	}
	return tokens
}

// next returns the token at the beginning of s. For white space or a comment, the result blank is true.
func next(s string) (t token, blank bool) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case strings.ContainsRune(" \t\r\n", r): // white space in Trino's grammar
		return token{end: size}, true
	case strings.HasPrefix(s, "--"):
		line, _, _ := strings.Cut(s, "\n")
		return token{end: len(line)}, true
	case strings.HasPrefix(s, "/*"):
		comment, _, closed := strings.Cut(s[2:], "*/")
		if !closed {
			return token{kind: unterminated, text: "/*", end: len(s)}, false
		}
		return token{end: len(comment) + 4}, true
	case r == '\'', r == '"':
		return unquote(s), false
	case isLetter(r):
		n := len(s) - len(strings.TrimLeftFunc(s, isLetter))
		if unicode.IsDigit(r) {
			return token{kind: symbol, text: s[:n], end: n}, false
		}
		return token{kind: plain, text: strings.ToLower(s[:n]), end: n}, false
	default:
		return token{kind: symbol, text: s[:size], end: size}, false
	}
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// unquote reads a string or a quoted name at the beginning of s. Two quotation marks in a row stand for one.
func unquote(s string) token {
	mark := s[:1]
	var text strings.Builder
	for rest := s[1:]; ; {
		part, after, closed := strings.Cut(rest, mark)
		if !closed {
			return token{kind: unterminated, text: mark, end: len(s)}
		}
		text.WriteString(part)
		if !strings.HasPrefix(after, mark) {
			t := token{kind: stringLiteral, text: text.String(), end: len(s) - len(after)}
			if mark == `"` {
				t.kind, t.text = quoted, strings.ToLower(t.text)
			}
			return t
		}
		text.WriteString(mark)
		rest = after[1:]
	}
}
