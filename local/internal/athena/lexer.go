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
	blankText  = regexp.MustCompile(`^(?:[ \t\r\n]|--[^\n]*|(?s:/\*.*?\*/))*`)
	numberText = regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`)
	quotedText = regexp.MustCompile("^(?:'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`)")
	wordText   = regexp.MustCompile(`^[0-9A-Za-z_]+`)
	symbols    = [...]string{"<>", "!=", "<=", ">=", "||"}
)

// lex splits the query that begins at the offset start of a statement into tokens, as Trino does. Characters that Trino does not accept,
// for example non-ASCII letters outside quotes, become symbols that no grammar rule accepts.
func lex(statement string, start int) (tokens []token, err error) {
	query := statement[start:]
	for i := len(blankText.FindString(query)); i < len(query); {
		t, ok := next(query, i)
		if !ok {
			return nil, failAt(statement, start+i, "SYNTAX_ERROR", "mismatched input '%s'", t.text)
		}
		tokens = append(tokens, t)
		i = t.end + len(blankText.FindString(query[t.end:]))
	}
	return tokens, nil
}

// next returns the token at offset i. For an unterminated quote or comment, it returns the opening symbol and false.
func next(sql string, i int) (token, bool) {
	rest := sql[i:]
	digits := numberText.FindString(rest)
	letters := wordText.FindString(rest)
	switch {
	case strings.HasPrefix(rest, "/*"):
		return token{text: "/*"}, false
	case rest[0] == '\'' || rest[0] == '"' || rest[0] == '`':
		kind := map[byte]tokenKind{'\'': literal, '"': quoted, '`': backquoted}[rest[0]]
		whole, quote := quotedText.FindString(rest), rest[:1]
		if whole == "" {
			return token{text: quote}, false
		}
		return token{kind, strings.ReplaceAll(whole[1:len(whole)-1], quote+quote, quote), i, i + len(whole)}, true
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
