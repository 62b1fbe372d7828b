package workflow

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// trimQuery is what a file holds, without the semicolon at its end. Its lines are the file's, and a byte order mark is none of it.
func trimQuery(text string) string {
	text = strings.TrimLeft(text, "\ufeff")
	if words := scan(text); len(words) > 0 {
		if last := words[len(words)-1]; last.is(";") {
			text = text[:last.at]
		}
	}
	return strings.TrimRight(text, " \t\r\n")
}

// CheckQuery says why a query cannot be one SELECT, and where; "" when it can.
func CheckQuery(sql string) (at int, problem string) {
	words := scan(sql)
	switch {
	case !utf8.ValidString(sql):
		return 0, "the file is no UTF-8 text; save it as UTF-8"
	case len(words) == 0:
		return 0, "the file is empty; it holds one SELECT"
	case words[0].is("values"):
		return words[0].at, "VALUES alone leaves the columns without names; write SELECT * FROM (VALUES ...) AS t (name, name)"
	case !slices.ContainsFunc(queries, words[0].is):
		return words[0].at, fmt.Sprintf("the query begins with %q, and is to be one SELECT alone: the view around it is made by the night", sql[words[0].at:words[0].end])
	}
	var open []word
	for _, w := range words {
		foreign := strings.IndexFunc(w.text, func(r rune) bool { return r > unicode.MaxASCII })
		switch {
		case w.kind == isEndless:
			return w.at, fmt.Sprintf("what begins with %s here is not closed", w.text)
		case foreign >= 0 && (w.kind == isSign || w.kind == isPlain):
			r, _ := utf8.DecodeRuneInString(sql[w.at+foreign:]) // not of the text, which is in lower case
			return w.at + foreign, fmt.Sprintf("%q (%U) stands outside quotation marks, where Athena reads ASCII only", r, r)
		case w.is("`"):
			return w.at, "Athena's queries quote names with double quotes: \"name\", not `name`"
		case w.is(";"):
			return w.at, "a second statement follows this semicolon; a view is one SELECT"
		case w.is("("):
			open = append(open, w)
		case w.is(")") && len(open) == 0:
			return w.at, "this ) closes nothing"
		case w.is(")"):
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return open[len(open)-1].at, "this ( is not closed"
	}
	return 0, ""
}

// queries are what a query may begin with.
var queries = []string{"select", "with", "("}
