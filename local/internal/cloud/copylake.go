package cloud

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"snaplake/workflow"
)

// CopyLake copies a data lake that Save wrote. The copy shares only the Parquet files, which are never overwritten.
func CopyLake(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		switch {
		case entry.IsDir() && isResults(name):
			return fs.SkipDir // on AWS, a lifecycle rule deletes the results of queries
		case entry.IsDir():
			return os.MkdirAll(target, 0o700)
		case filepath.Ext(name) == ".parquet":
			return os.Link(path, target)
		default:
			return copyFile(target, path)
		}
	})
}

// copyFile copies a file and its modification time, which the store's cache depends on.
func copyFile(to, from string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// isResults reports whether a folder in the data lake contains the results of queries. Its path is buckets/BUCKET/athena.
func isResults(name string) bool {
	match, _ := filepath.Match("buckets/*/"+strings.TrimSuffix(workflow.ResultsPrefix, "/"), filepath.ToSlash(name))
	return match
}
