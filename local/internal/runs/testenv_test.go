package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// The source of the tests, in local/testdata/pipeline.yaml, and its databases in RDS and in Athena.
const (
	source          = "billing"
	instance        = "billing-prod"
	viewDatabase    = "billing"
	crawledDatabase = "proof_crawled"
	keep            = 3
)

// world is a local AWS with the stack in it, on a virtual clock.
type world struct {
	*cloud.Cloud
	config workflow.Config
	clock  *clock.Virtual
	faults *fault.Plan
	shop   *shop
	views  *views
	// analystRole is the ARN of the role for Redash.
	analystRole string
	dir         string

	mu sync.Mutex
	// started are the ARNs of the executions.
	started []string
	// calls and invocations are those since the run began: AWS calls, and names of functions without the pipeline's prefix.
	calls       []cloud.Call
	invocations []string
	// published are the days that had been published when the run began, the newest first.
	published []int
	// after, if there is one, is told each call.
	after func(cloud.Call)
}

// openWorld starts a world whose database has the given tables, and executes some runs, so that there are views. Each other source has
// such a database as well.
func openWorld(ctx context.Context, seed uint64, tables func(day int) []table, runs int, others ...string) (_ *world, err error) {
	stack, err := cloudformation.Load("../../../dist/cdk.test")
	if err != nil {
		return nil, fmt.Errorf("%w, or make test", err)
	}
	w := &world{
		clock:  clock.NewVirtual(time.Date(2026, 11, 1, 17, 5, 0, 0, time.UTC)),
		faults: fault.New(seed), analystRole: stack.Outputs["RedashRoleArn"],
	}
	w.shop = &shop{tables: tables, clock: w.clock}
	if w.config, err = cloud.Configuration(stack); err != nil {
		return nil, err
	}
	if w.dir, err = os.MkdirTemp("", "runs-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	logs := w.dir + "/logs"
	if err := os.Mkdir(logs, 0o755); err != nil {
		return nil, err
	}
	databases := map[string]export.Database{source: w.shop}
	for _, name := range others {
		databases[name] = &shop{tables: tables, clock: w.clock}
	}
	w.Cloud, err = cloud.Open(cloud.Options{
		Stack: stack, Config: w.config, Functions: "../../../dist/bin", Dir: w.dir + "/lake", Logs: logs,
		Databases: databases, Clock: w.clock, Faults: w.faults, Called: w.called, Observe: w.observe,
	})
	if err != nil {
		return nil, err
	}
	w.views = newViews(w)
	privately(&w.config.Sources[0])
	if err := w.deployLayer(ctx, func(*workflow.Source) {}); err != nil {
		return nil, err
	}
	for n := range runs {
		execution, err := w.run(ctx)
		if err != nil {
			return nil, err
		}
		if wrong := w.wrong(ctx, execution, 1, false); len(wrong) > 0 {
			return nil, fmt.Errorf("run %d, without a fault: %s", n+1, strings.Join(wrong, "; "))
		}
	}
	return w, nil
}

// mustOpen calls openWorld for one test, with one run.
func mustOpen(t *testing.T, tables func(day int) []table, others ...string) *world {
	t.Helper()
	w, err := openWorld(t.Context(), 1, tables, 1, others...)
	must(t, err)
	t.Cleanup(func() { must(t, w.close()) })
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) close() error {
	var err error
	if w.Cloud != nil {
		err = w.Cloud.Close()
	}
	if errors.Is(err, context.DeadlineExceeded) { // a Ctrl-C waits no longer; among twelve worlds there is no hurry
		err = nil
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}

func (w *world) observe(arn string, e stepfunctions.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e.Type {
	case "ExecutionStarted":
		w.started = append(w.started, arn)
	case "TaskScheduled":
		var p struct{ FunctionName string }
		if json.Unmarshal([]byte(e.Details.Parameters), &p) == nil {
			w.invocations = append(w.invocations, p.FunctionName[strings.LastIndexByte(p.FunctionName, '-')+1:])
		}
	}
}

// called notes a call, and has the views looked at.
func (w *world) called(c cloud.Call) {
	w.mu.Lock()
	w.calls = append(w.calls, c)
	after := w.after
	w.mu.Unlock()
	if after != nil {
		after(c)
	}
	w.views.called(c)
}

// run executes a run of the next day's snapshot, which starts it by its event, and waits for its end.
func (w *world) run(ctx context.Context) (stepfunctions.Execution, error) {
	if err := w.begin(ctx); err != nil {
		return stepfunctions.Execution{}, err
	}
	return w.ended(ctx, w.newest())
}

// begin takes the next day's backup, whose event starts a run.
func (w *world) begin(ctx context.Context) error {
	w.clock.Advance(w.untilTomorrow())
	lake, err := w.lake()
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.calls, w.invocations, w.published = nil, nil, lake.published
	w.mu.Unlock()
	return w.RDS.Backup(ctx, instance)
}

// rds is a client past the gate, whose calls are not among those that go wrong.
func (w *world) rds() *rds.Client {
	return rds.New(rds.Options{Region: w.Region, Credentials: w.operator(), BaseEndpoint: &w.Endpoint, HTTPClient: direct{service: w.RDS}})
}

// untilTomorrow is how long it takes until the next day's backup.
func (w *world) untilTomorrow() time.Duration {
	now := w.clock.Now()
	return time.Date(now.Year(), now.Month(), now.Day()+1, 17, 5, 0, 0, time.UTC).Sub(now)
}

// newest is the ARN of the execution that was started last.
func (w *world) newest() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.started[len(w.started)-1]
}

// ended waits for the end of an execution, and until everybody is told.
func (w *world) ended(ctx context.Context, arn string) (stepfunctions.Execution, error) {
	e, err := w.StepFunctions.Wait(ctx, arn)
	if err != nil {
		return e, err
	}
	return e, w.Lambda.Settle(ctx)
}

// redrive presses the button, some hours later, and waits for the end.
func (w *world) redrive(ctx context.Context, arn string) (stepfunctions.Execution, error) {
	w.clock.Advance(3 * time.Hour)
	if err := w.StepFunctions.RedriveExecution(arn, ""); err != nil {
		return stepfunctions.Execution{}, err
	}
	return w.ended(ctx, arn)
}

// wrong returns what violates an invariant after an execution that may have paid for so many exports. If it may leave something behind, the
// next run must delete that.
func (w *world) wrong(ctx context.Context, e stepfunctions.Execution, exports int, mayLeave bool) []string {
	var wrong []string
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if e.Status != stepfunctions.Succeeded {
		fail("it ended %s: %s: %s", e.Status, e.Error, e.Cause)
		return wrong
	}
	var state workflow.State
	if err := json.Unmarshal([]byte(e.Output), &state); err != nil {
		fail("its output: %v", err)
		return wrong
	}
	day := w.shop.newest()
	if state.ExportID != "" {
		day = w.dayOf(state.ExportID)
	}
	wrong = append(wrong, w.views.notOf(ctx, day)...)
	tasks, err := w.rds().DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{SourceArn: &state.Snapshot.ARN})
	if err != nil {
		fail("%v", err)
	} else if n := len(tasks.ExportTasks); n > exports {
		fail("%d exports of the snapshot were paid for, and %d were needed", n, exports)
	}
	left := w.ownerless(ctx, state.Export.ID, e.StartedAt)
	if len(left) > 0 && mayLeave {
		// What one Prune has not seen, the next one deletes.
		w.views.unseen = false
		next, err := w.run(ctx)
		if err != nil {
			fail("%v", err)
		}
		return append(wrong, w.wrong(ctx, next, 1, false)...)
	}
	return append(wrong, left...)
}
