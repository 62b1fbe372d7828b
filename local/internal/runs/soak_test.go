package runs

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/stepfunctions"
)

var (
	soakRuns = flag.Int("runs", 5, "number of runs of TestSoak")
	soakSeed = flag.Uint64("seed", 1, "seed of the first test environment of TestSoak")
	soakEnvs = flag.Int("envs", 1, "number of parallel test environments of TestSoak, which share the runs")
)

// changing returns tables whose schema changes: users gains and loses a column and sometimes has a wider type, orders is sometimes empty
// and sometimes has a wider type, RDS skips audit on some days, and a seasonal table exists for some days.
func changing(day int) []table {
	tables := usual(day)
	tables[0] = audit(day, day%7 > 2)
	for i := range tables {
		switch t := &tables[i]; {
		case t.Name == "users" && day%6 >= 3:
			t.Columns = append(t.Columns, export.Column{Name: "nickname", Type: "varchar", CharLength: 20})
			for i := range t.rows {
				t.rows[i], t.shown[i] = append(t.rows[i], "あだ名"), append(t.shown[i], "あだ名")
			}
		case t.Name == "users" && day%6 == 0:
			t.Columns[3].Type, t.Columns[3].Precision = "bigint", 19
		case t.Name == "orders" && day%5 == 4:
			t.rows, t.shown = nil, nil
		case t.Name == "orders" && day%5 >= 2:
			t.Columns[1].Type, t.Columns[1].Precision = "bigint", 19
		}
	}
	if day%4 == 3 {
		return tables
	}
	season := table{Table: export.Table{Database: shopDatabase, Name: fmt.Sprintf("tmp_season_%d", day/4%3), Columns: []export.Column{
		{Name: "day", Type: "smallint", Precision: 5}, {Name: "title", Type: "text"},
	}}, rows: [][]string{{fmt.Sprint(day), "感謝祭"}}}
	season.shown = season.rows
	return append(tables, season)
}

// TestSoak executes runs with random faults, some of them in parallel, against a changing database. The invariants of the matrix must hold
// after each run.
func TestSoak(t *testing.T) {
	t.Parallel()
	for i := range *soakEnvs {
		seed := *soakSeed + uint64(i)
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			soakEnv(t, seed, *soakRuns / *soakEnvs)
		})
	}
}

func soakEnv(t *testing.T, seed uint64, runsOfEnv int) {
	w, err := openEnv(t.Context(), seed, changing, keep+2)
	must(t, err)
	defer func() { must(t, w.close()) }()
	calls, invocations := w.calls, w.invocations
	random := rand.New(rand.NewPCG(seed, 0))
	var struck, redrives int
	for i := range runsOfEnv {
		faults := randomFaults(random, calls, invocations)
		runs := 1
		if random.IntN(4) == 0 {
			runs += 1 + random.IntN(3)
		}
		wrong, strikes, n := w.soak(t, faults, runs)
		struck += strikes
		redrives += n
		if len(wrong) > 0 {
			t.Fatalf("run %d, with %v: %s\nreproduce it with: make soak RUNS=%d SEED=%d ENVS=1",
				i+1, faults, strings.Join(wrong, "\n    "), i+1, seed)
		}
		if (i+1)%100 == 0 {
			t.Logf("%d runs: %s", i+1, w.size(t))
		}
	}
	t.Logf("%d runs with seed %d: %d faults injected, %d redrives; %s", runsOfEnv, seed, struck, redrives, w.size(t))
}

// randomFaults returns up to three faults.
func randomFaults(random *rand.Rand, calls []cloud.Call, invocations []string) []fault.Fault {
	pools := [][]scenario{ofCalls(calls), ofFunctions(invocations), ofWork()}
	var faults []fault.Fault
	for range random.IntN(4) {
		pool := pools[random.IntN(len(pools))]
		if s := pool[random.IntN(len(pool))]; !s.lasting {
			faults = append(faults, s.faults...)
		}
	}
	return faults
}

// mostRedrives is the maximum number of redrives of a run: one for each fault, plus one.
const mostRedrives = 4

// soak starts runs with faults, each with the next snapshot a few minutes later, and redrives them until they succeed.
func (w *testEnv) soak(t *testing.T, faults []fault.Fault, runs int) (wrong []string, struck, redrives int) {
	t.Helper()
	ctx := t.Context()
	w.plan(faults)
	arns, err := w.beginAll(ctx, runs)
	if err != nil {
		return []string{err.Error()}, 0, 0
	}
	var execution stepfunctions.Execution
	for _, arn := range arns {
		execution, err = w.ended(ctx, arn)
		for n := 0; err == nil && execution.Status != stepfunctions.Succeeded && n < mostRedrives; n++ {
			if execution.Status == stepfunctions.TimedOut {
				err = cancelExport(ctx, w)
			}
			if err == nil {
				execution, err = w.redrive(ctx, execution.ARN)
			}
			redrives++
		}
		if err == nil && execution.Status != stepfunctions.Succeeded {
			err = fmt.Errorf("%s ended with status %s: %s: %s", arn, execution.Status, execution.Error, execution.Cause)
		}
		if err != nil {
			return []string{err.Error()}, 0, redrives
		}
	}
	if runs > 1 { // the checks of the views assume that runs do not overlap
		stored, err := w.storedExports()
		must(t, err)
		w.published, w.views.wrong = stored.published[1:], nil
	}
	exports, strikes := 1, w.faults.Injected()
	w.faults.Set()
	for _, s := range strikes {
		if s.Target == "export" || hidesObjects(s) { // if objects are missing, a redrive exports again
			exports++
		}
	}
	return w.wrong(ctx, execution, exports, true), len(strikes), redrives
}

// beginAll starts several runs on one day.
func (w *testEnv) beginAll(ctx context.Context, runs int) (arns []string, err error) {
	ctx, release := w.clock.Hold(ctx)
	defer release()
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	arns = []string{w.newest()}
	for len(arns) < runs {
		if err := w.clock.Sleep(ctx, 3*time.Minute); err != nil {
			return nil, err
		}
		if err := w.RDS.Backup(ctx, instance); err != nil {
			return nil, err
		}
		arns = append(arns, w.newest())
	}
	return arns, nil
}

// size describes what is stored, and the memory and files in use.
func (w *testEnv) size(t *testing.T) string {
	t.Helper()
	objects, err := w.Store.List(w.Bucket, "exports/")
	must(t, err)
	tables, err := w.Glue.Tables(t.Context(), crawledDatabase)
	must(t, err)
	views, err := w.Glue.Tables(t.Context(), viewDatabase)
	must(t, err)
	versions := 0
	for _, view := range views {
		n, err := w.versions(t.Context(), view.Name)
		must(t, err)
		versions += n
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return fmt.Sprintf("%d objects of exports, %d crawled tables, %d versions of %d views, %d MiB of heap, %d open files",
		len(objects), len(tables), versions, len(views), memory.HeapInuse>>20, openFiles())
}

// openFiles returns the number of open files of this process.
func openFiles() int {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0 // not on Linux
	}
	return len(files)
}
