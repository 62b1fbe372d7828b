package athena

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// token is a word, a quoted identifier, a string, a number or a symbol of a statement. Comments and spaces are none.
type token struct {
	kind tokenKind
	// text as it stands in the statement; of a quoted identifier or a string without the quotes.
	text       string
	start, end int
}

type tokenKind int

const (
	word tokenKind = iota
	quoted
	backquoted
	literal
	number
	digitWord // 2fa: a name that would have to be quoted
	symbol
)

// is tells whether the token is this keyword or symbol.
func (t token) is(text string) bool {
	return (t.kind == word || t.kind == symbol) && strings.EqualFold(t.text, text)
}

// isAny tells whether the token is one of these keywords or symbols.
func (t token) isAny(texts ...string) bool { return slices.ContainsFunc(texts, t.is) }

var (
	numberText = regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`)
	wordText   = regexp.MustCompile(`^[0-9A-Za-z_]+`)
	symbols    = [...]string{"<>", "!=", "<=", ">=", "||", "->"}
)

// lex cuts a statement into tokens as Trino does. What Trino has no token for, such as a letter that is not ASCII outside of
// quotes, becomes a symbol, which no rule of the grammar takes.
func lex(sql string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(sql); {
		r, _ := utf8.DecodeRuneInString(sql[i:])
		switch {
		case strings.ContainsRune(" \t\r\n", r):
			i++
		case strings.HasPrefix(sql[i:], "--"):
			i = until(sql, i, "\n")
		case strings.HasPrefix(sql[i:], "/*"):
			end := strings.Index(sql[i+2:], "*/")
			if end < 0 {
				return nil, syntaxError(sql, i, "mismatched input '/*'")
			}
			i += 2 + end + 2
		default:
			t, ok := next(sql, i)
			if !ok {
				return nil, syntaxError(sql, i, "mismatched input '"+string(r)+"'")
			}
			tokens = append(tokens, t)
			i = t.end
		}
	}
	return tokens, nil
}

// next is the token at i. It reports false for a quote that is not closed.
func next(sql string, i int) (token, bool) {
	rest := sql[i:]
	digits := numberText.FindString(rest)
	letters := wordText.FindString(rest)
	switch {
	case rest[0] == '\'' || rest[0] == '"' || rest[0] == '`':
		kind := map[byte]tokenKind{'\'': literal, '"': quoted, '`': backquoted}[rest[0]]
		text, end, ok := unquote(sql, i)
		return token{kind, text, i, end}, ok
	case digits != "" && len(digits) >= len(letters):
		return token{number, digits, i, i + len(digits)}, true
	case digits != "":
		return token{digitWord, letters, i, i + len(letters)}, true
	case letters != "":
		return token{word, letters, i, i + len(letters)}, true
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s) {
			return token{symbol, s, i, i + len(s)}, true
		}
	}
	_, size := utf8.DecodeRuneInString(rest)
	return token{symbol, rest[:size], i, i + size}, true
}

// until is the index behind the next end, or the length of the text.
func until(sql string, i int, end string) int {
	if n := strings.Index(sql[i:], end); n >= 0 {
		return i + n + len(end)
	}
	return len(sql)
}

// unquote reads what stands in quotes at i, where a quote is written twice. end is behind the closing one.
func unquote(sql string, i int) (text string, end int, ok bool) {
	quote := sql[i]
	var b strings.Builder
	for j := i + 1; j < len(sql); j++ {
		if sql[j] != quote {
			b.WriteByte(sql[j])
			continue
		}
		if j+1 < len(sql) && sql[j+1] == quote {
			b.WriteByte(quote)
			j++
			continue
		}
		return b.String(), j + 1, true
	}
	return "", 0, false
}
