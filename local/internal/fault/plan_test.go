package fault

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func planned(t *testing.T, texts ...string) []Fault {
	t.Helper()
	var all []Fault
	for _, text := range texts {
		f, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

// ask calls next n times and returns the kinds.
func ask(n int, next func() Kind) string {
	var got []string
	for range n {
		got = append(got, string(next()))
	}
	return strings.Join(got, " ")
}

func TestPlan_AffectsSelectedOccurrences(t *testing.T) {
	p := New(1, planned(t,
		"rds.StartExportTask:2=throttle", "rds.StartExportTask:1-3=5xx", "glue.GetCrawler=stale", "lambda.CheckExport:1=kill",
		"export:2=failed", "crawl:1=other-crawl", "view:users=failed", "view:orders:1=cancelled")...)
	for name, test := range map[string]struct {
		next func() Kind
		want string
	}{
		"first of two faults": {func() Kind { return p.Call("rds", "StartExportTask") }, "5xx throttle 5xx "},
		"every occurrence":    {func() Kind { return p.Call("glue", "GetCrawler") }, "stale stale stale stale"},
		"no fault":            {func() Kind { return p.Call("glue", "GetTables") }, "   "},
		"function":            {func() Kind { return p.Invocation("checkexport") }, "kill   "},
		"export":              {p.Export, " failed  "},
		"crawl":               {p.Crawl, "other-crawl   "},
		"view":                {func() Kind { return p.View("Users") }, "failed failed failed failed"},
		"another view":        {func() Kind { return p.View("orders") }, "cancelled   "},
	} {
		if got := ask(4, test.next); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestInjected_ReturnsFailures(t *testing.T) {
	p := New(1, planned(t, "rds.StartExportTask:2-3=5xx", "lambda.Notify=kill")...)
	ask(4, func() Kind { return p.Call("rds", "StartExportTask") })
	p.Invocation("notify")
	if diff := cmp.Diff("[rds.StartExportTask:2=5xx rds.StartExportTask:3=5xx lambda.Notify:1=kill]", fmt.Sprint(p.Injected())); diff != "" {
		t.Error(diff)
	}
	p.Set(planned(t, "rds.StartExportTask:1=throttle")...)
	if got := p.Injected(); len(got) > 0 {
		t.Errorf("new faults are already injected: %v", got)
	}
	if got := ask(2, func() Kind { return p.Call("rds", "StartExportTask") }); got != "throttle " {
		t.Errorf("with new faults, got %q", got)
	}
}

func TestPlan_DrawsPercentageBySeed(t *testing.T) {
	const calls = 1000
	shares := planned(t, "rds.DescribeExportTasks:10%=throttle", "glue.GetCrawler:10%=throttle")
	tasks := func(p *Plan) func() Kind { return func() Kind { return p.Call("rds", "DescribeExportTasks") } }
	one, other, third := New(1, shares...), New(1, shares...), New(2, shares...)
	got := ask(calls, tasks(one))
	if n := strings.Count(got, "throttle"); n < 70 || n > 130 {
		t.Errorf("%d of %d calls failed, want about a tenth", n, calls)
	}
	if again := ask(calls, func() Kind { other.Call("glue", "GetCrawler"); return tasks(other)() }); again != got {
		t.Error("calls of another operation change which calls fail")
	}
	if ask(calls, tasks(third)) == got {
		t.Error("the same calls fail with another seed")
	}
}

func TestPlan_IsEmptyIfNil(t *testing.T) {
	var p *Plan
	if p.Call("rds", "StartExportTask") != None || p.Invocation("prune") != None || p.Export() != None || p.Crawl() != None ||
		p.View("users") != None ||
		p.Plans(Stale, "glue", "GetTables") || p.Injected() != nil {
		t.Error("a nil Plan has a failure")
	}
}

func TestPlans_ReportsPlannedKinds(t *testing.T) {
	p := New(1, planned(t, "glue.GetTables:7=stale")...)
	if !p.Plans(Stale, "glue", "GetTables") || p.Plans(Stale, "glue", "GetCrawler") || p.Plans(Throttle, "glue", "GetTables") {
		t.Error("Plans is wrong for some kind or operation")
	}
}
