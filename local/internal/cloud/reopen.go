package cloud

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"snaplake/local/internal/clock"
)

// Reopen starts a Cloud with the current stack and the data lake that Save wrote to o.Dir. RDS has no databases. The clock starts at the
// time at which Save was called, and runs in real time. o.Clock is ignored.
func Reopen(o Options) (*Cloud, Saved, error) {
	saved, err := readLake(o.Dir)
	if err != nil {
		return nil, Saved{}, err
	}
	o.Clock = clock.NewScaled(saved.At, 1)
	c, err := Open(o)
	if err != nil {
		return nil, Saved{}, err
	}
	if err := c.restore(o.Dir, saved); err != nil {
		return nil, Saved{}, errors.Join(err, c.Close())
	}
	return c, saved, nil
}

// restore loads the saved catalog in place of the deployed one, in which all databases are empty.
func (c *Cloud) restore(dir string, saved Saved) error {
	if saved.Account != c.Account || saved.Region != c.Region || saved.AnalystsWorkGroup != c.AnalystsWorkGroup {
		return fmt.Errorf("the data lake in %s belongs to another stack (account %s, Region %s, workgroup %s), not to this one (%s, %s, %s); "+
			`to create a data lake for this stack, run "make run"`,
			dir, saved.Account, saved.Region, saved.AnalystsWorkGroup, c.Account, c.Region, c.AnalystsWorkGroup)
	}
	deployed, err := c.Glue.Databases(context.Background())
	if err != nil {
		return err
	}
	if err := c.Glue.Load(saved.Catalog); err != nil {
		return err
	}
	for _, d := range deployed {
		if _, err := c.Glue.Database(context.Background(), d.Name); err == nil {
			continue
		}
		if err := c.Glue.CreateDatabase(d.Name); err != nil { // for a source that was added after Save
			return err
		}
	}
	return nil
}

// CopyBucket copies a data lake that Save wrote. Changes to the copy do not affect the original, because the two share only the Parquet
// files, which are never overwritten.
func CopyBucket(from, to string) error {
	if _, err := readLake(from); err != nil {
		return err
	}
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
