package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// definition is the part of the state machine that these tests check.
type definition struct {
	Comment        string
	TimeoutSeconds int
	States         map[string]struct {
		Type, Comment, Resource, ResultPath, Next, Default string
		Parameters                                         struct{ Payload map[string]any }
		ResultSelector                                     map[string]any
		TimeoutSeconds                                     int
		Retry                                              []retry
		Catch                                              any
		Choices                                            []struct{ StringEquals, Next string }
	}
}

type retry struct {
	ErrorEquals                                   []string
	IntervalSeconds, MaxAttempts, MaxDelaySeconds int
	BackoffRate                                   float64
	JitterStrategy                                string
}

func parseDefinition(t *testing.T) definition {
	t.Helper()
	var d definition
	if err := json.Unmarshal([]byte(Definition), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// errorTypes returns the names of the error types in errors.go.
func errorTypes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(gotoken.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for n := range ast.Preorder(file) {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			continue
		}
		if s, ok := spec.Type.(*ast.StructType); ok && len(s.Fields.List) == 1 && len(s.Fields.List[0].Names) == 0 {
			names = append(names, spec.Name.Name)
		}
	}
	slices.Sort(names)
	return names
}

// listedIn returns the errors that a comment lists after a given text.
func listedIn(comment, before string) []string {
	_, after, found := strings.Cut(comment, before)
	if !found {
		return []string{}
	}
	return strings.Split(after[:strings.IndexAny(after, ".:")], ", ")
}

func TestDefinition_ListsEachErrorTypeOnce(t *testing.T) {
	d := parseDefinition(t)
	ofAny := listedIn(d.Comment, "Any task may raise ")
	all := slices.Clone(ofAny)
	for state, s := range d.States {
		raised := listedIn(s.Comment, "Raises ")
		all = append(all, raised...)
		for _, retry := range s.Retry {
			for _, e := range retry.ErrorEquals {
				if !strings.Contains(e, ".") && !slices.Contains(append(raised, ofAny...), e) { // names of AWS errors contain a dot
					t.Errorf("%s retries %s, which its comment does not list", state, e)
				}
			}
		}
	}
	slices.Sort(all)
	if diff := cmp.Diff(errorTypes(t), all); diff != "" {
		t.Errorf("-errors.go +comments of the definition\n%s", diff)
	}
}

func TestRemedies_CoverErrorTypes(t *testing.T) {
	if diff := cmp.Diff(errorTypes(t), slices.Sorted(maps.Keys(remedies))); diff != "" {
		t.Errorf("-types +remedies\n%s", diff)
	}
}

func TestRemedies_AreInOperationsGuide(t *testing.T) {
	guide, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range remedies {
		if !strings.Contains(string(guide), r.Text) {
			t.Errorf("docs/operations.md does not contain the remedy for %s: %s", name, r.Text)
		}
	}
}

func TestRemedyFor_NeedsNewRunIfTextSaysSo(t *testing.T) {
	for text, want := range map[string]bool{
		"the snapshot was deleted; " + NoRedrive + " for another snapshot":              true,
		"A redrive does not export again: start a new execution without exportId":       true,
		"export x of a newer snapshot was published. Do not redrive: start another one": true,
		"RDS refuses it. Correct the source's setting \"tables\" and deploy":            false,
	} {
		if got, ok := RemedyFor("ExportRefused", text); !ok || got.NeedsNewRun != want {
			t.Errorf("%s: got %+v, %v", text, got, ok)
		}
	}
	if _, ok := RemedyFor("States.Timeout", ""); ok {
		t.Error("RemedyFor returns a remedy for States.Timeout")
	}
}

func TestLongestRun_IsTimeoutOfStateMachine(t *testing.T) {
	if d := parseDefinition(t); float64(d.TimeoutSeconds) != LongestRun.Seconds() {
		t.Errorf("the state machine times out after %v s, but LongestRun is %v", d.TimeoutSeconds, LongestRun)
	}
}

func TestDefinition_CatchesNoError(t *testing.T) {
	for state, s := range parseDefinition(t).States {
		if s.Catch != nil || s.Type == "Fail" {
			t.Errorf("%s catches errors or is a Fail state", state)
		}
	}
}

func TestDefinition_TasksRetryTransientErrorsAndTimeOut(t *testing.T) {
	want := []retry{
		{ErrorEquals: []string{"Unavailable"}, IntervalSeconds: 30, BackoffRate: 2, MaxAttempts: 6, MaxDelaySeconds: 600, JitterStrategy: "FULL"},
		{
			ErrorEquals:     []string{"Lambda.Unknown", "Runtime.ExitError", "Runtime.OutOfMemory", "Sandbox.Timedout", "States.Timeout"},
			IntervalSeconds: 30, BackoffRate: 2, MaxAttempts: 2,
		},
		{
			ErrorEquals: []string{"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException",
				"Lambda.ClientExecutionTimeoutException", "Lambda.TooManyRequestsException"},
			IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 8, MaxDelaySeconds: 120, JitterStrategy: "FULL",
		},
	}
	for state, s := range parseDefinition(t).States {
		if s.Type != "Task" {
			continue
		}
		if diff := cmp.Diff(want, s.Retry[max(0, len(s.Retry)-len(want)):]); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
		if s.TimeoutSeconds == 0 {
			t.Errorf("%s has no timeout", state)
		}
	}
}

// fieldsOf returns the keys of a value's JSON.
func fieldsOf(t *testing.T, v any) map[string]any {
	t.Helper()
	var fields map[string]any
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// Each ResultSelector must select exactly the fields of the type that the function returns.
func TestDefinition_ResultSelectorsMatchTheState(t *testing.T) {
	nouns := map[string]any{"$.snapshot": Snapshot{}, "$.export": Export{}, "$.crawl": Crawl{}, "$.views": Views{}, "$.pruned": Pruned{}}
	for state, s := range parseDefinition(t).States {
		if s.Type != "Task" {
			continue
		}
		want := map[string]any{}
		for f := range fieldsOf(t, nouns[s.ResultPath]) {
			want[f+".$"] = "$.Payload." + f
		}
		if state == "FindSnapshot" { // the definition adds the version, because a redrive keeps the definition
			delete(want, "version.$")
			want["version"] = float64(StateVersion)
		}
		if diff := cmp.Diff(want, s.ResultSelector); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
}

// Each payload must have exactly the keys that the function's request decodes.
func TestDefinition_PayloadsMatchTheRequests(t *testing.T) {
	for state, s := range parseDefinition(t).States {
		if s.Type != "Task" {
			continue
		}
		var want []string
		switch state {
		case "FindSnapshot":
			want = []string{"execution", "input.$"}
		case "CreateViews":
			want = []string{"execution", "input.$", "redrive.$", "state.$"}
		default:
			want = []string{"execution", "state.$"}
		}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(s.Parameters.Payload))); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
}

func TestDefinition_ChoicesCompareStatuses(t *testing.T) {
	d := parseDefinition(t)
	for state, want := range map[string]map[string]string{
		"IsExportComplete": {Complete: "StartCrawler", Restart: "StartExport", "": "WaitForExport"},
		"IsCrawlComplete":  {Succeeded: "CreateViews", Restart: "StartCrawler", "": "WaitForCrawler"},
		"ArePublished":     {Publishing: "CreateViews", Restart: "StartCrawler", RestartExport: "StartExport", "": "Prune"},
	} {
		got := map[string]string{"": d.States[state].Default}
		for _, c := range d.States[state].Choices {
			got[c.StringEquals] = c.Next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
	// After StartCrawler, the status is SUCCEEDED if the export was published before.
	for state, want := range map[string]string{"CheckExport": "IsExportComplete", "StartCrawler": "IsCrawlComplete", "CheckCrawler": "IsCrawlComplete", "CreateViews": "ArePublished"} {
		if next := d.States[state].Next; next != want {
			t.Errorf("the next state of %s is %s, want %s", state, next, want)
		}
	}
}

func TestErrorf_KeepsTextAndCause(t *testing.T) {
	cause := errors.New("AccessDenied")
	err := fmt.Errorf("handle: %w", Errorf[ExportFailed]("export %s: %w", "shop-20261121-1705-0", cause))
	failed, ok := errors.AsType[ExportFailed](err)
	if !ok || !errors.Is(err, cause) || failed.Error() != "export shop-20261121-1705-0: AccessDenied" {
		t.Errorf("got %v", err)
	}
}

func TestIsNamed_IsFalseForAWrappedError(t *testing.T) {
	named := Errorf[ExportFailed]("no")
	for err, want := range map[error]bool{named: true, fmt.Errorf("handle: %w", named): false, errors.New("no"): false, nil: false} {
		if got := IsNamed(err); got != want {
			t.Errorf("%T: %v", err, got)
		}
	}
}
