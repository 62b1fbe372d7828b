package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// definition is what these tests look at of the state machine.
type definition struct {
	TimeoutSeconds int
	States         map[string]struct {
		Type, Comment, Resource, ResultPath string
		ResultSelector                      map[string]string
		TimeoutSeconds                      int
		Retry                               []struct{ ErrorEquals []string }
		Catch                               any
		Choices                             []struct{ StringEquals string }
	}
}

func parseDefinition(t *testing.T) definition {
	t.Helper()
	var d definition
	if err := json.Unmarshal([]byte(Definition), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// namedErrors is every error type of the package, with the state that raises it.
var namedErrors = map[string][]error{
	"FindSnapshot": {Errorf[SnapshotNotFound](""), Errorf[SnapshotTooOld](""), Errorf[SnapshotNotReady]("")},
	"StartExport":  {Errorf[ExportSlotsBusy](""), Errorf[ExportRefused]("")},
	"CheckExport":  {Errorf[ExportFailed](""), Errorf[ExportCanceled](""), Errorf[ExportIncomplete]("")},
	"StartCrawler": {Errorf[CrawlerBusy]("")},
	"CheckCrawler": {Errorf[CrawlFailed]("")},
	"CreateViews":  {Errorf[TablesMissing](""), Errorf[ViewsFailed]("")},
	"Prune":        {Errorf[PruneFailed]("")},
}

// name is what Step Functions is told: the name of the outermost type.
func name(err error) string { return reflect.TypeOf(err).Name() }

func TestEveryErrorNameOfTheDefinitionIsATypeAndBack(t *testing.T) {
	d := parseDefinition(t)
	for state, s := range d.States {
		raised := []string{}
		for _, err := range namedErrors[state] {
			raised = append(raised, name(err))
		}
		said := []string{}
		if _, after, found := strings.Cut(s.Comment, "Raises "); found {
			list, _, _ := strings.Cut(after, ".")
			list, _, _ = strings.Cut(list, ":")
			said = strings.Split(list, ", ")
		}
		if diff := cmp.Diff(raised, said); diff != "" {
			t.Errorf("%s: its types and its comment differ: %s", state, diff)
		}
		for _, retry := range s.Retry {
			for _, e := range retry.ErrorEquals {
				if !strings.HasPrefix(e, "Lambda.") && !slices.Contains(raised, e) {
					t.Errorf("%s retries %s, which it never raises", state, e)
				}
			}
		}
	}
}

func TestNothingIsCaughtSoThatEveryFailureCanBeRedriven(t *testing.T) {
	for state, s := range parseDefinition(t).States {
		if s.Catch != nil || s.Type == "Fail" {
			t.Errorf("%s catches, or is a Fail state", state)
		}
	}
}

func TestEveryTaskRetriesTheLambdaServicesOwnErrorsAndHasATimeout(t *testing.T) {
	for state, s := range parseDefinition(t).States {
		if s.Type != "Task" {
			continue
		}
		last := s.Retry[len(s.Retry)-1].ErrorEquals
		for _, e := range []string{"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException"} {
			if !slices.Contains(last, e) {
				t.Errorf("%s does not retry %s", state, e)
			}
		}
		if s.TimeoutSeconds == 0 {
			t.Errorf("%s has no time-out", state)
		}
	}
}

// Each noun of the record is selected from the function's answer field by field, and nothing is forgotten or made up.
func TestResultSelectorsAreTheRecordsTypes(t *testing.T) {
	nouns := map[string]any{"$.snapshot": Snapshot{}, "$.export": Export{}, "$.crawl": Crawl{}, "$.views": Views{}, "$.pruned": Pruned{}}
	for state, s := range parseDefinition(t).States {
		if s.Type != "Task" {
			continue
		}
		var fields map[string]any
		b, err := json.Marshal(nouns[s.ResultPath])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &fields); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for f := range fields {
			want[f+".$"] = "$.Payload." + f
		}
		if diff := cmp.Diff(want, s.ResultSelector); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
}

func TestChoicesCompareTheStatusesOfTheRecord(t *testing.T) {
	statuses := map[string][]string{"IsExportComplete": {Complete, Restart}, "IsCrawlComplete": {Succeeded, Restart}}
	d := parseDefinition(t)
	for state, want := range statuses {
		var got []string
		for _, c := range d.States[state].Choices {
			got = append(got, c.StringEquals)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
}

func TestNamedErrorsKeepTheirTextAndTheirCause(t *testing.T) {
	cause := errors.New("AccessDenied")
	err := fmt.Errorf("handle: %w", Errorf[ExportFailed]("export %s: %w", "shop-20261121-1705-0", cause))
	failed, ok := errors.AsType[ExportFailed](err)
	if !ok || !errors.Is(err, cause) || failed.Error() != "export shop-20261121-1705-0: AccessDenied" {
		t.Errorf("got %v", err)
	}
}
