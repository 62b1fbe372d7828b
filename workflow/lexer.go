package workflow

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is what a query consists of, but for blanks and comments.
type word struct {
	kind wordKind
	// text is in lower case, as Athena compares names, and without quotation marks.
	text string
	// at and end are the offsets in the query.
	at, end int
}

type wordKind int

const (
	isSign   wordKind = iota // one character, or a number
	isPlain                  // a name or a keyword
	isQuoted                 // a name in quotation marks
	isString
	isEndless // the rest of the query, which begins with a string, a quoted name or a comment that is not closed
)

// is tells whether w is that keyword or sign; what is quoted is neither.
func (w word) is(text string) bool { return w.text == text && (w.kind == isSign || w.kind == isPlain) }

func (w word) isName() bool { return w.kind == isPlain || w.kind == isQuoted }

// scan takes a query apart.
func scan(query string) []word {
	var words []word
	for at := 0; at < len(query); {
		w, blank := next(query[at:])
		w.at, w.end = at+w.at, at+w.end
		if !blank {
			words = append(words, w)
		}
		at = w.end
	}
	return words
}

// next reads the word that s begins with, or a blank or a comment.
func next(s string) (w word, blank bool) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case strings.ContainsRune(" \t\r\n", r): // which Trino's grammar has
		return word{end: size}, true
	case strings.HasPrefix(s, "--"):
		line, _, _ := strings.Cut(s, "\n")
		return word{end: len(line)}, true
	case strings.HasPrefix(s, "/*"):
		comment, _, closed := strings.Cut(s[2:], "*/")
		if !closed {
			return word{kind: isEndless, text: "/*", end: len(s)}, false
		}
		return word{end: len(comment) + 4}, true
	case r == '\'', r == '"':
		return unquote(s), false
	case isLetter(r):
		n := strings.IndexFunc(s, func(r rune) bool { return !isLetter(r) })
		if n < 0 {
			n = len(s)
		}
		if unicode.IsDigit(r) {
			return word{kind: isSign, text: s[:n], end: n}, false
		}
		return word{kind: isPlain, text: strings.ToLower(s[:n]), end: n}, false
	default:
		return word{kind: isSign, text: s[:size], end: size}, false
	}
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// unquote reads what s begins with up to the closing quotation mark, which stands for itself when doubled.
func unquote(s string) word {
	mark := s[:1]
	var text strings.Builder
	for rest := s[1:]; ; {
		part, after, closed := strings.Cut(rest, mark)
		if !closed {
			return word{kind: isEndless, text: mark, end: len(s)}
		}
		text.WriteString(part)
		if !strings.HasPrefix(after, mark) {
			w := word{kind: isString, text: text.String(), end: len(s) - len(after)}
			if mark == `"` {
				w.kind, w.text = isQuoted, strings.ToLower(w.text)
			}
			return w
		}
		text.WriteString(mark)
		rest = after[1:]
	}
}
