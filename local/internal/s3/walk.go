package s3

import (
	"os"
	"slices"
	"strings"
)

// walk iterates over a bucket's keys in the order of their bytes. It reads a folder only when it reaches it, so one page is cheap.
type walk struct {
	backend        *backend
	bucket, prefix string
	// after is the key or prefix after which the listing begins. It may move forward during the iteration.
	after string
}

// keys yields the bucket's keys that begin with the prefix.
func (w *walk) keys(yield func(string, error) bool) {
	if err := w.backend.mustExist(w.bucket); err != nil {
		yield("", err)
		return
	}
	folder := w.prefix[:strings.LastIndex(w.prefix, "/")+1]
	if folder != "" && !isKey(strings.TrimSuffix(folder, "/")) {
		return // no key has such a prefix
	}
	w.folder(folder, yield)
}

// folder yields the matching keys in one folder. It returns false if yield has returned false.
func (w *walk) folder(folder string, yield func(string, error) bool) bool {
	entries, err := os.ReadDir(w.backend.path(w.bucket, folder))
	if isMissing(err) {
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
