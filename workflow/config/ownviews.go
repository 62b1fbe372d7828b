package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"snaplake/workflow"
)

// ownViews reads the user's own views, from views/ beside the file, into the sources, and checks each file.
func (c *checker) ownViews(sources []workflow.Source) error {
	root := os.DirFS(filepath.Dir(c.doc.file))
	for _, pattern := range []string{"views/*", "views/*/*"} {
		files, _ := fs.Glob(root, pattern) // it has no error for such a pattern
		for _, file := range files {
			c.viewFile(root, file)
		}
	}
	for i := range sources {
		s := &sources[i]
		if !viewName.MatchString(s.Name) {
			continue // the schema has said so
		}
		var err error
		if s.Views, err = workflow.ReadViews(root, s.Name); err != nil {
			return err
		}
		for _, v := range s.Views {
			if !viewName.MatchString(v.Name) {
				c.addView(v, 0, "a view's name consists of lower-case letters, digits and underscores, and begins with a letter")
			}
			if at, problem := workflow.ValidateSelect(v.SQL); problem != "" {
				c.addView(v, at, "%s", problem)
			}
		}
	}
	return nil
}

// viewFile reports a file or folder below views/ that is not read.
func (c *checker) viewFile(root fs.FS, file string) {
	parts := strings.Split(file, "/")
	source, name, isInner := parts[1], parts[len(parts)-1], len(parts) > 2
	info, err := fs.Stat(root, file)
	isFolder, isSource := err == nil && info.IsDir(), c.doc.node("sources", source) != nil
	switch {
	case workflow.IsEditorFile(name), !isFolder && path.Ext(name) == ".md":
	case isInner && (!isSource || !isFolder && path.Ext(name) == ".sql"), !isInner && isFolder && isSource:
	case !isInner && isFolder:
		c.addFile(file, 1, "there is no source %q; a folder below views must have the name of a source", name)
	case isInner:
		c.addFile(file, 1, "is ignored; a view must be named views/%s/NAME.sql, a note NAME.md", source)
	default:
		c.addFile(file, 1, "is ignored; a view must be named views/SOURCE/NAME.sql, a note NAME.md")
	}
}

// addFile adds a mistake in a file below the folder of the configuration.
func (c *checker) addFile(file string, line int, format string, args ...any) {
	file = filepath.Join(filepath.Dir(c.doc.file), filepath.FromSlash(file))
	c.mistakes = append(c.mistakes, Mistake{File: file, Line: line, Text: fmt.Sprintf(format, args...)})
}

// addView adds a mistake at an offset of a view's query.
func (c *checker) addView(v workflow.View, at int, format string, args ...any) {
	c.addFile(v.File, 1+strings.Count(v.SQL[:at], "\n"), format, args...)
}

// reads reports dependency cycles among the own views of all sources, and databases that CreateViews may not read.
func (c *checker) reads(config workflow.Config) {
	var databases []string
	for _, s := range config.Sources {
		databases = append(databases, s.Database())
	}
	// Whether Athena shows information_schema to CreateViews is UNCONFIRMED.
	readable := append([]string{"", config.CrawledDatabase(), "information_schema"}, databases...)
	own := map[string]workflow.View{}
	reads := map[string][]string{}
	mentions := map[[2]string]int{}
	for _, s := range config.Sources {
		for _, v := range s.Views {
			reader := s.Database() + "." + v.Name
			own[reader], reads[reader] = v, []string{}
			for _, r := range workflow.TableRefs(v.SQL) {
				read := cmp.Or(r.Database, s.Database()) + "." + r.Name
				reads[reader] = append(reads[reader], read)
				mentions[[2]string{reader, read}] = r.At
				if !slices.Contains(readable, r.Database) {
					c.addView(v, r.At, "unknown database %q%s; views may read %s",
						r.Database, didYouMean(databases, r.Database), strings.Join(databases, ", "))
				}
			}
		}
	}
	_, err := workflow.TopoLevels(reads)
	if circle, ok := errors.AsType[workflow.CycleError](err); ok {
		c.addView(own[circle[0]], mentions[[2]string{circle[0], circle[1]}], "%v", circle)
	}
}
