package main

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNumbersHaveThreeDigitsOrAllBeforeThePoint(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "1": 1, "12.3": 12.345, "1.23": 1.2345, "0.00123": 0.0012345, "0.5": 0.5, "1,234,568": 1234567.8, "-1,234": -1234.4, "100": 99.96, "NaN": math.NaN(),
	} {
		if got := number(v); got != want {
			t.Errorf("%g: got %s, want %s", v, got, want)
		}
	}
}

func TestFiguresKeepToTheirBounds(t *testing.T) {
	python := &peer{"Python", 300}
	for name, test := range map[string]struct {
		figure figure
		keeps  bool
	}{
		"without one":           {figure{Value: 7}, true},
		"at it":                 {figure{Value: 64, Bound: atMost(64)}, true},
		"above it":              {figure{Value: 65, Bound: atMost(64)}, false},
		"ratio at it":           {figure{Value: 30, Bound: atMostOfPeer(0.1), Peer: python}, true},
		"ratio above it":        {figure{Value: 31, Bound: atMostOfPeer(0.1), Peer: python}, false},
		"ratio not below it":    {figure{Value: 150, Bound: atLeastOfPeer(0.5), Peer: python}, true},
		"ratio below it":        {figure{Value: 149, Bound: atLeastOfPeer(0.5), Peer: python}, false},
		"a ratio without peer":  {figure{Value: 31, Bound: atMostOfPeer(0.1)}, false},
		"of nothing to nothing": {figure{Value: 0, Bound: atMostOfPeer(1), Peer: &peer{"nothing", 0}}, false},
	} {
		if got := test.figure.keeps(); got != test.keeps {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestTable(t *testing.T) {
	r := report{Machine: machine{OS: "linux", Arch: "arm64", Cores: 2, MemoryGB: 8, Go: "go1.26.8"}, Sections: []section{
		{Title: "Start", Figures: []figure{
			{Name: "start", Value: 20, Unit: "ms", Bound: atMostOfPeer(0.1), Peer: &peer{"Python", 400}},
			{Name: "size", Value: 5, Unit: "MB", Bound: atMost(4), Why: "it cannot be less."},
		}},
		{Title: "Rest", Figures: []figure{{Name: "polls", Value: 61, Bound: atMost(60)}}},
	}}
	want := `
0001-01-01, on 2 cores (linux/arm64), 8 GB of memory, go1.26.8.

| figure | measured | bound | peer | ratio |
|---|--:|--:|--:|--:|
| **Start** |  |  |  |  |
| start | 20 ms | ≤ 0.1 of the peer | 400 ms, Python | 0.05 |
| size | 5 MB (missed) | ≤ 4 MB |  |  |
| **Rest** |  |  |  |  |
| polls | 61 (missed) | ≤ 60 |  |  |

- size: it cannot be less.

`
	if diff := cmp.Diff(want, r.markdown()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	missed := r.missed()
	if len(missed) != 1 || missed[0].Error() != "Rest: polls, 61 (missed), ≤ 60" {
		t.Errorf("got %v", missed)
	}
	var out strings.Builder
	if err := r.Sections[0].print(&out); err != nil {
		t.Fatal(err)
	}
	const printed = `
Start (0.0 s)
  figure  measured       bound              peer            ratio
  start   20 ms          ≤ 0.1 of the peer  400 ms, Python  0.05
  size    5 MB (missed)  ≤ 4 MB                             
`
	if diff := cmp.Diff(printed, out.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
