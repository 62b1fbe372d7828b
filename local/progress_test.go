package main

import (
	"testing"

	"snaplake/workflow"
)

func TestTrack_NamesSkippedTables(t *testing.T) {
	export := workflow.Export{Status: workflow.Complete, Tables: 12, EmptyTables: 1, Skipped: []string{"shop.shop.order lines"}}
	got := (&track{state: workflow.State{Export: &export}}).result("CheckExport")
	if want := "COMPLETE, 12 tables, 1 of them empty\nskipped by RDS: shop.shop.order lines"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
