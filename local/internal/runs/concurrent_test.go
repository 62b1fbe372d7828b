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

// requireSuccess requires that executions succeeded, and returns their states.
func (w *testEnv) requireSuccess(t *testing.T, arns ...string) []workflow.State {
	t.Helper()
	var states []workflow.State
	for _, arn := range arns {
		e, err := w.ended(t.Context(), arn)
		must(t, err)
		if e.Status != stepfunctions.Succeeded {
			t.Fatalf("%s ended with status %s: %s: %s", arn, e.Status, e.Error, e.Cause)
		}
		var r workflow.State
		must(t, json.Unmarshal([]byte(e.Output), &r))
		states = append(states, r)
	}
	return states
}

// requireFailure requires that an execution failed with this error.
func (w *testEnv) requireFailure(t *testing.T, arn, name string) {
	t.Helper()
	e, err := w.ended(t.Context(), arn)
	must(t, err)
	if e.Status != stepfunctions.Failed || e.Error != name {
		t.Fatalf("the execution ended with status %s: %s: %s; want a failure with %s", e.Status, e.Error, e.Cause, name)
	}
}

// requireHealthy requires that an execution succeeded and violated no invariant. exports is the number of exports that the execution may
// have started.
func (w *testEnv) requireHealthy(t *testing.T, arn string, exports int) {
	t.Helper()
	e, err := w.ended(t.Context(), arn)
	must(t, err)
	for _, wrong := range w.wrong(t.Context(), e, exports, false) {
		t.Error(wrong)
	}
}

func TestRuns_ShareExportOfSnapshot(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	_, release := w.clock.Hold(t.Context())
	must(t, w.begin(t.Context()))
	byEvent := w.newest()
	bySchedule, err := w.Events.Fire("proof-" + source)
	must(t, err)
	release()
	states := w.requireSuccess(t, byEvent, bySchedule)
	if states[0].Export.ID != states[1].Export.ID {
		t.Errorf("the runs used two exports: %s and %s", states[0].Export.ID, states[1].Export.ID)
	}
	w.requireHealthy(t, byEvent, 1)
	w.requireHealthy(t, bySchedule, 1)
}

// takeExportSlots adds five export tasks of other users. They are IN_PROGRESS for the duration d, then COMPLETE.
func (w *testEnv) takeExportSlots(t *testing.T, d time.Duration) {
	t.Helper()
	now := w.clock.Now()
	var tasks []string
	for i := range 5 {
		tasks = append(tasks, fmt.Sprintf(`{"ID": "other-%d", "SourceARN": "arn:aws:rds:ap-northeast-1:123456789012:snapshot:other-%d", `+
			`"StartTime": %q, "EndTime": %q, "WrittenAt": %[3]q}`, i, i, now.Format(time.RFC3339Nano), now.Add(d).Format(time.RFC3339Nano)))
	}
	must(t, w.RDS.Load([]byte(`{"Tasks": [`+strings.Join(tasks, ", ")+`]}`)))
}

func TestRuns_WaitForExportSlots(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual, "shop")
	_, release := w.clock.Hold(t.Context())
	must(t, w.begin(t.Context()))
	first := w.newest()
	must(t, w.RDS.Backup(t.Context(), "shop-prod"))
	second := w.newest()
	w.takeExportSlots(t, 2*time.Hour)
	release()
	w.requireSuccess(t, first, second)
	for _, arn := range []string{first, second} {
		history, err := w.StepFunctions.History(arn)
		must(t, err)
		if !slices.ContainsFunc(history, func(e stepfunctions.Event) bool {
			return e.Type == "TaskFailed" && e.Details.Error == "ExportSlotsBusy"
		}) {
			t.Errorf("%s did not wait for a slot", arn)
		}
	}
	w.requireHealthy(t, first, 1)
}

func TestRedrive_SucceedsOnceForConcurrentCalls(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"different tokens": "", "same token": "token"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := mustOpen(t, usual)
			w.faults.Set(mustParse("export:1=failed"))
			must(t, w.begin(t.Context()))
			arn := w.newest()
			w.requireFailure(t, arn, "ExportFailed")
			var refused []error
			var redrives sync.WaitGroup
			var mu sync.Mutex
			_, release := w.clock.Hold(t.Context())
			for range 2 {
				redrives.Go(func() {
					if err := w.StepFunctions.RedriveExecution(arn, token); err != nil {
						mu.Lock()
						refused = append(refused, err)
						mu.Unlock()
					}
				})
			}
			redrives.Wait()
			release()
			if token == "" {
				if e, ok := errors.AsType[*wire.Error](errors.Join(refused...)); len(refused) != 1 || !ok || e.Code != "ExecutionNotRedrivable" {
					t.Errorf("rejected redrives: %v", refused)
				}
			} else if len(refused) > 0 {
				t.Errorf("rejected redrives: %v", refused)
			}
			w.requireHealthy(t, arn, 2)
			if e, err := w.StepFunctions.DescribeExecution(arn); err != nil || e.RedriveCount != 1 {
				t.Errorf("redriven %d times (%v)", e.RedriveCount, err)
			}
		})
	}
}

func TestRun_DoesNotReplaceNewerViews(t *testing.T) {
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
	w.requireHealthy(t, next, 1)

	must(t, cancelExport(t.Context(), w))
	release()
	w.requireFailure(t, long, "ExportCanceled")
	must(t, w.StepFunctions.RedriveExecution(long, ""))
	state := w.requireSuccess(t, long)[0]
	if state.Views.Published != 0 || len(state.Views.Warnings) != 1 || !strings.Contains(state.Views.Warnings[0], "were not changed") {
		t.Errorf("got views %+v", *state.Views)
	}
	w.views.checkAll(t.Context())
	for _, wrong := range w.views.wrong { // views that show older data or cannot be read
		t.Error(wrong)
	}
}

func TestRun_ContinuesAfterDeployment(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	ctx, release := w.clock.Hold(t.Context())
	defer release()
	must(t, w.begin(t.Context()))
	arn := w.newest()
	must(t, w.clock.Sleep(ctx, 5*time.Minute)) // the export is running
	changed := strings.Replace(w.definition(), `"Comment": "`, `"Comment": "Changed. `, 1)
	must(t, w.redefine(changed))
	must(t, w.deployLayer(t.Context(), func(*workflow.Source) {}))
	release()
	w.requireHealthy(t, arn, 1)
	execution, err := w.run(t.Context()) // with the new definition
	must(t, err)
	w.requireHealthy(t, execution.ARN, 1)
}

// TestRedrive_RejectsEarlierStateVersion fails a run with an earlier version of the state, deploys the next version, and redrives the
// run.
func TestRedrive_RejectsEarlierStateVersion(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	older := strings.Replace(w.definition(), fmt.Sprintf(`"version": %d`, workflow.StateVersion), `"version": 0`, 1)
	must(t, w.redefine(older))
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.requireFailure(t, arn, "InvalidInput")
	must(t, w.redefine(w.definition()))
	must(t, w.StepFunctions.RedriveExecution(arn, ""))
	w.requireFailure(t, arn, "InvalidInput")
	for _, c := range w.calls {
		if c.Operation == "StartExportTask" {
			t.Error("the run started an export")
		}
	}
	execution, err := w.run(t.Context())
	must(t, err)
	w.requireHealthy(t, execution.ARN, 1)
}

// definition returns the deployed definition of the state machine.
func (w *testEnv) definition() string {
	text := workflow.Definition
	for _, name := range []string{"FindSnapshot", "StartExport", "CheckExport", "StartCrawler", "CheckCrawler", "CreateViews", "Prune"} {
		text = strings.ReplaceAll(text, "${"+name+"Function}", w.config.Name+"-"+strings.ToLower(name))
	}
	return text
}

// redefine replaces the definition of the state machine.
func (w *testEnv) redefine(definition string) error {
	_, err := w.StepFunctions.CreateStateMachine(stepfunctions.StateMachine{
		Name: w.StateMachineARN[strings.LastIndexByte(w.StateMachineARN, ':')+1:], RoleARN: w.machineRole, Definition: definition,
	})
	return err
}

// once calls f after the first call that matches.
func (w *testEnv) once(matches func(cloud.Call) bool, f func()) {
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
			newest := tables[len(tables)-1].Name // the names start with the time, so the last one is the newest
			err = w.Glue.DeleteTable(context.Background(), crawledDatabase, newest)
		}
		if err != nil {
			t.Error(err)
		}
	})
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.requireFailure(t, arn, "TablesMissing")
	_, err := w.redrive(t.Context(), arn)
	must(t, err)
	w.requireHealthy(t, arn, 1)
}

func TestRedrive_ExportsDeletedObjectsAgain(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	for name, pattern := range map[string]string{
		"part of a table": "shop/shop.users/1/part-*", "manifest": "export_tables_info_*", "all": "*",
	} {
		t.Run(name, func(t *testing.T) {
			w.once(func(c cloud.Call) bool {
				return strings.Contains(c.Role, "StartCrawler") && c.Operation == "GetCrawler"
			}, func() {
				w.remove(t, pattern)
			})
			must(t, w.begin(t.Context()))
			arn := w.newest()
			w.requireFailure(t, arn, "ObjectsMissing")
			_, err := w.redrive(t.Context(), arn)
			must(t, err)
			w.requireHealthy(t, arn, 2)
		})
	}
}

func TestRedrive_ReusesExportWithSkippedTable(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	w.faults.Set(mustParse("export:1=skipped"))
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.requireFailure(t, arn, "ExportIncomplete")
	_, err := w.redrive(t.Context(), arn)
	must(t, err)
	w.requireFailure(t, arn, "ExportIncomplete")
	must(t, w.deployLayer(t.Context(), func(s *workflow.Source) {
		s.AllowSkipped, s.Checks = []string{"shop.audit", "shop.users"}, nil
	}))
	_, err = w.redrive(t.Context(), arn)
	must(t, err)
	state := w.requireSuccess(t, arn)[0]
	tasks, err := w.rds().DescribeExportTasks(t.Context(), &rds.DescribeExportTasksInput{SourceArn: &state.Snapshot.ARN})
	if err != nil || len(tasks.ExportTasks) != 1 {
		t.Errorf("%d exports (%v)", len(tasks.ExportTasks), err)
	}
	if diff := cmp.Diff([]string{"shop.audit", "shop.users"}, state.Export.Skipped); diff != "" {
		t.Error(diff)
	}
}

func TestRun_RepairsViewsOfDeletedExport(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, unskipped)
	w.remove(t, "*")
	w.views.checkAll(t.Context())
	if len(w.views.wrong) == 0 {
		t.Error("the views can be read without their objects")
	}
	execution, err := w.run(t.Context())
	must(t, err)
	w.views.wrong = nil
	w.requireHealthy(t, execution.ARN, 1)
}

// remove deletes the matching files of the newest export.
func (w *testEnv) remove(t *testing.T, pattern string) {
	t.Helper()
	exports, err := filepath.Glob(w.Store.Path(w.Bucket, workflow.ExportPrefix(source)+"*"))
	if err != nil || len(exports) == 0 {
		t.Errorf("no export (%v)", err)
		return
	}
	files, err := filepath.Glob(filepath.Join(exports[len(exports)-1], pattern))
	if err != nil || len(files) == 0 {
		t.Errorf("no file matches %s (%v)", pattern, err)
	}
	for _, file := range files {
		if err := os.RemoveAll(file); err != nil {
			t.Error(err)
		}
	}
}

// TestCreateViews_PublishesTableWithColumnNamedLikePartitionKey exports a column partition_0, which is also the crawler's name for a
// partition key.
func TestCreateViews_PublishesTableWithColumnNamedLikePartitionKey(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, func(day int) []table {
		rows := [][]string{{"1", "77"}}
		return append(usual(day), table{Table: export.Table{Database: shopDatabase, Name: "parted", Columns: []export.Column{
			{Name: "id", Type: "int", Precision: 10}, {Name: "partition_0", Type: "int", Precision: 10},
		}}, rows: rows, shown: rows})
	})
	execution, err := w.run(t.Context())
	must(t, err)
	w.requireHealthy(t, execution.ARN, 1)
}
