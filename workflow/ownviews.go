package workflow

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// ownViews reads the user's own views, from views/ beside the file, into the sources, and checks each file by itself.
func (c *checker) ownViews(sources []Source) error {
	dir := filepath.Dir(c.doc.file)
	folders, err := filepath.Glob(filepath.Join(dir, "views", "*", ""))
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if name := filepath.Base(folder); isFolder(folder) && c.doc.node("sources", name) == nil {
			c.addFile(folder, 1, "there is no source %q; the folder's name is the source whose views it holds", name)
		}
	}
	for i := range sources {
		s := &sources[i]
		if !viewName.MatchString(s.Name) {
			continue // the schema has said so
		}
		if s.Views, err = readViews(os.DirFS(dir), s.Name); err != nil {
			return err
		}
		for _, v := range s.Views {
			if !viewName.MatchString(v.Name) {
				c.addView(v, 0, "a view's name is lower-case letters, digits and underscores, and begins with a letter")
			}
			if at, problem := checkQuery(v.SQL); problem != "" {
				c.addView(v, at, "%s", problem)
			}
		}
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (c *checker) addFile(file string, line int, format string, args ...any) {
	c.mistakes = append(c.mistakes, Mistake{File: file, Line: line, Text: fmt.Sprintf(format, args...)})
}

// addView notes a mistake at an offset of a view's query.
func (c *checker) addView(v View, at int, format string, args ...any) {
	c.addFile(filepath.Join(filepath.Dir(c.doc.file), filepath.FromSlash(v.File)), 1+strings.Count(v.SQL[:at], "\n"), format, args...)
}

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

// checkQuery says why a query cannot be one SELECT, and where; "" when it can.
func checkQuery(sql string) (at int, problem string) {
	words := scan(sql)
	switch {
	case !utf8.ValidString(sql):
		return 0, "the file is no UTF-8 text; save it as UTF-8"
	case len(words) == 0:
		return 0, "the file is empty; it holds one SELECT"
	case !slices.ContainsFunc(queries, words[0].is):
		return words[0].at, fmt.Sprintf("the query begins with %q, and is to be one SELECT alone: the view around it is made by the night", sql[words[0].at:words[0].end])
	}
	var open []word
	for _, w := range words {
		switch {
		case w.kind == isEndless:
			return w.at, fmt.Sprintf("what begins with %s here is not closed", w.text)
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
var queries = []string{"select", "with", "values", "("}

// circles finds own views that read each other, of whatever sources.
func (c *checker) circles(sources []Source) {
	own := map[string]View{}
	reads := map[string][]string{}
	mentions := map[[2]string]int{}
	for _, s := range sources {
		for _, v := range s.Views {
			reader := s.Database() + "." + v.Name
			own[reader], reads[reader] = v, []string{}
			for _, r := range Relations(v.SQL) {
				read := cmp.Or(r.Database, s.Database()) + "." + r.Name
				reads[reader] = append(reads[reader], read)
				mentions[[2]string{reader, read}] = r.At
			}
		}
	}
	_, err := Waves(reads)
	if circle, ok := errors.AsType[Circle](err); ok {
		c.addView(own[circle[0]], mentions[[2]string{circle[0], circle[1]}], "%v", circle)
	}
}
