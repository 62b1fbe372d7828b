package settings

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"snaplake/workflow"
)

// ownViews reads the user's own views, from views/ beside the file, into the sources, and checks each file by itself.
func (c *checker) ownViews(sources []workflow.Source) error {
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
		if s.Views, err = workflow.ReadViews(os.DirFS(dir), s.Name); err != nil {
			return err
		}
		for _, v := range s.Views {
			if !viewName.MatchString(v.Name) {
				c.addView(v, 0, "a view's name is lower-case letters, digits and underscores, and begins with a letter")
			}
			if at, problem := workflow.CheckQuery(v.SQL); problem != "" {
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
func (c *checker) addView(v workflow.View, at int, format string, args ...any) {
	c.addFile(filepath.Join(filepath.Dir(c.doc.file), filepath.FromSlash(v.File)), 1+strings.Count(v.SQL[:at], "\n"), format, args...)
}

// circles finds own views that read each other, of whatever sources.
func (c *checker) circles(sources []workflow.Source) {
	own := map[string]workflow.View{}
	reads := map[string][]string{}
	mentions := map[[2]string]int{}
	for _, s := range sources {
		for _, v := range s.Views {
			reader := s.Database() + "." + v.Name
			own[reader], reads[reader] = v, []string{}
			for _, r := range workflow.Relations(v.SQL) {
				read := cmp.Or(r.Database, s.Database()) + "." + r.Name
				reads[reader] = append(reads[reader], read)
				mentions[[2]string{reader, read}] = r.At
			}
		}
	}
	_, err := workflow.Waves(reads)
	if circle, ok := errors.AsType[workflow.Circle](err); ok {
		c.addView(own[circle[0]], mentions[[2]string{circle[0], circle[1]}], "%v", circle)
	}
}
