package runs

import (
	"context"
	"flag"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/fault"
)

var (
	whole = flag.Bool("whole", false, "run the whole matrix of faults, and not a part")
	only  = flag.String("only", "", "run those scenarios of the whole matrix whose text matches this regular expression")
)

// part and partOfWork are how many scenarios are passed over for each one of the part: of calls and functions, and of the others.
const (
	part       = 90
	partOfWork = 4
)

// TestMatrix records the calls of a good run, then executes a run for each call with each fault that fits it.
func TestMatrix(t *testing.T) {
	t.Parallel()
	calls, invocations, notifying := record(t)
	all := append(ofCalls(calls), ofFunctions(invocations)...)
	all = append(all, ofNotifier(notifying)...)
	switch {
	case *only != "":
		all = matching(regexp.MustCompile(*only), append(all, ofWork()...))
	case *whole:
		all = append(all, ofWork()...)
	default:
		all = append(every(part, slices.DeleteFunc(all, scenario.isSlow)), every(partOfWork, ofWork())...)
	}
	began := time.Now()
	results := runAll(t, all)
	kinds := map[fault.Kind]bool{}
	redrives, lost := 0, 0
	for _, r := range results {
		for _, f := range r.faults {
			kinds[f.Kind] = true
		}
		redrives += len(r.failures)
		if len(r.wrong) > 0 {
			lost++
		}
	}
	t.Logf("matrix: %d calls, %d kinds of faults, %d runs, %d redrives, %d did not converge; %v",
		len(calls)+len(notifying), len(kinds), len(results), redrives, lost, time.Since(began).Round(time.Second))
	if *whole && *only == "" && !t.Failed() {
		compareTable(t, results)
	}
}

// record executes runs without faults until they delete as much as they create, and a failed one. It returns the calls of the last good
// run, and those of the notifier.
func record(t *testing.T) (calls []cloud.Call, invocations []string, notifying []cloud.Call) {
	t.Helper()
	w, err := openWorld(t.Context(), 1, usual, keep+2)
	must(t, err)
	defer func() { must(t, w.close()) }()
	calls, invocations = w.calls, w.invocations
	_, err = w.run(t.Context())
	must(t, err)
	calls = inBoth(calls, w.calls)
	for _, c := range calls {
		if fault.KindsOf(c.Service, c.Operation) == nil {
			t.Errorf("nothing can go wrong by plan with %s.%s: add it to the operations of package fault", c.Service, c.Operation)
		}
	}
	w.faults.Set(mustParse("export:1=failed"))
	_, err = w.run(t.Context())
	must(t, err)
	for _, c := range w.calls {
		again := slices.ContainsFunc(notifying, func(n cloud.Call) bool { return callOf(n) == callOf(c) })
		if strings.Contains(c.Role, "NotifyFunctionRole") && !again { // it makes each of its calls once, or the SDK has tried again
			notifying = append(notifying, c)
		}
	}
	return calls, invocations, notifying
}

// inBoth are those of one run's calls that another run makes, too. Where the machine is slow, the SDK makes a call a second time.
func inBoth(one, other []cloud.Call) []cloud.Call {
	made := map[string]int{}
	for _, c := range other {
		made[callOf(c)]++
	}
	return slices.DeleteFunc(one, func(c cloud.Call) bool {
		made[callOf(c)]--
		return made[callOf(c)] < 0
	})
}

// ofNotifier returns the scenarios of the notifier's calls, in runs that fail.
func ofNotifier(calls []cloud.Call) []scenario {
	all := append(ofCalls(calls), ofFunctions([]string{"notify"})...)
	for i := range all {
		all[i].faults = append([]fault.Fault{mustParse("export:1=failed")}, all[i].faults...)
		all[i].exports, all[i].notified = 2, true
	}
	return all
}

// every takes one of n, beginning with the first.
func every[T any](n int, all []T) []T {
	var some []T
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

func matching(pattern *regexp.Regexp, all []scenario) []scenario {
	return slices.DeleteFunc(all, func(s scenario) bool { return !pattern.MatchString(s.String()) })
}

// worlds is how many scenarios run at the same time, if each world has at least runsPerWorld of them. They mostly wait for the SDK's
// retries.
const (
	worlds       = 8
	runsPerWorld = 8
)

// runAll runs the scenarios, each in a world in which all was well before.
func runAll(t *testing.T, all []scenario) []result {
	t.Helper()
	results := make([]result, len(all))
	next := make(chan int)
	var running sync.WaitGroup
	for range min(worlds, 1+len(all)/runsPerWorld) {
		running.Go(func() {
			var w *world
			for i := range next {
				w = runOne(t, w, all[i], &results[i])
			}
			if w != nil {
				if err := w.close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	running.Wait()
	return results
}

// runOne runs a scenario in a world, or in a new one, and returns that world when all is well in it.
func runOne(t *testing.T, w *world, s scenario, r *result) *world {
	*r = result{scenario: s}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a run that hangs must not end the others
	defer cancel()
	var err error
	if w == nil {
		if w, err = openWorld(t.Context(), 1, usual, keep+1); err != nil {
			r.wrong = []string{err.Error()}
			t.Errorf("%v: %v", s, err)
			return nil
		}
	}
	if *r, err = w.try(ctx, s); err != nil {
		r.wrong = append(r.wrong, err.Error())
	}
	if len(r.wrong) > 0 {
		t.Errorf("%v: %s", s, strings.Join(r.wrong, "\n    "))
		if err := w.close(); err != nil {
			t.Error(err)
		}
		return nil
	}
	return w
}

func (w *world) operator() aws.CredentialsProvider {
	key := w.Operator
	return credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, "")
}
