package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// workFolder is a folder that holds a data lake. The data lake is replaced as a whole when a command saves its changes.
type workFolder struct {
	dir  string
	lock *os.File
}

// The subfolders of a work folder.
const (
	lakeFolder     = "lake"          // the data lake
	nextFolder     = "lake.next"     // the data lake with the changes of the current command
	oldFolder      = "lake.old"      // the previous state of the data lake, while publish replaces it
	previousFolder = "lake.previous" // the data lake that was replaced by a new one
	logFolder      = "logs"          // the logs of the functions
)

// lockFile is the file in a work folder that the current command locks.
const lockFile = "lock"

// openWork locks the folder and deletes everything that an earlier run left in it, except the data lake.
func openWork(dir string) (*workFolder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the work folder: %w", err)
	}
	if err := checkOwn(dir); err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	w := &workFolder{dir: dir, lock: lock}
	if err := w.recover(); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// checkOwn refuses a folder that has one of the subfolders but no lock file, because another program created the subfolder.
func checkOwn(dir string) error {
	exists := func(name string) bool {
		_, err := os.Lstat(filepath.Join(dir, name))
		return err == nil
	}
	for _, name := range []string{lakeFolder, nextFolder, oldFolder, previousFolder, logFolder} {
		if exists(name) && !exists(lockFile) {
			return fmt.Errorf("%s contains %q, which this command would replace; choose another folder with --dir", dir, name)
		}
	}
	return nil
}

// lockFolder locks the folder until the process ends, and writes the command and the process ID to the lock file.
func lockFolder(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the work folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(lock.Name())
		err := fmt.Errorf("%s is in use by %s; end it, or choose another folder with --dir", dir, cmp.Or(string(holder), "another command"))
		return nil, errors.Join(err, lock.Close())
	}
	holder := fmt.Sprintf("%q (process %d)", strings.Join(os.Args[1:min(2, len(os.Args))], ""), os.Getpid())
	if err := os.WriteFile(lock.Name(), []byte(holder), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the work folder: %w", err), lock.Close())
	}
	return lock, nil
}

// recover completes an interrupted publish, and empties the other folders.
func (w *workFolder) recover() error {
	if _, err := os.Stat(w.path(lakeFolder)); errors.Is(err, os.ErrNotExist) {
		// Either an earlier process was killed between the two renames in publish, or this is the first run.
		if err := os.Rename(w.path(oldFolder), w.path(lakeFolder)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("restore the last data lake: %w", err)
		}
	}
	// A process that replaced a lake with a new one was killed before it renamed the replaced one.
	if _, err := os.Stat(w.path(previousFolder)); errors.Is(err, os.ErrNotExist) {
		if err := w.keepPrevious(); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(w.path(oldFolder)); err != nil {
		return fmt.Errorf("clear the work folder: %w", err)
	}
	return errors.Join(w.clear(nextFolder), w.clear(logFolder))
}

// clear replaces a subfolder with an empty one.
func (w *workFolder) clear(name string) error {
	if err := errors.Join(os.RemoveAll(w.path(name)), os.MkdirAll(w.path(name), 0o700)); err != nil {
		return fmt.Errorf("clear the work folder: %w", err)
	}
	return nil
}

// publish replaces the data lake with the one in nextFolder. If that is a new data lake, the replaced one is kept in previousFolder.
func (w *workFolder) publish(isNew bool) error {
	if isNew { // first, because it can take long, and recover keeps the replaced data lake only if previousFolder does not exist
		if err := os.RemoveAll(w.path(previousFolder)); err != nil {
			return fmt.Errorf("publish the data lake: %w", err)
		}
	}
	if err := os.Rename(w.path(lakeFolder), w.path(oldFolder)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("publish the data lake: %w", err)
	}
	if err := os.Rename(w.path(nextFolder), w.path(lakeFolder)); err != nil {
		return fmt.Errorf("publish the data lake: %w", err)
	}
	if isNew {
		return w.keepPrevious()
	}
	// The rename makes the deletion safe: recover does not mistake a partly deleted data lake for one to keep.
	if err := os.Rename(w.path(oldFolder), w.path(nextFolder)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("publish the data lake: %w", err)
	}
	return os.RemoveAll(w.path(nextFolder))
}

// keepPrevious keeps the data lake that publish replaced with a new one. Before the first data lake, there is none.
func (w *workFolder) keepPrevious() error {
	if err := os.Rename(w.path(oldFolder), w.path(previousFolder)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("keep the previous data lake: %w", err)
	}
	return nil
}

// close deletes the unpublished data lake and unlocks the folder.
func (w *workFolder) close() error {
	return errors.Join(os.RemoveAll(w.path(nextFolder)), w.lock.Close())
}

func (w *workFolder) path(name string) string { return filepath.Join(w.dir, name) }
