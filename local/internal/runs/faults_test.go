package runs

import (
	"fmt"
	"slices"
	"strings"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/fault"
)

// sameInEachCall lists the faults that a function handles in the same way for every call of an operation. The SDK retries the call, waits
// for the response, or ignores the fault.
var sameInEachCall = []fault.Kind{
	fault.Throttle, fault.ServerError, fault.DropBefore, fault.DropAfter, fault.Slow, fault.Hang, fault.UnknownFields,
}

// transient lists the faults in sameInEachCall after which the SDK retries the call. Each is injected once, and in another scenario into
// every attempt of the SDK.
var transient = []fault.Kind{fault.Throttle, fault.ServerError, fault.DropBefore, fault.DropAfter}

// sdkTries is the number of times that the SDK attempts a call.
const sdkTries = 3

// ofCalls returns the scenarios for the calls of a run without faults: each call with each fault that fits it, unless another scenario
// leaves the same state behind.
func ofCalls(calls []cloud.Call) []scenario {
	var all []scenario
	count, last := map[string]int{}, map[string]int{}
	for i, c := range calls {
		last[c.Role+callOf(c)] = i
	}
	seen := map[string]bool{}
	for i, c := range calls {
		target, site := callOf(c), c.Role+callOf(c)
		count[target]++
		n := count[target]
		first, final := !seen[site], last[site] == i
		seen[site] = true
		if isPoll(c) && !first && !final || target == "athena.GetQueryExecution" && n > count["athena.StartQueryExecution"] {
			continue // the number of polls by CreateViews depends on the speed of the machine
		}
		add := func(to int, kind fault.Kind, lasting bool) {
			all = append(all, scenario{faults: []fault.Fault{{Target: target, From: n, To: to, Kind: kind}}, lasting: lasting, exports: 1})
		}
		for _, kind := range fault.KindsOf(c.Service, c.Operation) {
			if first || final && isCode(kind) || fitsEachCall(c, kind) {
				add(n, kind, false)
			}
			if first && slices.Contains(transient, kind) {
				add(n+sdkTries-1, kind, false)
			}
		}
		if first { // the service is unavailable for an hour
			add(n+1000, fault.ServerError, true)
		}
	}
	return all
}

func callOf(c cloud.Call) string { return c.Service + "." + c.Operation }

// isPoll reports whether a call polls an export or a crawl.
func isPoll(c cloud.Call) bool {
	return strings.Contains(c.Role, "CheckExport") && c.Operation == "DescribeExportTasks" ||
		strings.Contains(c.Role, "CheckCrawler") && c.Operation == "GetCrawler"
}

// isCode reports whether a kind is an error code of AWS.
func isCode(kind fault.Kind) bool { return kind[0] >= 'A' && kind[0] <= 'Z' }

// fitsEachCall reports whether a fault is injected into each call of an operation, and not only into a function's first call. Faults that
// kill the function are injected into each call that has an effect, to cover every state that can be left behind.
func fitsEachCall(c cloud.Call, kind fault.Kind) bool {
	if kind == fault.KillBefore || kind == fault.KillAfter {
		return !strings.HasPrefix(c.Operation, "Get") && !strings.HasPrefix(c.Operation, "List") && !strings.HasPrefix(c.Operation, "Describe")
	}
	return !isCode(kind) && !slices.Contains(sameInEachCall, kind)
}

// ofFunctions returns the scenarios for the first and the last invocation of each function in a run without faults.
func ofFunctions(invocations []string) []scenario {
	var all []scenario
	count, last := map[string]int{}, map[string]int{}
	for _, name := range invocations {
		last[name]++
	}
	for _, name := range invocations {
		count[name]++
		if count[name] > 1 && count[name] < last[name] {
			continue
		}
		for _, kind := range []fault.Kind{
			fault.Throttle, fault.ServerError, fault.Kill, fault.KillLate, fault.Timeout, fault.TimeoutLate, fault.Memory, fault.TooLarge,
		} {
			all = append(all, scenario{faults: []fault.Fault{mustParse(fmt.Sprintf("lambda.%s:%d=%s", name, count[name], kind))}, exports: 1})
			if count[name] == 1 {
				lasting := mustParse(fmt.Sprintf("lambda.%s:1-1000=%s", name, kind))
				all = append(all, scenario{faults: []fault.Fault{lasting}, exports: 1, lasting: true})
			}
		}
	}
	return all
}

// ofWork returns the scenarios for failures of exports, crawls and views.
func ofWork() []scenario {
	var all []scenario
	for _, kind := range []fault.Kind{
		fault.Failed, fault.FailedAssume, fault.FailedMetadata, fault.FailedPermission, fault.FailedKey, fault.FailedCredentials,
		fault.FailedBucket, fault.FailedRegion, fault.Canceled, fault.NoManifest, fault.CutManifest, fault.LostParts,
	} {
		all = append(all, scenario{faults: []fault.Fault{{Target: "export", From: 1, To: 1, Kind: kind}}, exports: 2})
	}
	all = append(all,
		scenario{faults: []fault.Fault{mustParse("export:1=stuck")}, exports: 2, helps: cancelExport},
		scenario{faults: []fault.Fault{mustParse("rds.StartExportTask:1-5=ExportTaskLimitReachedFault")}, exports: 1})
	for _, kind := range []fault.Kind{fault.Failed, fault.Cancelled, fault.OtherCrawl, fault.NoTables, fault.MissingTable} {
		all = append(all, scenario{faults: []fault.Fault{{Target: "crawl", From: 1, To: 1, Kind: kind}}, exports: 1})
	}
	for _, kind := range []fault.Kind{fault.Failed, fault.Retryable, fault.Cancelled} {
		all = append(all, scenario{faults: []fault.Fault{{Target: "view:users", From: 1, To: 1, Kind: kind}}, exports: 1})
	}
	for _, name := range []string{"coupons", "plans", "most_points", history, changes, freshness} {
		all = append(all, scenario{faults: []fault.Fault{{Target: "view:" + name, From: 1, To: 1, Kind: fault.Failed}}, exports: 1})
	}
	return all
}

func mustParse(text string) fault.Fault {
	f, err := fault.Parse(text)
	if err != nil {
		panic(err)
	}
	return f
}
