package main

import "testing"

func TestOnlyChoosesBenchmarks(t *testing.T) {
	if all, err := choose(""); err != nil || len(all) != len(benchmarks()) {
		t.Errorf("got %d, %v", len(all), err)
	}
	if some, err := choose("^(waiting|cost)$"); err != nil || len(some) != 2 {
		t.Errorf("got %d, %v", len(some), err)
	}
	for only, want := range map[string]string{
		"nothing": `--only: "nothing" matches none of start, tables, waiting, cost, exporter, night, build`,
		"(":       "--only: error parsing regexp: missing closing ): `(`",
	} {
		if _, err := choose(only); err == nil || err.Error() != want {
			t.Errorf("got %v", err)
		}
	}
}
