package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// workFolder holds the lake. The lake of the last good run is kept until the next run has succeeded.
type workFolder struct {
	dir  string
	lock *os.File
}

// The parts of a work folder: the lake of the last good run, the next one, for a moment the previous one, and the logs of the functions.
const (
	lakeFolder = "lake"
	nextFolder = "lake.next"
	oldFolder  = "lake.old"
	logFolder  = "logs"
)

// openWork locks the folder and deletes what an earlier run has left in it, except the lake.
func openWork(dir string) (*workFolder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the work folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the work folder: %w", err)
	}
	// The kernel releases the lock when the process ends.
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is in use by another run; wait for it, or use another folder with --dir", dir), lock.Close())
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
			return fmt.Errorf("restore the last lake: %w", err)
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

// publish replaces the lake by the next one.
func (w *workFolder) publish() error {
	if err := os.Rename(w.path(lakeFolder), w.path(oldFolder)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("publish the lake: %w", err)
	}
	if err := os.Rename(w.path(nextFolder), w.path(lakeFolder)); err != nil {
		return fmt.Errorf("publish the lake: %w", err)
	}
	return os.RemoveAll(w.path(oldFolder))
}

// close deletes what was not published and unlocks the folder.
func (w *workFolder) close() error {
	return errors.Join(os.RemoveAll(w.path(nextFolder)), w.lock.Close())
}

func (w *workFolder) path(name string) string { return filepath.Join(w.dir, name) }
