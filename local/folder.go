package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
