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

// source is a statement, or the part of it that begins at an offset, as tokens.
type source struct {
	sql    string
	tokens []token
	// pairs holds the index of the token that closes each opening parenthesis, and of the one that opens each closing parenthesis.
	pairs map[int]int
}

// maxDepth is the maximum number of open parentheses. It is far below the depth at which Trino and DuckDB fail with a stack overflow.
const maxDepth = 199

const tooLarge = "statement is too large (stack overflow while parsing statement)"

// lex splits the part of a statement that begins at an offset into tokens, as Trino does. Characters that Trino does not accept, for
// example non-ASCII letters outside quotes, become symbols that no grammar rule accepts.
func lex(sql string, start int) (source, error) {
	s := source{sql: sql, pairs: map[int]int{}}
	var open []int
	for i := start + len(blankText.FindString(sql[start:])); i < len(sql); {
		t, ok := next(sql, i)
		if !ok {
			return s, failAt(sql, i, "SYNTAX_ERROR", "mismatched input '%s'", t.text)
		}
		switch n := len(s.tokens); {
		case t.is("(") && len(open) == maxDepth:
			return s, failAt(sql, i, "SYNTAX_ERROR", "%s", tooLarge)
		case t.is("("):
			open = append(open, n)
		case t.is(")") && len(open) > 0:
			last := open[len(open)-1]
			s.pairs[last], s.pairs[n], open = n, last, open[:len(open)-1]
		}
		s.tokens = append(s.tokens, t)
		i = t.end + len(blankText.FindString(sql[t.end:]))
	}
	return s, nil
}

// token returns the token with an index. If there is none, it returns a symbol without text at the end of the statement.
func (s source) token(i int) token {
	if i >= 0 && i < len(s.tokens) {
		return s.tokens[i]
	}
	return token{kind: symbol, start: len(s.sql), end: len(s.sql)}
}

// refusal is the value that is passed to panic in order to reject a statement. The function catch recovers it.
type refusal struct{ error }

// catch recovers from a panic that rejects a statement, and sets err to the error.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case refusal:
		*err = r.error
	default:
		panic(r)
	}
}

// fail rejects the statement with an error at an offset.
func (s source) fail(at int, code, format string, args ...any) {
	panic(refusal{failAt(s.sql, at, code, format, args...)})
}

// unsupported rejects a feature that Athena supports but the local Athena does not.
func (s source) unsupported(at int, feature string) {
	s.fail(at, "NOT_SUPPORTED", "%s", unsupportedText(feature))
}

// unsupportedText returns the error message for a feature that Athena supports but DuckDB, the default engine, does not.
func unsupportedText(feature string) string {
	return "the default engine of the local Athena does not support " + feature + ", but Athena does; use --engine trino"
}

// mismatch rejects the statement, because the grammar does not allow the token with an index.
func (s source) mismatch(i int) {
	t := s.token(i)
	text := "mismatched input '" + s.sql[t.start:t.end] + "'"
	switch {
	case t.kind == backquoted:
		text = "backquoted identifiers are not supported; use double quotes to quote identifiers"
	case t.kind == digitWord:
		text = "identifiers must not start with a digit; surround the identifier with double quotes"
	case t.start == t.end:
		text = "mismatched input '<EOF>'"
	}
	s.fail(t.start, "SYNTAX_ERROR", "%s", text)
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
