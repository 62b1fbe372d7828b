package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// lakeOf returns the content of the published data lake in a work folder.
func lakeOf(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, lakeFolder, "of"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func publishLake(t *testing.T, dir, content string) {
	t.Helper()
	w, err := openWork(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.path(nextFolder), "of"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.publish(false); err != nil {
		t.Fatal(err)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenWork_RefusesFolderOfAnotherProgram(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, logFolder, "own.log")
	if err := errors.Join(os.Mkdir(filepath.Dir(own), 0o700), os.WriteFile(own, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := openWork(dir); err == nil || err.Error() != dir+` contains "logs", which this command would replace; choose another folder with --dir` {
		t.Errorf("got error %v", err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*", "*")); len(files) != 1 || err != nil {
		t.Errorf("the folder contains %v, %v", files, err)
	}
}

func TestOpenWork_AcceptsOtherFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "bench.txt") // make bench writes it to .local
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := openWork(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
}

func TestWorkFolder_ReplacesLakeOnPublish(t *testing.T) {
	dir := t.TempDir()
	publishLake(t, dir, "run 1")
	publishLake(t, dir, "run 2")
	if got := lakeOf(t, dir); got != "run 2" {
		t.Errorf("got %s", got)
	}
}

func TestWorkFolder_KeepsLakeWithoutPublish(t *testing.T) {
	dir := t.TempDir()
	publishLake(t, dir, "run 1")
	w, err := openWork(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if got := lakeOf(t, dir); got != "run 1" {
		t.Errorf("got %s", got)
	}
}

func TestWorkFolder_KeepsReplacedLakeOfInterruptedPublish(t *testing.T) {
	dir := t.TempDir()
	publishLake(t, dir, "sample")
	w, err := openWork(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.publish(true), w.close()); err != nil {
		t.Fatal(err)
	}
	// This is the state after a process was killed between the last two renames in publish.
	if err := os.Rename(filepath.Join(dir, previousFolder), filepath.Join(dir, oldFolder)); err != nil {
		t.Fatal(err)
	}
	if w, err = openWork(dir); err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if b, err := os.ReadFile(filepath.Join(dir, previousFolder, "of")); string(b) != "sample" {
		t.Errorf("the previous lake contains %q, %v", b, err)
	}
}

func TestWorkFolder_RecoversLakeOfInterruptedPublish(t *testing.T) {
	dir := t.TempDir()
	publishLake(t, dir, "run 1")
	// This is the state after a process was killed between the two renames in publish.
	if err := os.Rename(filepath.Join(dir, lakeFolder), filepath.Join(dir, oldFolder)); err != nil {
		t.Fatal(err)
	}
	w, err := openWork(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if got := lakeOf(t, dir); got != "run 1" {
		t.Errorf("got %s", got)
	}
}
