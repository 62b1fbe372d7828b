package workflow

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// trimQuery removes a byte order mark and a final semicolon. It does not change the line numbers.
func trimQuery(text string) string {
	text = strings.TrimLeft(text, "\ufeff")
	if tokens := lex(text); len(tokens) > 0 {
		if last := tokens[len(tokens)-1]; last.is(";") {
			text = text[:last.begin]
		}
	}
	return strings.TrimRight(text, " \t\r\n")
}

// ValidateSelect describes why a query is not a single SELECT, and returns the byte offset of the problem. It returns "" for a valid query.
func ValidateSelect(sql string) (at int, problem string) {
	tokens := lex(sql)
	switch {
	case !utf8.ValidString(sql):
		return 0, "the file is not UTF-8; save it as UTF-8"
	case len(tokens) == 0:
		return 0, "the file is empty; it must contain a single SELECT"
	case tokens[0].is("values"):
		return tokens[0].begin, "VALUES does not name the columns; write SELECT * FROM (VALUES ...) AS t (name, name)"
	case !slices.ContainsFunc([]string{"select", "with", "("}, tokens[0].is):
		return tokens[0].begin, fmt.Sprintf("the file must contain a single SELECT, not %q; CREATE VIEW is added for you",
			sql[tokens[0].begin:tokens[0].end])
	}
	var open []token
	for _, t := range tokens {
		nonASCII := strings.IndexFunc(t.text, func(r rune) bool { return r > unicode.MaxASCII })
		switch {
		case t.kind == unterminated:
			return t.begin, fmt.Sprintf("unterminated %s", t.text)
		case nonASCII >= 0 && (t.kind == symbol || t.kind == plain):
			r, _ := utf8.DecodeRuneInString(sql[t.begin+nonASCII:]) // t.text is in lower case
			return t.begin + nonASCII, fmt.Sprintf("%q (%U) is not in quotation marks; Athena accepts only ASCII characters outside them", r, r)
		case t.is("`"):
			return t.begin, "in Athena, quote names with double quotes: \"name\", not `name`"
		case t.is(";"):
			return t.begin, "a second statement follows this semicolon; a view must be a single SELECT"
		case t.is("("):
			open = append(open, t)
		case t.is(")") && len(open) == 0:
			return t.begin, "unmatched )"
		case t.is(")"):
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return open[len(open)-1].begin, "unmatched ("
	}
	return 0, ""
}
