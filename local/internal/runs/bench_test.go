package runs

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// functionNames lists the functions in the order in which a run invokes them, and then Notify.
var functionNames = []string{"findsnapshot", "startexport", "checkexport", "startcrawler", "checkcrawler", "createviews", "prune", "notify"}

// bench is a test environment for benchmarks. It records the functions' calls and resource use, and does not check the views.
type bench struct {
	*testEnv
	b *testing.B
	// invocations lists the finished invocations of all functions in order.
	invocations []invocation
	// pending lists the calls since the last invocation ended.
	pending []cloud.Call
}

// invocation is an invocation of a function, with the calls that the function made.
type invocation struct {
	lambda.Report
	calls []cloud.Call
}

// metrics maps units to values. "max-UNIT" is the upper limit of UNIT, and "min-UNIT" is the lower limit.
type metrics map[string]float64

// report reports one line of results, BenchmarkX/NAME, without the duration of the benchmark.
func report(b *testing.B, name string, m metrics) {
	b.Run(name, func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		for unit, value := range m {
			b.ReportMetric(value, unit)
		}
	})
}

// openBench starts a test environment with a database whose tables can differ from run to run.
func openBench(b *testing.B, tables func(run int) []table) *bench {
	b.Helper()
	stack, err := cloudformation.Load("../../../dist/cdk.test")
	must(b, err)
	w := &bench{b: b, testEnv: &testEnv{
		clock: clock.NewVirtual(time.Date(2026, 11, 1, 17, 5, 0, 0, time.UTC)), faults: fault.New(1), dir: b.TempDir(),
	}}
	w.shop = &shop{tables: tables, clock: w.clock}
	w.config, err = cloud.Configuration(stack)
	must(b, err)
	must(b, os.Mkdir(w.dir+"/logs", 0o755))
	w.Cloud, err = cloud.Open(cloud.Options{
		Stack: stack, Config: w.config, Functions: "../../../dist/bin", Dir: w.dir + "/lake", Logs: w.dir + "/logs",
		Databases: map[string]export.Database{source: w.shop}, Clock: w.clock, Faults: w.faults,
		Observe: w.observe, Called: w.called, Reported: w.reported,
	})
	must(b, err)
	b.Cleanup(func() { must(b, w.close()) })
	return w
}

func (w *bench) called(c cloud.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Role != "" {
		w.pending = append(w.pending, c)
	}
}

func (w *bench) reported(r lambda.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r.Function = strings.TrimPrefix(r.Function, w.config.Name+"-")
	w.invocations = append(w.invocations, invocation{r, w.pending})
	w.pending = nil
}

// mustRun executes the next snapshot's run, which must succeed, and returns its output.
func (w *bench) mustRun() (state workflow.State) {
	w.b.Helper()
	e, err := w.run(w.b.Context())
	must(w.b, err)
	if e.Status != stepfunctions.Succeeded {
		w.b.Fatalf("the run ended with status %s: %s: %s", e.Status, e.Error, e.Cause)
	}
	must(w.b, json.Unmarshal([]byte(e.Output), &state))
	return state
}

// invoke invokes a function, which must succeed, and returns its response.
func (w *bench) invoke(function string, request any) json.RawMessage {
	w.b.Helper()
	payload, err := json.Marshal(request)
	must(w.b, err)
	answer, err := w.Lambda.Invoke(w.b.Context(), w.config.Name+"-"+function, payload)
	must(w.b, err)
	if answer.FunctionError != "" {
		w.b.Fatalf("%s: %s", function, answer.Payload)
	}
	return answer.Payload
}

// redeploy changes functions. The next invocation of each function starts a new process.
func (w *bench) redeploy(change func(*lambda.Function), names ...string) {
	w.b.Helper()
	for _, name := range names {
		f, err := w.Lambda.Function(w.config.Name + "-" + name)
		must(w.b, err)
		change(&f)
		must(w.b, w.Lambda.Create(f))
	}
}

func unchanged(*lambda.Function) {}

// sameTables returns tables of 12 columns and 2 rows. The first table is users, which the configured views read.
func sameTables(tables int) []table {
	columns := []export.Column{
		{Name: "id", Type: "bigint", Precision: 20, Unsigned: true},
		{Name: "points", Type: "int", Precision: 10},
		{Name: "plan", Type: "char", CharLength: 8},
		{Name: "name", Type: "varchar", CharLength: 100},
		{Name: "note", Type: "text", CharLength: 65535},
		{Name: "price", Type: "decimal", Precision: 12, Scale: 2},
		{Name: "weight", Type: "double", Precision: 22},
		{Name: "is_active", Type: "tinyint", Precision: 3},
		{Name: "sold_on", Type: "date"},
		{Name: "details", Type: "json"},
		{Name: "created_at", Type: "datetime"},
		{Name: "updated_at", Type: "timestamp"},
	}
	rows := [][]string{
		{"1", "7919", "premium", "利用者1", "first", "1.25", "0.125", "1", "2026-11-01", `{"n":1}`, "2026-11-01 12:00:00", "2026-11-01 12:00:00"},
		{"2", "15838", "free", "利用者2", "second", "2.50", "0.250", "0", "2026-11-02", `{"n":2}`, "2026-11-02 12:00:00", "2026-11-02 12:00:00"},
	}
	all := make([]table, tables)
	for i := range all {
		all[i] = table{Table: export.Table{Database: shopDatabase, Name: fmt.Sprintf("t%05d", i+1), Columns: columns}, rows: rows}
	}
	all[0].Name = "users"
	return all
}

// BenchmarkRun measures a run with 1,000 tables after a run with 10 tables. CreateViews obeys Athena's rate limit in real
// time; all other waits are on the virtual clock.
func BenchmarkRun(b *testing.B) {
	w := openBench(b, func(run int) []table { return sameTables([]int{10, 1000}[run-1]) })
	w.mustRun()
	w.invocations = nil
	began := time.Now()
	w.mustRun()
	m := metrics{"run-s": time.Since(began).Seconds(), "max-run-s": 60}
	for _, i := range w.invocations {
		if i.Function == "createviews" {
			m["createviews-s"] += i.Duration.Seconds()
		}
		for _, c := range i.calls {
			if c.Operation == "StartQueryExecution" {
				m["statements"]++
			}
		}
	}
	// An account may start 80 statements at once, and 20 more per second (Athena User Guide, "Service Quotas").
	m["athena-s"] = max(0, m["statements"]-80) / 20
	report(b, "1,000 tables", m)
}
