package runs

import (
	"fmt"
	"slices"
	"strings"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/fault"
)

// alike are the faults that a function meets in the same way in each of its calls of an operation: what the SDK tries again, and
// what it waits for or passes over.
var alike = []fault.Kind{
	fault.Throttle, fault.ServerError, fault.DropBefore, fault.DropAfter, fault.Slow, fault.Hang, fault.UnknownFields,
}

// transient are those of them that the SDK tries again: once they are struck alone, and once as often as it tries.
var transient = []fault.Kind{fault.Throttle, fault.ServerError, fault.DropBefore, fault.DropAfter}

// sdkTries is how often the SDK makes a call.
const sdkTries = 3

// ofCalls returns the scenarios of the calls of a good run: each call with each fault that fits it, if that leaves behind what no
// other one does.
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
		if isLook(c) && !first && !final || target == "athena.GetQueryExecution" && n > count["athena.StartQueryExecution"] {
			continue // how often CreateViews looks at a statement depends on how fast this machine is
		}
		add := func(to int, kind fault.Kind, lasting bool) {
			all = append(all, scenario{faults: []fault.Fault{{Target: target, From: n, To: to, Kind: kind}}, lasting: lasting, exports: 1})
		}
		for _, kind := range fault.KindsOf(c.Service, c.Operation) {
			if first || final && isCode(kind) || strikesEach(c, kind) {
				add(n, kind, false)
			}
			if first && slices.Contains(transient, kind) {
				add(n+sdkTries-1, kind, false)
			}
		}
		if first { // an hour without the service
			add(n+1000, fault.ServerError, true)
		}
	}
	return all
}

func callOf(c cloud.Call) string { return c.Service + "." + c.Operation }

// isLook tells whether a call is one of those that look at the same thing again and again, until it is over.
func isLook(c cloud.Call) bool {
	return strings.Contains(c.Role, "CheckExport") && c.Operation == "DescribeExportTasks" || strings.Contains(c.Role, "CheckCrawler") && c.Operation == "GetCrawler"
}

// isCode tells whether a kind is an error code of AWS's.
func isCode(kind fault.Kind) bool { return kind[0] >= 'A' && kind[0] <= 'Z' }

// strikesEach tells whether a fault strikes each call of an operation, and not only the first of a function. What stops the
// function does, so that it leaves behind all that can be left: before and after each call that has an effect, and before each of
// the others.
func strikesEach(c cloud.Call, kind fault.Kind) bool {
	if kind == fault.KillBefore || kind == fault.KillAfter {
		return !strings.HasPrefix(c.Operation, "Get") && !strings.HasPrefix(c.Operation, "List") && !strings.HasPrefix(c.Operation, "Describe")
	}
	return !isCode(kind) && !slices.Contains(alike, kind)
}

// ofFunctions returns the scenarios of the invocations of a good run: of the first and the last of each function.
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
				all = append(all, scenario{faults: []fault.Fault{mustParse(fmt.Sprintf("lambda.%s:1-1000=%s", name, kind))}, exports: 1, lasting: true})
			}
		}
	}
	return all
}

// ofWork are the scenarios of what RDS, the crawler and Athena do by themselves.
func ofWork() []scenario {
	var all []scenario
	for _, kind := range []fault.Kind{
		fault.Failed, fault.FailedAssume, fault.FailedMetadata, fault.FailedPermission, fault.FailedKey, fault.FailedCredentials, fault.FailedBucket,
		fault.FailedRegion, fault.Canceled, fault.NoManifest, fault.CutManifest, fault.LostParts,
	} {
		all = append(all, scenario{faults: []fault.Fault{{Target: "export", From: 1, To: 1, Kind: kind}}, exports: 2})
	}
	all = append(all,
		scenario{faults: []fault.Fault{mustParse("export:1=stuck")}, exports: 2, helps: cancelExport},
		scenario{faults: []fault.Fault{mustParse("rds.StartExportTask:1-5=ExportTaskLimitReachedFault")}, exports: 1})
	for _, kind := range []fault.Kind{fault.Failed, fault.Cancelled, fault.Foreign, fault.NoTables, fault.OneTableLess} {
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
