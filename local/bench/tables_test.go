package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/lambda"
	"snaplake/workflow"
)

// nightsOf are nights whose functions need as much as given at each size.
func nightsOf(calls ...int) []*tablesNight {
	var nights []*tablesNight
	for i, count := range calls {
		n := &tablesNight{tables: []int{10, 100, 1000, 10_000}[i], used: map[string]*usage{}, record: workflow.Record{Views: &workflow.Views{}}}
		for _, function := range []string{"prune", "createviews"} {
			n.used[function] = &usage{
				deployed: lambda.Function{Timeout: time.Minute, MemorySize: 256}, invocations: 1,
				longest: time.Second, cpu: time.Second, memory: 20 << 20, calls: map[string]int{"GetTables": 1},
			}
		}
		n.used["prune"].calls["DeleteObjects"] = count - 1
		nights = append(nights, n)
	}
	return nights
}

func TestNoFunctionMayCallMoreThanItsTablesGrow(t *testing.T) {
	for _, test := range []struct {
		atTenThousand int
		keeps         bool
	}{{1000, true}, {1001, false}} {
		nights := nightsOf(5, 10, 100, test.atTenThousand)
		figures := append(figuresOf("prune", nights), figuresOfAll(nights)...)
		for _, f := range figures {
			isOfCalls := strings.HasPrefix(f.Name, "prune: calls") || strings.HasPrefix(f.Name, "largest growth of calls")
			if isOfCalls && f.keeps() != test.keeps {
				t.Errorf("%d calls: %q", test.atTenThousand, f.cells())
			}
		}
		if name := "largest growth of calls with 10 times the tables (prune, from 100 to 1,000)"; test.keeps &&
			!slices.ContainsFunc(figures, func(f figure) bool { return f.Name == name }) {
			t.Errorf("no %q in %v", name, figures)
		}
	}
}
