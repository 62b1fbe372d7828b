package cloud

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"snaplake/local/internal/clock"
)

// Saved is what a lake tells about the run that made it.
type Saved struct {
	// Database is the one that a query means when it names none.
	Database string
	// At is when the lake was saved, by the clock of its Cloud.
	At time.Time
}

// Reopen starts a Cloud over what Save left in o.Dir, with the stack deployed in it as it is now. RDS has no databases there, and the
// clock, which needs not be given, goes on in real time from when the lake was saved.
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
	return c, Saved{Database: saved.Database, At: saved.At}, nil
}

// restore puts the saved catalog in the place of that of the deployment, which has databases and nothing in them.
func (c *Cloud) restore(dir string, saved lake) error {
	if saved.Account != c.Account || saved.Region != c.Region || saved.AnalystsWorkGroup != c.AnalystsWorkGroup {
		return fmt.Errorf("the lake in %s is another stack's: of account %s in %s with the workgroup %s, and not of account %s in %s with %s; make it anew with make run",
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
		if err := c.Glue.CreateDatabase(d.Name); err != nil { // of a source that is new since then
			return err
		}
	}
	return nil
}

// CopyLake makes a copy of what Save left in a folder, to be changed without the original. Both share the files of the tables, which
// nobody ever writes to once they are there.
func CopyLake(from, to string) error {
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

// copyFile keeps the file's time, by which the store knows what it has noted about an object.
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
