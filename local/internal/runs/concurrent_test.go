package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/export"
	"snaplake/local/internal/stepfunctions"
	"snaplake/local/internal/wire"
	"snaplake/workflow"
)

// succeeded wants executions to have succeeded, and returns their records.
func (w *world) succeeded(t *testing.T, arns ...string) []workflow.State {
	t.Helper()
	var records []workflow.State
	for _, arn := range arns {
		e, err := w.ended(t.Context(), arn)
		must(t, err)
		if e.Status != stepfunctions.Succeeded {
			t.Fatalf("%s ended %s: %s: %s", arn, e.Status, e.Error, e.Cause)
		}
		var r workflow.State
		must(t, json.Unmarshal([]byte(e.Output), &r))
		records = append(records, r)
	}
	return records
}

// fails wants an execution to have failed by that error.
func (w *world) fails(t *testing.T, arn, name string) {
	t.Helper()
	e, err := w.ended(t.Context(), arn)
	must(t, err)
	if e.Status != stepfunctions.Failed || e.Error != name {
		t.Fatalf("it ended %s: %s: %s, and should have failed with %s", e.Status, e.Error, e.Cause, name)
	}
}

// well wants nothing to be wrong after an execution that has succeeded.
func (w *world) well(t *testing.T, arn string, exports int) {
	t.Helper()
	e, err := w.ended(t.Context(), arn)
	must(t, err)
	for _, wrong := range w.wrong(t.Context(), e, exports, false) {
		t.Error(wrong)
	}
}

func TestRuns_OfScheduleAndEventShareOneExport(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	_, release := w.clock.Hold(t.Context())
	must(t, w.begin(t.Context()))
	byEvent := w.newest()
	bySchedule, err := w.Events.Fire("proof-" + source)
	must(t, err)
	release()
	records := w.succeeded(t, byEvent, bySchedule)
	if records[0].Export.ID != records[1].Export.ID {
		t.Errorf("two exports were paid for: %s and %s", records[0].Export.ID, records[1].Export.ID)
	}
	w.well(t, byEvent, 1)
	w.well(t, bySchedule, 1)
}

func TestRuns_WaitForExportSlots(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual, "shop")
	_, release := w.clock.Hold(t.Context())
	must(t, w.begin(t.Context()))
	first := w.newest()
	must(t, w.RDS.Backup(t.Context(), "shop-prod"))
	second := w.newest()
	w.RDS.OccupySlots(5, 2*time.Hour)
	release()
	w.succeeded(t, first, second)
	for _, arn := range []string{first, second} {
		history, err := w.StepFunctions.History(arn)
		must(t, err)
		if !slices.ContainsFunc(history, func(e stepfunctions.Event) bool {
			return e.Type == "TaskFailed" && e.Details.Error == "ExportSlotsBusy"
		}) {
			t.Errorf("%s did not wait for a slot", arn)
		}
	}
	w.well(t, first, 1)
}

func TestRedrive_TwiceAtTheSameTimeRedrivesOnce(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"two presses": "", "one press that is sent twice": "the-one-press"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := mustOpen(t, usual)
			w.faults.Set(mustParse("export:1=failed"))
			must(t, w.begin(t.Context()))
			arn := w.newest()
			w.fails(t, arn, "ExportFailed")
			var refused []error
			var pressed sync.WaitGroup
			var mu sync.Mutex
			_, release := w.clock.Hold(t.Context())
			for range 2 {
				pressed.Go(func() {
					if err := w.StepFunctions.RedriveExecution(arn, token); err != nil {
						mu.Lock()
						refused = append(refused, err)
						mu.Unlock()
					}
				})
			}
			pressed.Wait()
			release()
			if token == "" {
				if e, ok := errors.AsType[*wire.Error](errors.Join(refused...)); len(refused) != 1 || !ok || e.Code != "ExecutionNotRedrivable" {
					t.Errorf("refused were %v", refused)
				}
			} else if len(refused) > 0 {
				t.Errorf("refused were %v", refused)
			}
			w.well(t, arn, 2)
			if e, err := w.StepFunctions.DescribeExecution(arn); err != nil || e.RedriveCount != 1 {
				t.Errorf("it was redriven %d times (%v)", e.RedriveCount, err)
			}
		})
	}
}

func TestRun_LongerThanADayDoesNotReplaceNewerViews(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	ctx, release := w.clock.Hold(t.Context())
	defer release()
	w.faults.Set(mustParse("export:1=stuck"))
	must(t, w.begin(t.Context()))
	long := w.newest()
	must(t, w.clock.Sleep(ctx, w.untilTomorrow()))
	must(t, w.RDS.Backup(t.Context(), instance))
	next := w.newest()
	must(t, w.clock.Sleep(ctx, 2*time.Hour))
	w.well(t, next, 1)

	must(t, cancelExport(t.Context(), w))
	release()
	w.fails(t, long, "ExportCanceled")
	must(t, w.StepFunctions.RedriveExecution(long, ""))
	state := w.succeeded(t, long)[0]
	if state.Views.Published != 0 || len(state.Views.Warnings) != 1 || !strings.Contains(state.Views.Warnings[0], "stay as they are") {
		t.Errorf("the views: %+v", *state.Views)
	}
	w.views.lookAnew(t.Context())
	for _, wrong := range w.views.wrong { // the views have gone back, or fail
		t.Error(wrong)
	}
}

func TestRun_ContinuesAfterADeployment(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	ctx, release := w.clock.Hold(t.Context())
	defer release()
	must(t, w.begin(t.Context()))
	arn := w.newest()
	must(t, w.clock.Sleep(ctx, 5*time.Minute)) // the export runs
	must(t, w.StepFunctions.UpdateStateMachine(w.StateMachineARN, "", strings.Replace(w.definition(), "Makes the newest", "Still makes the newest", 1)))
	must(t, w.deployLayer(t.Context(), func(*workflow.Source) {}))
	release()
	w.well(t, arn, 1)
	execution, err := w.run(t.Context()) // under the new definition
	must(t, err)
	w.well(t, execution.ARN, 1)
}

// The run fails under an earlier version of the state. The next version is deployed, and the run is redriven.
func TestRedrive_OfAnEarlierVersionAsksForANewRun(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	older := strings.Replace(w.definition(), fmt.Sprintf(`"version": %d`, workflow.StateVersion), `"version": 0`, 1)
	must(t, w.StepFunctions.UpdateStateMachine(w.StateMachineARN, "", older))
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.fails(t, arn, "InvalidInput")
	must(t, w.StepFunctions.UpdateStateMachine(w.StateMachineARN, "", w.definition()))
	must(t, w.StepFunctions.RedriveExecution(arn, ""))
	w.fails(t, arn, "InvalidInput")
	for _, c := range w.calls {
		if c.Operation == "StartExportTask" {
			t.Error("the run started an export")
		}
	}
	night, err := w.run(t.Context())
	must(t, err)
	w.well(t, night.ARN, 1)
}

// definition is the one that is deployed.
func (w *world) definition() string {
	text := workflow.Definition
	for _, name := range []string{"FindSnapshot", "StartExport", "CheckExport", "StartCrawler", "CheckCrawler", "CreateViews", "Prune"} {
		text = strings.ReplaceAll(text, "${"+name+"Function}", w.config.Name+"-"+strings.ToLower(name))
	}
	return text
}

// once calls f after the first call that matches.
func (w *world) once(matches func(cloud.Call) bool, f func()) {
	var done sync.Once
	w.mu.Lock()
	defer w.mu.Unlock()
	w.after = func(c cloud.Call) {
		if matches(c) {
			done.Do(f)
		}
	}
}

func TestRedrive_CrawlsDeletedTableAgain(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	w.once(func(c cloud.Call) bool { return strings.Contains(c.Role, "CheckCrawler") && c.Operation == "GetTables" }, func() {
		tables, err := w.Glue.Tables(context.Background(), crawledDatabase)
		if err == nil {
			err = w.Glue.DeleteTable(context.Background(), crawledDatabase, tables[len(tables)-1].Name) // the names begin with the time
		}
		if err != nil {
			t.Error(err)
		}
	})
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.fails(t, arn, "TablesMissing")
	_, err := w.redrive(t.Context(), arn)
	must(t, err)
	w.well(t, arn, 1)
}

func TestRedrive_ExportsDeletedObjectsAgain(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	for name, pattern := range map[string]string{
		"a part of a table": "shop/shop.users/1/part-*", "a manifest": "export_tables_info_*", "all": "*",
	} {
		t.Run(name, func(t *testing.T) {
			w.once(func(c cloud.Call) bool {
				return strings.Contains(c.Role, "StartCrawler") && c.Operation == "GetCrawler"
			}, func() {
				w.remove(t, pattern)
			})
			must(t, w.begin(t.Context()))
			arn := w.newest()
			w.fails(t, arn, "ObjectsMissing")
			_, err := w.redrive(t.Context(), arn)
			must(t, err)
			w.well(t, arn, 2)
		})
	}
}

func TestCheckExport_PaysOnceForASnapshotOfWhichRDSMayNotReadATable(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	w.faults.Set(mustParse("export:1=skipped"))
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.fails(t, arn, "ExportIncomplete")
	_, err := w.redrive(t.Context(), arn)
	must(t, err)
	w.fails(t, arn, "ExportIncomplete")
	must(t, w.deployLayer(t.Context(), func(s *workflow.Source) {
		s.AllowSkipped, s.Checks = []string{"shop.audit", "shop.users"}, nil
	}))
	_, err = w.redrive(t.Context(), arn)
	must(t, err)
	state := w.succeeded(t, arn)[0]
	tasks, err := w.rds().DescribeExportTasks(t.Context(), &rds.DescribeExportTasksInput{SourceArn: &state.Snapshot.ARN})
	if err != nil || len(tasks.ExportTasks) != 1 {
		t.Errorf("%d exports (%v)", len(tasks.ExportTasks), err)
	}
	if diff := cmp.Diff([]string{"shop.audit", "shop.users"}, state.Export.Skipped); diff != "" {
		t.Error(diff)
	}
}

func TestRun_RepairsViewsWhoseExportWasDeleted(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, unskipped)
	w.remove(t, "*")
	w.views.lookAnew(t.Context())
	if len(w.views.wrong) == 0 {
		t.Error("the views can be read without their objects")
	}
	execution, err := w.run(t.Context())
	must(t, err)
	w.views.wrong = nil
	w.well(t, execution.ARN, 1)
}

// remove deletes the files of the newest export that match.
func (w *world) remove(t *testing.T, pattern string) {
	t.Helper()
	exports, err := filepath.Glob(w.Store.Path(w.Bucket, workflow.ExportPrefix(source)+"*"))
	if err != nil || len(exports) == 0 {
		t.Errorf("there is no export to delete from (%v)", err)
		return
	}
	files, err := filepath.Glob(filepath.Join(exports[len(exports)-1], pattern))
	if err != nil || len(files) == 0 {
		t.Errorf("there is no file %s (%v)", pattern, err)
	}
	for _, file := range files {
		if err := os.RemoveAll(file); err != nil {
			t.Error(err)
		}
	}
}

// The crawler calls its partition key partition_0, too.
func TestCreateViews_PublishesATableWithAColumnThatIsCalledLikeThePartitionKey(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, func(day int) []table {
		rows := [][]string{{"1", "77"}}
		return append(usual(day), table{Table: export.Table{Database: shopDatabase, Name: "parted", Columns: []export.Column{
			{Name: "id", Type: "int", Precision: 10}, {Name: "partition_0", Type: "int", Precision: 10},
		}}, rows: rows, shown: rows})
	})
	execution, err := w.run(t.Context())
	must(t, err)
	w.well(t, execution.ARN, 1)
}
