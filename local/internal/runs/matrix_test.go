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
	whole = flag.Bool("whole", false, "run the whole matrix of faults instead of a part")
	only  = flag.String("only", "", "run only the scenarios of the whole matrix that match this regular expression")
)

// Without -whole, TestMatrix executes every 90th scenario of calls and functions, and every 4th of the other scenarios.
const (
	part       = 90
	partOfWork = 4
)

// TestMatrix records the calls of a run without faults, and then executes a run for each call with each fault that fits it.
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

// record executes runs without faults until each deletes as much as it creates, and then a failing run. It returns the calls and
// invocations of the last successful run, and the calls of Notify.
func record(t *testing.T) (calls []cloud.Call, invocations []string, notifying []cloud.Call) {
	t.Helper()
	w, err := openEnv(t.Context(), 1, usual, keep+2)
	must(t, err)
	defer func() { must(t, w.close()) }()
	calls, invocations = w.calls, w.invocations
	_, err = w.run(t.Context())
	must(t, err)
	calls = inBoth(calls, w.calls)
	for _, c := range calls {
		if fault.KindsOf(c.Service, c.Operation) == nil {
			t.Errorf("no faults are defined for %s.%s; add it to the operations of package fault", c.Service, c.Operation)
		}
	}
	w.faults.Set(mustParse("export:1=failed"))
	_, err = w.run(t.Context())
	must(t, err)
	for _, c := range w.calls {
		again := slices.ContainsFunc(notifying, func(n cloud.Call) bool { return callOf(n) == callOf(c) })
		if strings.Contains(c.Role, "NotifyFunctionRole") && !again { // Notify makes each call once; more calls are retries by the SDK
			notifying = append(notifying, c)
		}
	}
	return calls, invocations, notifying
}

// inBoth returns the calls of one run that the other run also makes. On a slow machine, the SDK may repeat a call.
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

// ofNotifier returns the scenarios for the calls of Notify, in runs that fail.
func ofNotifier(calls []cloud.Call) []scenario {
	all := append(ofCalls(calls), ofFunctions([]string{"notify"})...)
	for i := range all {
		all[i].faults = append([]fault.Fault{mustParse("export:1=failed")}, all[i].faults...)
		all[i].exports, all[i].notified = 2, true
	}
	return all
}

// every returns one of every n elements, starting with the first.
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

// envs is the maximum number of test environments that execute scenarios in parallel, if each executes at least runsPerEnv of them. Most
// of the time is spent waiting for the SDK's retries.
const (
	envs       = 8
	runsPerEnv = 8
)

// runAll executes the scenarios. An environment is reused only if its previous scenario violated no invariant.
func runAll(t *testing.T, all []scenario) []result {
	t.Helper()
	results := make([]result, len(all))
	next := make(chan int)
	var running sync.WaitGroup
	for range min(envs, 1+len(all)/runsPerEnv) {
		running.Go(func() {
			var w *testEnv
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

// runOne executes a scenario in an environment, or in a new one if w is nil. It returns the environment if no invariant was violated.
func runOne(t *testing.T, w *testEnv, s scenario, r *result) *testEnv {
	*r = result{scenario: s}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a hanging run must not stop the others
	defer cancel()
	var err error
	if w == nil {
		if w, err = openEnv(t.Context(), 1, usual, keep+1); err != nil {
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

func (w *testEnv) operator() aws.CredentialsProvider {
	key := w.Operator
	return credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, "")
}
