package athena

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

func lower(text string) string { return strings.ToLower(text) }

func upper(text string) string { return strings.ToUpper(text) }

// token is a word, a quoted identifier, a string, a number or a symbol in a statement. Comments and white space are not tokens.
type token struct {
	kind tokenKind
	// text is the token's text without quotes.
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
	digitWord // an unquoted name that starts with a digit, for example 2fa
	symbol
)

// is reports whether the token is the given keyword or symbol.
func (t token) is(text string) bool {
	return (t.kind == word || t.kind == symbol) && strings.EqualFold(t.text, text)
}

// isAny reports whether the token is one of the given keywords or symbols.
func (t token) isAny(texts ...string) bool { return slices.ContainsFunc(texts, t.is) }

var (
	numberText = regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`)
	quotedText = regexp.MustCompile("^(?:'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`)")
	wordText   = regexp.MustCompile(`^[0-9A-Za-z_]+`)
	symbols    = [...]string{"<>", "!=", "<=", ">=", "||"}
)

// lex splits a statement into tokens as Trino does. Characters that Trino does not accept, for example non-ASCII letters outside quotes,
// become symbols that no grammar rule accepts.
func lex(sql string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(sql); {
		r, _ := utf8.DecodeRuneInString(sql[i:])
		switch {
		case strings.ContainsRune(" \t\r\n", r):
			i++
		case strings.HasPrefix(sql[i:], "--"):
			comment, _, _ := strings.Cut(sql[i:], "\n")
			i += len(comment)
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

// next returns the token at offset i. It reports false for an unterminated quote.
func next(sql string, i int) (token, bool) {
	rest := sql[i:]
	digits := numberText.FindString(rest)
	letters := wordText.FindString(rest)
	switch {
	case rest[0] == '\'' || rest[0] == '"' || rest[0] == '`':
		kind := map[byte]tokenKind{'\'': literal, '"': quoted, '`': backquoted}[rest[0]]
		whole, quote := quotedText.FindString(rest), rest[:1]
		text := strings.TrimSuffix(strings.TrimPrefix(whole, quote), quote)
		return token{kind, strings.ReplaceAll(text, quote+quote, quote), i, i + len(whole)}, whole != ""
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
