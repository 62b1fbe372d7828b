package workflow

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// trimQuery removes a byte order mark and the semicolon at the end. The lines stay those of the file.
func trimQuery(text string) string {
	text = strings.TrimLeft(text, "\ufeff")
	if tokens := lex(text); len(tokens) > 0 {
		if last := tokens[len(tokens)-1]; last.is(";") {
			text = text[:last.at]
		}
	}
	return strings.TrimRight(text, " \t\r\n")
}

// ValidateSelect says why a query is not a single SELECT, and where; "" if it is.
func ValidateSelect(sql string) (at int, problem string) {
	tokens := lex(sql)
	switch {
	case !utf8.ValidString(sql):
		return 0, "the file is not UTF-8; save it as UTF-8"
	case len(tokens) == 0:
		return 0, "the file is empty; it must contain a single SELECT"
	case tokens[0].is("values"):
		return tokens[0].at, "VALUES does not name the columns; write SELECT * FROM (VALUES ...) AS t (name, name)"
	case !slices.ContainsFunc(queries, tokens[0].is):
		return tokens[0].at, fmt.Sprintf("the file must contain a single SELECT, not %q; CREATE VIEW is added for you",
			sql[tokens[0].at:tokens[0].end])
	}
	var open []token
	for _, w := range tokens {
		foreign := strings.IndexFunc(w.text, func(r rune) bool { return r > unicode.MaxASCII })
		switch {
		case w.kind == unterminated:
			return w.at, fmt.Sprintf("unterminated %s", w.text)
		case foreign >= 0 && (w.kind == symbol || w.kind == plain):
			r, _ := utf8.DecodeRuneInString(sql[w.at+foreign:]) // not of the text, which is in lower case
			return w.at + foreign, fmt.Sprintf("%q (%U) is not in quotation marks; outside them Athena accepts only ASCII", r, r)
		case w.is("`"):
			return w.at, "Athena's queries quote names with double quotes: \"name\", not `name`"
		case w.is(";"):
			return w.at, "there is a second statement after this semicolon; a view is a single SELECT"
		case w.is("("):
			open = append(open, w)
		case w.is(")") && len(open) == 0:
			return w.at, "unmatched )"
		case w.is(")"):
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return open[len(open)-1].at, "unmatched ("
	}
	return 0, ""
}

// queries are the words with which a query may begin.
var queries = []string{"select", "with", "("}
