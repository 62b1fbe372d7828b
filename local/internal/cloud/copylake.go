package cloud

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"snaplake/local/internal/s3"
	"snaplake/workflow"
)

// CopyLake copies a data lake that Save wrote, except the files that Save writes again. The copy shares the files of the objects, because
// the object store never changes a file, but replaces it.
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
		case entry.IsDir() && (isResults(name) || strings.HasPrefix(name, s3.TempPrefix)): // a killed process leaves temporary folders
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o700)
		case filepath.Dir(name) == ".":
			return nil
		default:
			return os.Link(path, target)
		}
	})
}

// isResults reports whether a folder in the data lake contains the results of queries, which a lifecycle rule deletes on AWS. Its path is
// buckets/BUCKET/athena.
func isResults(name string) bool {
	match, _ := filepath.Match("buckets/*/"+strings.TrimSuffix(workflow.ResultsPrefix, "/"), filepath.ToSlash(name))
	return match
}
