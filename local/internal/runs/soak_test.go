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
	soakRuns   = flag.Int("runs", 5, "number of runs of TestSoak")
	soakSeed   = flag.Uint64("seed", 1, "seed of the first world of TestSoak")
	soakWorlds = flag.Int("worlds", 1, "number of worlds of TestSoak, which share the runs and run in parallel")
)

// changing are the tables of a shop that is rebuilt while it is open: users gains and loses a column and has a wider type some
// days, orders is empty in some and has a wider type in others, RDS skips audit for some days, and a table of the season comes, stays
// for a while and goes.
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

// TestSoak executes runs with random faults, several at the same time, over a database that changes. The invariants of the matrix hold
// after each run.
func TestSoak(t *testing.T) {
	t.Parallel()
	for i := range *soakWorlds {
		seed := *soakSeed + uint64(i)
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			soakWorld(t, seed, *soakRuns / *soakWorlds)
		})
	}
}

func soakWorld(t *testing.T, seed uint64, runsOfWorld int) {
	w, err := openWorld(t.Context(), seed, changing, keep+2)
	must(t, err)
	defer func() { must(t, w.close()) }()
	calls, invocations := w.calls, w.invocations
	random := rand.New(rand.NewPCG(seed, 0))
	var struck, redrives int
	for i := range runsOfWorld {
		faults := mishaps(random, calls, invocations)
		runs := 1
		if random.IntN(4) == 0 {
			runs += 1 + random.IntN(3)
		}
		wrong, strikes, n := w.soak(t, faults, runs)
		struck += strikes
		redrives += n
		if len(wrong) > 0 {
			t.Fatalf("run %d, with %v: %s\nrepeat it with: make soak RUNS=%d SEED=%d WORLDS=1", i+1, faults, strings.Join(wrong, "\n    "), i+1, seed)
		}
		if (i+1)%100 == 0 {
			t.Logf("%d runs: %s", i+1, w.size(t))
		}
	}
	t.Logf("%d runs of seed %d: %d faults struck, %d redrives; %s", runsOfWorld, seed, struck, redrives, w.size(t))
}

// mishaps are up to three faults.
func mishaps(random *rand.Rand, calls []cloud.Call, invocations []string) []fault.Fault {
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

// mostRedrives is how often a run of several faults is redriven: once for each, and once more.
const mostRedrives = 4

// soak starts runs with faults, each with the next snapshot some minutes after the one before, and redrives them until they succeed.
func (w *world) soak(t *testing.T, faults []fault.Fault, runs int) (wrong []string, struck, redrives int) {
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
			err = fmt.Errorf("%s ended %s: %s: %s", arn, execution.Status, execution.Error, execution.Cause)
		}
		if err != nil {
			return []string{err.Error()}, 0, redrives
		}
	}
	if runs > 1 { // the watch knows only what one run after the other may show
		lake, err := w.lake()
		must(t, err)
		w.published, w.views.wrong = lake.published[1:], nil
	}
	exports, strikes := 1, w.faults.Injected()
	w.faults.Set()
	for _, s := range strikes {
		if s.Fault.Target == "export" || hidesObjects(s.Fault) { // a redrive that misses objects exports once more
			exports++
		}
	}
	return w.wrong(ctx, execution, exports, true), len(strikes), redrives
}

// beginAll starts runs of one day.
func (w *world) beginAll(ctx context.Context, runs int) (arns []string, err error) {
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

// size is what is stored, and the memory that all of it takes.
func (w *world) size(t *testing.T) string {
	t.Helper()
	objects, err := w.Store.List(w.Bucket, "exports/")
	must(t, err)
	tables, err := w.Glue.Tables(t.Context(), crawledDatabase)
	must(t, err)
	views, err := w.Glue.Tables(t.Context(), viewDatabase)
	must(t, err)
	versions := 0
	for _, view := range views {
		n, err := w.Glue.Versions(viewDatabase, view.Name)
		must(t, err)
		versions += n
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return fmt.Sprintf("%d objects of exports, %d crawled tables, %d versions of %d views, %d MiB of heap, %d open files",
		len(objects), len(tables), versions, len(views), memory.HeapInuse>>20, openFiles())
}

// openFiles is how many files this process has open.
func openFiles() int {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0 // not on Linux
	}
	return len(files)
}
