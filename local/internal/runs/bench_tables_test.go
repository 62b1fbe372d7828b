package runs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/lambda"
	"snaplake/workflow"
)

// BenchmarkTables measures how the functions scale from 10 to 10,000 tables, with two exports, history and changes views, checks and
// user-defined views. With ten times as many tables, a function may make at most ten times as many calls.
func BenchmarkTables(b *testing.B) {
	functions := map[string]metrics{}
	var all metrics
	for tables := 10; tables <= 10_000; tables *= 10 {
		w := openBench(b, func(int) []table { return sameTables(tables) })
		all = w.useFunctions(tables)
		for _, i := range w.invocations {
			if functions[i.Function] == nil {
				functions[i.Function] = metrics{}
			}
			functions[i.Function].addUse(i, tables)
			all["GetTables"] += float64(count(i.calls, "glue", "GetTables"))
		}
		if tables == 10_000 {
			for name, m := range functions {
				f, err := w.Lambda.Function(w.config.Name + "-" + name)
				must(b, err)
				m["max-longest-s"], m["max-MB@10000"] = f.Timeout.Seconds()/2, float64(f.MemorySize/2)
			}
		}
	}
	for _, name := range functionNames {
		m := functions[name]
		if m == nil {
			continue // Notify, which is not invoked here
		}
		for tables := 100; tables <= 10_000; tables *= 10 {
			m[fmt.Sprintf("max-calls@%d", tables)] = 10 * m[fmt.Sprintf("calls@%d", tables/10)]
		}
		m["cpu-growth"], m["max-cpu-growth"] = m["cpu@10000"]/m["cpu@100"], 100
		report(b, name, m)
	}
	all["max-state-bytes"] = 4096
	report(b, "all", all)
}

// addUse adds an invocation in a run with this number of tables.
func (m metrics) addUse(i invocation, tables int) {
	took := i.Init + i.Duration
	if i.Function != "createviews" { // it stops after a fixed time and continues in its next invocation
		took = onLambda(i.Report, i.MemorySize)
	}
	at := func(metric string) string { return fmt.Sprintf("%s@%d", metric, tables) }
	m[at("calls")] += float64(len(i.calls))
	m[at("cpu")] = max(m[at("cpu")], i.CPU.Seconds())
	m[at("MB")] = max(m[at("MB")], megabytes(i.MaxMemory))
	m["longest-s"] = max(m["longest-s"], took.Seconds())
}

// useFunctions records the invocations of two exports and crawls, the first invocation of CreateViews, and an invocation of Prune that
// deletes the older export. It returns the size of the largest state and the limit for calls of GetTables.
func (w *bench) useFunctions(tables int) metrics {
	w.b.Helper()
	w.redeploy(func(f *lambda.Function) { f.Timeout = 30 * time.Second }, "createviews")
	// CheckCrawler and CreateViews list the tables of both exports. CreateViews also lists the views.
	pages := 4*pagesOf(tables) + w.pages(viewDatabase)
	w.faults.Set(fault.Fault{Target: "athena.StartQueryExecution", Kind: fault.Denied})
	w.endIn("CreateViews")
	w.forget("createviews")
	w.faults.Set(fault.Fault{Target: "lambda.createviews", From: 2, To: 99, Kind: fault.Timeout}) // only its first invocation is measured
	states := w.endIn("CreateViews", "Prune")
	w.forget("prune")
	w.keepNewest()
	pages += w.pages(crawledDatabase)
	for _, s := range w.config.Sources {
		pages += w.pages(s.Database())
	}
	w.prune(states[len(states)-1], tables)
	bytes := 0
	for _, s := range states {
		bytes = max(bytes, len(s))
	}
	return metrics{"state-bytes": float64(bytes), "max-GetTables": float64(pages)}
}

// endIn executes the run of the next snapshot. The last task of the run must be one of the given states. endIn returns the execution state
// before each task.
func (w *bench) endIn(last ...string) (states []string) {
	w.b.Helper()
	ended, err := w.run(w.b.Context())
	must(w.b, err)
	history, err := w.StepFunctions.History(w.newest())
	must(w.b, err)
	task := ""
	for _, e := range history {
		if e.Type == "TaskStateEntered" {
			task, states = e.Details.Name, append(states, e.Details.Input)
		}
	}
	if !slices.Contains(last, task) {
		w.b.Fatalf("the run ended in state %s: %s: %s", task, ended.Error, ended.Cause)
	}
	return states
}

// forget removes the invocations of a function, and all failed invocations, from the list of invocations.
func (w *bench) forget(function string) {
	w.invocations = slices.DeleteFunc(w.invocations, func(i invocation) bool {
		return i.Function == function || i.Function == "notify" || i.Status != "success"
	})
}

// keepNewest configures that only the newest export is kept, and deletes the views that read both exports.
func (w *bench) keepNewest() {
	w.b.Helper()
	must(w.b, w.deployLayer(w.b.Context(), func(s *workflow.Source) { s.Keep, s.History, s.Changes, s.Checks = 1, nil, nil, nil }))
	views, err := w.Glue.Tables(w.b.Context(), viewDatabase)
	must(w.b, err)
	for _, v := range views {
		if strings.HasSuffix(v.Name, "_history") || strings.HasSuffix(v.Name, "_changes") {
			must(w.b, w.Glue.DeleteTable(w.b.Context(), viewDatabase, v.Name))
		}
	}
}

// prune invokes Prune three days later and requires that the older export is deleted.
func (w *bench) prune(state string, tables int) {
	w.b.Helper()
	w.clock.Advance(72 * time.Hour)
	now := w.clock.Now()
	answer := w.invoke("prune", map[string]any{
		"state": json.RawMessage(state), "execution": workflow.Execution{Name: "bench", StartedAt: now, EnteredAt: now},
	})
	var pruned workflow.Pruned
	must(w.b, json.Unmarshal(answer, &pruned))
	if pruned.Exports != 1 || pruned.Tables != tables {
		w.b.Fatalf("prune deleted %d exports and %d tables, want 1 and %d", pruned.Exports, pruned.Tables, tables)
	}
}

// pages returns the number of GetTables calls that list a database.
func (w *bench) pages(database string) int {
	w.b.Helper()
	tables, err := w.Glue.Tables(w.b.Context(), database)
	must(w.b, err)
	return pagesOf(len(tables))
}

// pagesOf returns the number of pages for this number of tables. A page has up to 100 tables, and an empty database has one page.
func pagesOf(tables int) int { return max(1, (tables+99)/100) }
