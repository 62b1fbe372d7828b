package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChoose_ReturnsMatchingSections(t *testing.T) {
	for only, want := range map[string]int{"": len(sections()), "^(waiting|cost)$": 2, "nothing": 0, "(": 0} {
		if got, err := choose(only); len(got) != want || (err == nil) != (want > 0) {
			t.Errorf("%q: got %d sections, %v", only, len(got), err)
		}
	}
}

const output = `goos: linux
cpu: AMD EPYC
BenchmarkWaiting/10_h,_with_jumps-2   1   256 delay-s   720 max-delay-s   61.00 polls   60.00 max-polls
BenchmarkWrite-2   3   80283 ns/op   33406 min-rows/s   56497 rows/s
--- SKIP: BenchmarkMariaDB
PASS
`

func TestParse_ReadsNamesMetricsAndLimits(t *testing.T) {
	results, processor := parse([]byte(output))
	if processor != "AMD EPYC" {
		t.Errorf("processor %q", processor)
	}
	want := `| export | delay | polls | rate |
|---|--:|--:|--:|
| 10 h, with jumps | 256 (≤ 720) | 61 (≤ 60, missed) |  |
| Write |  |  | 56,497 (≥ 33,406) |
`
	got, err := table("export", column{"delay-s", "delay"}, column{"polls", "polls"}, column{"rows/s", "rate"})(results)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := table("export", column{"missing", "missing"})(results); err == nil {
		t.Error("no error for a column without values")
	}
	if errs := violations(results); len(errs) != 1 || !strings.Contains(errs[0].Error(), "10 h, with jumps: polls") {
		t.Errorf("missed: %v", errs)
	}
}

func TestPart_ComparesAndWritesDocument(t *testing.T) {
	p := part{document: filepath.Join(t.TempDir(), "cost.md"), name: "run"}
	const before, after = "# Cost\n\n<!-- make bench wrote this: run -->\n\n", "\n<!-- End of run. -->\n\nMore.\n"
	documented := "| 55 transitions | about 1.3 GB-seconds |\n"
	if err := os.WriteFile(p.document, []byte(before+documented+after), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, current := range map[string]bool{
		documented: true,
		"| 55 transitions | about 1,234.5 GB-seconds |\n": true,
		"| 56 transitions | about 1.3 GB-seconds |\n":     false,
		documented + "| 1 trace |\n":                      false,
		"":                                                false,
	} {
		if err := p.compare(text); (err == nil) != current {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := p.write("| 56 |\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(p.document); string(got) != before+"| 56 |\n"+after || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

func TestNumber_HasThreeSignificantDigits(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "12.3": 12.345, "0.00123": 0.0012345, "0.5": 0.5, "1,234,568": 1234567.8, "-1,234": -1234.4, "100": 99.96, "NaN": math.NaN(),
	} {
		if got := number(v); got != want {
			t.Errorf("%g: got %s, want %s", v, got, want)
		}
	}
}

func TestAddPrices_AddsCosts(t *testing.T) {
	priced := addPrices([]result{
		{"run", map[string]float64{"transitions": 500_000}},
		{"prune", map[string]float64{"ms@128": 1000, "ms@1024": 125}},
	})
	if got := priced[0].metrics["orchestration-usd"]; math.Abs(got-12.5) > 1e-9 || len(violations(priced)) != 1 {
		t.Errorf("500,000 transitions cost %v; outside limits: %v", got, violations(priced))
	}
	// 125,000 GB-seconds and a million requests.
	for _, unit := range []string{"usd@128", "usd@1024"} {
		if got, want := priced[1].metrics[unit], 125_000*0.0000133334+0.2; math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", unit, got, want)
		}
	}
}
