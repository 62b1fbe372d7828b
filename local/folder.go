package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// workFolder is where a run keeps its lake. The lake of the last good run stays as it is until the next run has succeeded.
type workFolder struct {
	dir  string
	lock *os.File
}

// The parts of a work folder: the lake of the last good run, the one that is being made, for a moment the one before, and what the
// functions log in this run.
const (
	lakeFolder = "lake"
	nextFolder = "lake.next"
	oldFolder  = "lake.old"
	logFolder  = "logs"
)

// openWork takes the folder for itself, and clears away what an earlier run has left apart from its lake.
func openWork(dir string) (*workFolder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the work folder: %w", err)
	}
	if err := closeFolder(dir); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the work folder: %w", err)
	}
	// The lock is the process's: however it ends, the lock is gone with it.
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is in use by another run; wait for it, or give this one a folder of its own with --dir", dir), lock.Close())
	}
	w := &workFolder{dir: dir, lock: lock}
	if err := w.recover(); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// closeFolder takes away what other users may do with the lake and the files beside it: an earlier version made them with the user's
// umask. Files that are not of this command keep their modes, and so does a folder that has some.
func closeFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	own := []string{lakeFolder, nextFolder, oldFolder, logFolder, "serve", "lock", "run.json", "serve.json", "bench.json"}
	shared := false
	for _, entry := range entries {
		if !slices.Contains(own, entry.Name()) {
			shared = true
		} else if err := filepath.WalkDir(filepath.Join(dir, entry.Name()), closeEntry); err != nil {
			return err
		}
	}
	if shared {
		return nil
	}
	return os.Chmod(dir, 0o700)
}

func closeEntry(path string, entry fs.DirEntry, err error) error {
	switch {
	case err == nil && entry.IsDir():
		err = os.Chmod(path, 0o700)
	case err == nil && entry.Type().IsRegular():
		err = os.Chmod(path, 0o600)
	}
	if errors.Is(err, fs.ErrNotExist) { // deleted meanwhile
		return nil
	}
	return err
}

func (w *workFolder) recover() error {
	if _, err := os.Stat(w.path(lakeFolder)); errors.Is(err, os.ErrNotExist) {
		// Killed between the two steps of publish, or never run.
		if err := os.Rename(w.path(oldFolder), w.path(lakeFolder)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("bring back the last lake: %w", err)
		}
	}
	for _, name := range []string{oldFolder, nextFolder, logFolder} {
		if err := os.RemoveAll(w.path(name)); err != nil {
			return fmt.Errorf("clear the work folder: %w", err)
		}
	}
	for _, name := range []string{nextFolder, logFolder} {
		if err := os.Mkdir(w.path(name), 0o700); err != nil {
			return fmt.Errorf("clear the work folder: %w", err)
		}
	}
	return nil
}

// publish makes the new lake the one that is queried.
func (w *workFolder) publish() error {
	if err := os.Rename(w.path(lakeFolder), w.path(oldFolder)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("publish the lake: %w", err)
	}
	if err := os.Rename(w.path(nextFolder), w.path(lakeFolder)); err != nil {
		return fmt.Errorf("publish the lake: %w", err)
	}
	return os.RemoveAll(w.path(oldFolder))
}

// close gives the folder back, without what was not published.
func (w *workFolder) close() error {
	return errors.Join(os.RemoveAll(w.path(nextFolder)), w.lock.Close())
}

func (w *workFolder) path(name string) string { return filepath.Join(w.dir, name) }
