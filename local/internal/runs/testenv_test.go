package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/sns"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// The source that the tests use in local/testdata/pipeline.yaml, and its databases in RDS and Athena.
const (
	source          = "billing"
	instance        = "billing-prod"
	viewDatabase    = "billing"
	crawledDatabase = "proof_crawled"
	keep            = 3
)

// testEnv is a local AWS with the deployed stack, on a virtual clock.
type testEnv struct {
	*cloud.Cloud
	config workflow.Config
	clock  *clock.Virtual
	faults *fault.Plan
	shop   *shop
	views  *views
	// analystRole and machineRole are the ARNs of the roles for Redash and of the state machine.
	analystRole, machineRole string
	dir                      string

	mu sync.Mutex
	// mails holds the published messages.
	mails []sns.Message
	// started holds the ARNs of the executions.
	started []string
	// calls holds the AWS calls since the run began. invocations holds the names of the invoked functions, without the stack's prefix.
	calls       []cloud.Call
	invocations []string
	// published lists the days that had been published when the run began, newest first.
	published []int
	// after, if set, is called after each call.
	after func(cloud.Call)
}

// openEnv starts a test environment whose database has the given tables, and executes some runs to create the views. The database of each
// of the other sources has the same tables.
func openEnv(ctx context.Context, seed uint64, tables func(day int) []table, runs int, others ...string) (_ *testEnv, err error) {
	stack, err := cloudformation.Load("../../../dist/cdk.test")
	if err != nil {
		return nil, fmt.Errorf("%w; run make check, which builds the stack of the tests", err)
	}
	w := &testEnv{
		clock:  clock.NewVirtual(time.Date(2026, 11, 1, 17, 5, 0, 0, time.UTC)),
		faults: fault.New(seed), analystRole: stack.Outputs["RedashRoleArn"],
	}
	w.shop = &shop{tables: tables, clock: w.clock}
	w.machineRole, _ = stack.OfType("AWS::StepFunctions::StateMachine")[0].Properties["RoleArn"].(string)
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
		Published: func(m sns.Message) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.mails = append(w.mails, m)
		},
	})
	if err != nil {
		return nil, err
	}
	w.views = newViews(w)
	maskColumns(&w.config.Sources[0])
	if err := w.deployLayer(ctx, func(*workflow.Source) {}); err != nil {
		return nil, err
	}
	for n := range runs {
		execution, err := w.run(ctx)
		if err != nil {
			return nil, err
		}
		if wrong := w.wrong(ctx, execution, 1, false); len(wrong) > 0 {
			return nil, fmt.Errorf("run %d, without faults: %s", n+1, strings.Join(wrong, "; "))
		}
	}
	return w, nil
}

// mustOpen opens a test environment with one run, for one test.
func mustOpen(t *testing.T, tables func(day int) []table, others ...string) *testEnv {
	t.Helper()
	w, err := openEnv(t.Context(), 1, tables, 1, others...)
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

func (w *testEnv) close() error {
	var err error
	if w.Cloud != nil {
		err = w.Cloud.Close()
	}
	if errors.Is(err, context.DeadlineExceeded) { // Close waits only briefly, and the processor is shared by many environments
		err = nil
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}

func (w *testEnv) observe(arn string, e stepfunctions.Event) {
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

// messages returns the published messages, oldest first.
func (w *testEnv) messages() []sns.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.mails)
}

// called records a call and checks the views.
func (w *testEnv) called(c cloud.Call) {
	w.mu.Lock()
	w.calls = append(w.calls, c)
	after := w.after
	w.mu.Unlock()
	if after != nil {
		after(c)
	}
	w.views.called(c)
}

// run takes the next day's snapshot, whose event starts a run, and waits until the run has ended.
func (w *testEnv) run(ctx context.Context) (stepfunctions.Execution, error) {
	if err := w.begin(ctx); err != nil {
		return stepfunctions.Execution{}, err
	}
	return w.ended(ctx, w.newest())
}

// begin takes the next day's snapshot, whose event starts a run.
func (w *testEnv) begin(ctx context.Context) error {
	w.clock.Advance(w.untilTomorrow())
	stored, err := w.storedExports()
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.calls, w.invocations, w.published = nil, nil, stored.published
	w.mu.Unlock()
	return w.RDS.Backup(ctx, instance)
}

// rds returns a client that bypasses the router, so that no faults are injected into its calls.
func (w *testEnv) rds() *rds.Client {
	return rds.New(rds.Options{Region: w.Region, Credentials: w.operator(), BaseEndpoint: &w.Endpoint, HTTPClient: direct{service: w.RDS}})
}

// versions returns the number of versions of a view, including the current one. The call bypasses the router.
func (w *testEnv) versions(ctx context.Context, view string) (int, error) {
	client := glue.New(glue.Options{Region: w.Region, Credentials: w.operator(), BaseEndpoint: &w.Endpoint, HTTPClient: direct{service: w.Glue}})
	out, err := client.GetTableVersions(ctx, &glue.GetTableVersionsInput{DatabaseName: aws.String(viewDatabase), TableName: &view})
	if err != nil {
		return 0, err
	}
	return len(out.TableVersions), nil
}

// untilTomorrow returns the time until the next day's snapshot.
func (w *testEnv) untilTomorrow() time.Duration {
	now := w.clock.Now()
	return time.Date(now.Year(), now.Month(), now.Day()+1, 17, 5, 0, 0, time.UTC).Sub(now)
}

// newest returns the ARN of the execution that started last.
func (w *testEnv) newest() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.started[len(w.started)-1]
}

// ended waits until an execution has ended and all emails about it are sent.
func (w *testEnv) ended(ctx context.Context, arn string) (stepfunctions.Execution, error) {
	e, err := w.StepFunctions.Wait(ctx, arn)
	if err != nil {
		return e, err
	}
	return e, w.Lambda.Settle(ctx)
}

// redrive redrives an execution some hours later and waits until it has ended.
func (w *testEnv) redrive(ctx context.Context, arn string) (stepfunctions.Execution, error) {
	w.clock.Advance(3 * time.Hour)
	if err := w.StepFunctions.RedriveExecution(arn, ""); err != nil {
		return stepfunctions.Execution{}, err
	}
	return w.ended(ctx, arn)
}

// wrong returns the invariants that are violated after an execution. exports is the number of exports that the execution may
// have started. If mayLeave is true, the execution may leave something behind that the next run must delete.
func (w *testEnv) wrong(ctx context.Context, e stepfunctions.Execution, exports int, mayLeave bool) []string {
	var wrong []string
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if e.Status != stepfunctions.Succeeded {
		fail("the execution ended with status %s: %s: %s", e.Status, e.Error, e.Cause)
		return wrong
	}
	var state workflow.State
	if err := json.Unmarshal([]byte(e.Output), &state); err != nil {
		fail("output of the execution: %v", err)
		return wrong
	}
	day := w.shop.newest()
	if state.ExportID != "" {
		day = w.dayOf(state.ExportID)
	}
	wrong = append(wrong, w.views.mismatches(ctx, day)...)
	tasks, err := w.rds().DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{SourceArn: &state.Snapshot.ARN})
	if err != nil {
		fail("%v", err)
	} else if n := len(tasks.ExportTasks); n > exports {
		fail("%d exports of the snapshot were started, want %d", n, exports)
	}
	left := w.leftovers(ctx, state.Export.ID, e.StartedAt)
	if len(left) > 0 && mayLeave {
		// The next Prune must delete what this one did not find.
		w.views.unseen = false
		next, err := w.run(ctx)
		if err != nil {
			fail("%v", err)
		}
		return append(wrong, w.wrong(ctx, next, 1, false)...)
	}
	return append(wrong, left...)
}
