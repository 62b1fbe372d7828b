package cloud

import (
	"io/fs"
	"os"
	"path/filepath"
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
