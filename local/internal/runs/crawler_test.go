package runs

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/stepfunctions"
)

// TestCrawler_RunsOfOneSourceAllEnd redrives runs of one source that failed in CheckCrawler, each with its own snapshot, and makes
// further crawls fail. All runs share one crawler. Each run must succeed, and the number of crawls is limited.
func TestCrawler_RunsOfOneSourceAllEnd(t *testing.T) {
	t.Parallel()
	all := interleavings()
	if !*whole {
		all = []interleaving{{2, 70 * time.Second, []int{1}}, {3, 0, []int{2, 3}}, {20, 0, nil}}
	}
	var crawls atomic.Int64
	t.Cleanup(func() { t.Logf("%d interleavings: %d crawls, 0 endless", len(all), crawls.Load()) })
	for _, i := range all {
		t.Run(i.String(), func(t *testing.T) {
			t.Parallel()
			w := mustOpen(t, usual)
			n := w.redriveAll(t, i)
			if most := i.mostCrawls(); n > most {
				t.Errorf("%d crawls, want at most %d", n, most)
			}
			crawls.Add(int64(n))
		})
	}
}

// interleaving describes when runs are redriven, and which crawls fail.
type interleaving struct {
	runs int
	// apart is the time between two redrives.
	apart time.Duration
	// failing lists the numbers of the crawls that fail. The first crawl after the redrives is number 1.
	failing []int
}

// mostCrawls returns the maximum number of crawls: one for each run, one for each failure, and one for each pair of runs that started a
// crawl at the same time.
func (i interleaving) mostCrawls() int { return 2*i.runs + len(i.failing) }

// interleavings returns the interleavings to test. They cover the period in which the runs poll and retry, in steps that are shorter than
// any wait.
func interleavings() []interleaving {
	var all []interleaving
	for _, failing := range [][]int{nil, {1}, {2}, {1, 2}, {2, 3}} {
		for apart := time.Duration(0); apart <= 4*time.Minute; apart += 15 * time.Second {
			for _, runs := range []int{2, 3} {
				all = append(all, interleaving{runs, apart, failing})
			}
		}
		for _, apart := range []time.Duration{0, 7 * time.Second, time.Minute, 90 * time.Second} {
			all = append(all, interleaving{20, apart, failing})
		}
	}
	return all
}

// redriveAll starts runs that fail in CheckCrawler, redrives them, and returns the number of crawls after the redrives.
func (w *testEnv) redriveAll(t *testing.T, i interleaving) (crawls int) {
	t.Helper()
	w.faults.Set(fault.Fault{Target: "crawl", From: 1, To: 1000, Kind: fault.Failed})
	arns, err := w.beginAll(t.Context(), i.runs)
	must(t, err)
	for _, arn := range arns {
		w.requireFailure(t, arn, "CrawlFailed")
	}

	ctx, release := w.clock.Hold(t.Context())
	var failing []fault.Fault
	for _, n := range i.failing {
		failing = append(failing, fault.Fault{Target: "crawl", From: n, To: n, Kind: fault.Failed})
	}
	w.faults.Set(failing...)
	w.mu.Lock()
	w.calls = nil
	w.mu.Unlock()
	for n, arn := range arns {
		if n > 0 {
			must(t, w.clock.Sleep(ctx, i.apart))
		}
		must(t, w.StepFunctions.RedriveExecution(arn, ""))
	}
	release()
	for _, arn := range arns {
		e, err := w.ended(t.Context(), arn)
		must(t, err)
		for n := 0; e.Status != stepfunctions.Succeeded; n++ {
			if e.Error != "CrawlFailed" || n > len(i.failing) {
				t.Fatalf("%s ended with status %s: %s: %s", arn, e.Status, e.Error, e.Cause)
			}
			e, err = w.redrive(t.Context(), arn)
			must(t, err)
		}
	}
	stored, err := w.storedExports()
	must(t, err)
	w.published = stored.published[1:]
	w.views.wrong = nil // ignores the violations while several runs published views
	for _, wrong := range w.views.mismatches(t.Context(), w.shop.newest()) {
		t.Error(wrong)
	}
	for _, c := range w.calls {
		if c.Operation == "StartCrawler" && c.Status == 200 {
			crawls++
		}
	}
	return crawls
}

func (i interleaving) String() string {
	return fmt.Sprintf("%d runs, redriven %v apart, crawls %v fail", i.runs, i.apart, i.failing)
}
