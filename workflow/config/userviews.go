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

// userViews reads the user-defined views of all sources from the folder views/ beside pipeline.yaml, and checks the files.
func (c *checker) userViews(sources []workflow.Source) error {
	root := os.DirFS(filepath.Dir(c.doc.file))
	names := make([]string, len(sources))
	for i := range sources {
		s := &sources[i]
		names[i] = s.Name
		if !viewName.MatchString(s.Name) {
			continue // rejected by the schema
		}
		var err error
		if s.Views, err = workflow.ReadViews(root, s.Name); err != nil {
			return err
		}
		for _, v := range s.Views {
			if !viewName.MatchString(v.Name) {
				c.addView(v, 0, "a view name must begin with a letter and contain only lower-case letters, digits and underscores; rename the file")
			}
			if at, problem := workflow.ValidateSelect(v.SQL); problem != "" {
				c.addView(v, at, problem)
			}
		}
	}
	for _, pattern := range []string{"views/*", "views/*/*"} {
		files, _ := fs.Glob(root, pattern) // fails only for an invalid pattern
		for _, file := range files {
			if remedy := unused(root, file, names); remedy != "" {
				c.addFile(file, 1, "is not used; "+remedy)
			}
		}
	}
	return nil
}

// unused returns what to do with a file or folder in views/ that is not used, or "" if it is used. It accepts all names in a folder that is
// not named after a source, because the folder itself is reported.
func unused(root fs.FS, file string, sources []string) string {
	source, name, isInner := strings.Cut(strings.TrimPrefix(file, "views/"), "/")
	isSource := slices.Contains(sources, source)
	info, err := fs.Stat(root, file)
	isFolder := err == nil && info.IsDir()
	ext := path.Ext(file)
	switch {
	case workflow.IsEditorFile(path.Base(file)), isInner && !isSource, !isInner && isFolder && isSource, !isFolder && ext == ".md":
		return ""
	case isFolder && isInner:
		return "move its files to views/" + source
	case !isInner:
		return "the path of a view is views/SOURCE/NAME.sql, where SOURCE is one of " + strings.Join(sources, ", ") + didYouMean(sources, source)
	case ext == ".sql":
		return ""
	default:
		return "rename it to " + strings.TrimSuffix(name, ext) + ".sql, or to NAME.md if it is a note"
	}
}

// addFile records a mistake in a file. The path of the file is relative to the folder that contains pipeline.yaml.
func (c *checker) addFile(file string, line int, text string) {
	file = filepath.Join(filepath.Dir(c.doc.file), filepath.FromSlash(file))
	c.mistakes = append(c.mistakes, Mistake{File: file, Line: line, Text: text})
}

// addView records a mistake at the given byte offset in a view's SQL.
func (c *checker) addView(v workflow.View, at int, text string) {
	c.addFile(v.File, 1+strings.Count(v.SQL[:at], "\n"), text)
}

// checkReads reports user-defined views that read an unknown database, and dependency cycles across all sources.
func (c *checker) checkReads(config workflow.Config) {
	var databases []string
	for _, s := range config.Sources {
		databases = append(databases, s.Database())
	}
	// UNCONFIRMED: Athena might not allow CreateViews to read information_schema.
	readable := append([]string{"", config.CrawledDatabase(), "information_schema"}, databases...)
	views := map[string]workflow.View{}
	reads := map[string][]string{}
	offsets := map[[2]string]int{} // keyed by a view and a name that it reads
	for _, s := range config.Sources {
		for _, v := range s.Views {
			reader := s.Database() + "." + v.Name
			views[reader], reads[reader] = v, []string{}
			for _, r := range workflow.TableRefs(v.SQL) {
				read := cmp.Or(r.Database, s.Database()) + "." + r.Name
				reads[reader] = append(reads[reader], read)
				offsets[[2]string{reader, read}] = r.At
				if !slices.Contains(readable, r.Database) {
					c.addView(v, r.At, fmt.Sprintf("unknown database %q%s; views can read %s",
						r.Database, didYouMean(databases, r.Database), strings.Join(databases, ", ")))
				}
			}
		}
	}
	_, err := workflow.TopoLevels(reads)
	if cycle, ok := errors.AsType[workflow.CycleError](err); ok {
		c.addView(views[cycle[0]], offsets[[2]string{cycle[0], cycle[1]}], cycle.Error())
	}
}
