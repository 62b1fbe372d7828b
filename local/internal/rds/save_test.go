package rds_test

import (
	"testing"

	"snaplake/local/internal/export"
	"snaplake/local/internal/rds"
	"snaplake/local/internal/source"
)

// For example, prune opens a data lake without databases, and run can open one of several.
func TestSave_KeepsStateOfDatabasesThatAreNotOpen(t *testing.T) {
	sample := func() export.Database {
		db, err := source.Open(t.Context(), "sample")
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	w := newEnv(t, sample())
	w.backup(t)
	saved, err := w.Save()
	if err != nil {
		t.Fatal(err)
	}
	without := newEnv(t, nil, func(o *rds.Options) { o.Databases = nil })
	if err := without.Load(saved); err != nil {
		t.Fatal(err)
	}
	again, err := without.Save()
	if err != nil {
		t.Fatal(err)
	}
	wantLines(t, []string{string(again)}, string(saved))
}
