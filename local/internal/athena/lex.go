package athena

import (
	"strings"
	"unicode"
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
	literal
	number
	symbol
)

// is tells whether the token is this keyword or symbol.
func (t token) is(text string) bool {
	return (t.kind == word || t.kind == symbol) && strings.EqualFold(t.text, text)
}

// lex cuts a statement into tokens.
func lex(sql string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(sql); {
		r, size := utf8.DecodeRuneInString(sql[i:])
		start := i
		switch {
		case unicode.IsSpace(r):
			i += size
		case strings.HasPrefix(sql[i:], "--"):
			i = until(sql, i, "\n")
		case strings.HasPrefix(sql[i:], "/*"):
			end := strings.Index(sql[i+2:], "*/")
			if end < 0 {
				return nil, syntaxError(sql, i, "mismatched input '/*'")
			}
			i += 2 + end + 2
		case r == '\'' || r == '"' || r == '`':
			text, end, ok := unquote(sql, i)
			if !ok {
				return nil, syntaxError(sql, i, "mismatched input '"+string(r)+"'")
			}
			kind := quoted
			if r == '\'' {
				kind = literal
			}
			tokens = append(tokens, token{kind, text, start, end})
			i = end
		case unicode.IsLetter(r) || r == '_':
			for i < len(sql) && isWord(sql[i:]) {
				_, size := utf8.DecodeRuneInString(sql[i:])
				i += size
			}
			tokens = append(tokens, token{word, sql[start:i], start, i})
		case unicode.IsDigit(r):
			for i < len(sql) && (isWord(sql[i:]) || sql[i] == '.') {
				_, size := utf8.DecodeRuneInString(sql[i:])
				i += size
			}
			tokens = append(tokens, token{number, sql[start:i], start, i})
		default:
			i += size
			tokens = append(tokens, token{symbol, sql[start:i], start, i})
		}
	}
	return tokens, nil
}

// until is the index behind the next end, or the length of the text.
func until(sql string, i int, end string) int {
	if n := strings.Index(sql[i:], end); n >= 0 {
		return i + n + len(end)
	}
	return len(sql)
}

func isWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '$'
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
