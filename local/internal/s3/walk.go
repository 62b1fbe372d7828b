package s3

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
)

// walk goes through a bucket's keys in S3's order, by their bytes. It reads a folder only when it comes to it, and passes over
// those that have no key wanted: a page of a long list costs little more than its own keys.
type walk struct {
	backend        *backend
	bucket, prefix string
	// after is what all further keys are greater than. It may be raised on the way.
	after string
}

func (b *backend) walk(bucket, prefix string) *walk {
	return &walk{backend: b, bucket: bucket, prefix: prefix}
}

// keys are those that begin with the prefix.
func (w *walk) keys(yield func(string, error) bool) {
	if err := w.backend.mustExist(w.bucket); err != nil {
		yield("", err)
		return
	}
	folder := w.prefix[:strings.LastIndex(w.prefix, "/")+1]
	if folder != "" && !isKey(strings.TrimSuffix(folder, "/")) {
		return // no key begins so
	}
	w.folder(folder, yield)
}

// folder reports false when nobody wants more keys.
func (w *walk) folder(folder string, yield func(string, error) bool) bool {
	entries, err := os.ReadDir(w.backend.path(w.bucket, folder))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return true
	}
	if err != nil {
		return yield("", err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = folder + e.Name()
		if e.IsDir() {
			names[i] += "/"
		}
	}
	slices.Sort(names)
	for _, name := range names {
		isFolder := strings.HasSuffix(name, "/")
		switch {
		case !strings.HasPrefix(name, w.prefix) && !(isFolder && strings.HasPrefix(w.prefix, name)):
		case name <= w.after && !(isFolder && strings.HasPrefix(w.after, name)):
		case isFolder:
			if !w.folder(name, yield) {
				return false
			}
		default:
			if !yield(name, nil) {
				return false
			}
		}
	}
	return true
}
