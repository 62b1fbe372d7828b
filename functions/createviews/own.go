package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// waves puts views into an order in which each comes after those that it needs: first all that need none, then those that
// need only these, and so on. Views that need each other in a circle are an error that shows the circle.
func waves(views []view) ([][]view, error) {
	byName := map[string]view{}
	for _, v := range views {
		byName[v.name] = v
	}
	wave := map[string]int{} // from 1; 0 is not known yet
	var path []string
	var place func(v view) error
	place = func(v view) error {
		if i := slices.Index(path, v.name); i >= 0 {
			return fmt.Errorf("views read each other in a circle: %s", strings.Join(append(path[i:], v.name), " -> "))
		}
		if wave[v.name] > 0 {
			return nil
		}
		path = append(path, v.name)
		n := 1
		for _, name := range v.needs {
			if err := place(byName[name]); err != nil {
				return err
			}
			n = max(n, wave[name]+1)
		}
		path = path[:len(path)-1]
		wave[v.name] = n
		return nil
	}
	var order [][]view
	for _, v := range views {
		if err := place(v); err != nil {
			return nil, err
		}
		n := wave[v.name]
		for len(order) < n {
			order = append(order, nil)
		}
		order[n-1] = append(order[n-1], v)
	}
	return order, nil
}

// relations returns the names of the tables and views of a database that a query reads under their plain name or qualified
// by the database, each once: what stands where a relation stands, after FROM or JOIN. It need not be exact. One too many
// matters only when it closes a circle; names that the query defines itself (WITH) are therefore left out.
func relations(query, database string) []string {
	words := scan(query)
	at := func(i int) word {
		if i < len(words) {
			return words[i]
		}
		return word{}
	}
	var found, defined []string
	inFrom := []bool{false} // a list of relations is being read, a level for each open parenthesis
	expected := false       // the next name is a relation
	for i := 0; i < len(words); i++ {
		top := &inFrom[len(inFrom)-1]
		switch w := words[i]; {
		case w.is("("):
			inFrom = append(inFrom, expected)
		case w.is(")"):
			if len(inFrom) > 1 {
				inFrom = inFrom[:len(inFrom)-1]
			}
			expected = false
		case w.is(","):
			expected = *top
		case w.is("from"), w.is("join"):
			*top, expected = true, true
		case w.is("lateral"):
		case w.is("select"), w.is("where"), w.is("group"), w.is("having"), w.is("window"), w.is("order"), w.is("limit"), w.is("union"), w.is("intersect"), w.is("except"):
			*top, expected = false, false
		case w.isName && at(i+1).is("as") && at(i+2).is("("):
			defined = append(defined, w.text)
		case w.isName && expected:
			name, qualifier := w.text, database
			for at(i+1).is(".") && at(i+2).isName {
				name, qualifier = at(i+2).text, name
				i += 2
			}
			if qualifier == database && !at(i+1).is("(") {
				found = append(found, name)
			}
			expected = false
		}
	}
	slices.Sort(found)
	return slices.DeleteFunc(slices.Compact(found), func(name string) bool { return slices.Contains(defined, name) })
}

// word is a name, a keyword or a sign of a query. Text is lower case, as Athena compares names.
type word struct {
	text   string
	isName bool
	quoted bool
}

// is tells whether w is that keyword or sign; a quoted name is neither.
func (w word) is(text string) bool { return w.text == text && !w.quoted }

// scan takes a query apart. Strings, comments and blanks are left out.
func scan(query string) []word {
	var words []word
	for s := query; s != ""; {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case unicode.IsSpace(r):
			s = s[size:]
		case strings.HasPrefix(s, "--"):
			_, s, _ = strings.Cut(s, "\n")
		case strings.HasPrefix(s, "/*"):
			_, s, _ = strings.Cut(s[2:], "*/")
		case r == '\'':
			_, s = unquote(s)
		case r == '"':
			var name string
			name, s = unquote(s)
			words = append(words, word{text: strings.ToLower(name), isName: true, quoted: true})
		case isLetter(r):
			n := strings.IndexFunc(s, func(r rune) bool { return !isLetter(r) })
			if n < 0 {
				n = len(s)
			}
			words = append(words, word{text: strings.ToLower(s[:n]), isName: true})
			s = s[n:]
		default:
			words = append(words, word{text: s[:size]})
			s = s[size:]
		}
	}
	return words
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// unquote reads what s begins with up to the closing quote, which stands for itself when doubled, and returns the rest.
func unquote(s string) (text, rest string) {
	q := s[:1]
	var b strings.Builder
	for s = s[1:]; ; {
		part, after, closed := strings.Cut(s, q)
		b.WriteString(part)
		if !closed || !strings.HasPrefix(after, q) {
			return b.String(), after
		}
		b.WriteString(q)
		s = after[1:]
	}
}
