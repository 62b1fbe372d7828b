package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// lakeOf is what lies in the published lake of a work folder.
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
	if err := w.publish(); err != nil {
		t.Fatal(err)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheNewLakeTakesThePlaceOfTheOld(t *testing.T) {
	dir := t.TempDir()
	publishLake(t, dir, "night 1")
	publishLake(t, dir, "night 2")
	if got := lakeOf(t, dir); got != "night 2" {
		t.Errorf("got %s", got)
	}
}

func TestARunThatFailsLeavesTheLake(t *testing.T) {
	dir := t.TempDir()
	publishLake(t, dir, "night 1")
	w, err := openWork(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if got := lakeOf(t, dir); got != "night 1" {
		t.Errorf("got %s", got)
	}
}

func TestALakeIsNotLostBetweenTheTwoStepsOfPublishing(t *testing.T) {
	dir := t.TempDir()
	publishLake(t, dir, "night 1")
	if err := os.Rename(filepath.Join(dir, lakeFolder), filepath.Join(dir, oldFolder)); err != nil { // and killed there
		t.Fatal(err)
	}
	w, err := openWork(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if got := lakeOf(t, dir); got != "night 1" {
		t.Errorf("got %s", got)
	}
}

func TestWorkFolder_IsClosedToOtherUsers(t *testing.T) {
	wide := func(dir string, files ...string) {
		t.Helper()
		for _, file := range files {
			path := filepath.Join(dir, file)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	own, shared := t.TempDir(), t.TempDir()
	files := []string{"lock", "run.json", "serve.json", "lake/lake.json", "lake/buckets/b/exports/1.parquet", "serve/lake.old/lake.json"}
	wide(own, files...)
	wide(shared, append(files, "tool/run")...)
	if err := os.Symlink(filepath.Join(shared, "tool", "run"), filepath.Join(shared, "lake", "link")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{own, shared} {
		w, err := openWork(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer w.close()
	}
	requireClosed(t, own)
	requireClosed(t, filepath.Join(shared, "serve"))
	for _, path := range []string{shared, filepath.Join(shared, "tool"), filepath.Join(shared, "tool", "run")} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o044 != 0o044 {
			t.Errorf("%s, which may be others', has the mode %v: %v", path, info.Mode(), err)
		}
	}
}
