package cloud

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/events"
	"snaplake/local/internal/export"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/sns"
	"snaplake/local/internal/source"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// testEnv is a local AWS with the stack of local/testdata/pipeline.yaml.
type testEnv struct {
	*Cloud
	stack     *cloudformation.Stack
	accessLog *iam.AccessLog
	clock     *clock.Scaled

	mu      sync.Mutex
	started []string // the ARNs of the executions
	mails   []sns.Message
}

// testStack loads the stack that make check synthesizes.
func testStack(t *testing.T) *cloudformation.Stack {
	t.Helper()
	stack, err := cloudformation.Load("../../../dist/cdk.test")
	if err != nil {
		t.Fatalf("%v; run make check, which builds the stack of the tests", err)
	}
	return stack
}

// open starts a testEnv in which each of these sources has a sample database. A guard, if not nil, replaces the stack's policies.
func open(t *testing.T, guard *iam.Guard, sources ...string) *testEnv {
	t.Helper()
	stack := testStack(t)
	config, err := Configuration(stack)
	must(t, err)
	databases := map[string]export.Database{}
	for _, name := range sources {
		db, err := source.Open(t.Context(), "sample")
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		databases[name] = db
	}
	p := &testEnv{stack: stack, accessLog: &iam.AccessLog{}, clock: clock.NewScaled(time.Now().Truncate(time.Minute), 3000)}
	p.Cloud, err = Open(Options{
		Stack: stack, Config: config, Functions: "../../../dist/bin", Dir: t.TempDir(), Logs: t.TempDir(),
		Databases: databases, Clock: p.clock, Decided: p.accessLog.Record, Guard: guard, Observe: p.observe,
		Published: func(m sns.Message) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.mails = append(p.mails, m)
		},
	})
	must(t, err)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// messages returns the published messages, oldest first.
func (p *testEnv) messages() []sns.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.mails)
}

func (p *testEnv) observe(arn string, e stepfunctions.Event) {
	if e.Type == "ExecutionStarted" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.started = append(p.started, arn)
	}
}

// wait waits for all executions and returns them.
func (p *testEnv) wait(t *testing.T) []stepfunctions.Execution {
	t.Helper()
	p.mu.Lock()
	started := slices.Clone(p.started)
	p.mu.Unlock()
	var ended []stepfunctions.Execution
	for _, arn := range started {
		e, err := p.StepFunctions.Wait(t.Context(), arn)
		if err != nil {
			t.Fatal(err)
		}
		ended = append(ended, e)
	}
	if err := p.Lambda.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	return ended
}

// succeed waits for all executions and requires that they succeeded.
func (p *testEnv) succeed(t *testing.T) {
	t.Helper()
	for _, e := range p.wait(t) {
		if e.Status != stepfunctions.Succeeded {
			t.Fatalf("%s ended with status %s: %s: %s", e.ARN, e.Status, e.Error, e.Cause)
		}
	}
}

// days runs the pipeline of all sources on n days. RDS's events start billing and shop, and then the schedules start all sources.
func (p *testEnv) days(t *testing.T, n int) {
	t.Helper()
	for range n {
		for _, database := range []string{"billing-prod", "shop-prod"} {
			if err := p.RDS.Backup(t.Context(), database); err != nil {
				t.Fatal(err)
			}
		}
		for _, source := range []string{"billing", "ledger", "shop"} {
			if _, err := p.Events.Fire("proof-" + source); err != nil {
				t.Fatal(err)
			}
		}
		p.succeed(t)
		p.clock.Advance(24 * time.Hour)
	}
}

// reuse runs the pipeline of ledger again with its newest export.
func (p *testEnv) reuse(t *testing.T) {
	t.Helper()
	ended := p.wait(t)
	slices.Reverse(ended)
	var state workflow.State
	for _, e := range ended {
		must(t, json.Unmarshal([]byte(e.Output), &state))
		if state.Source == "ledger" {
			break
		}
	}
	_, err := p.StepFunctions.StartExecution(p.StateMachineARN, "", fmt.Sprintf(`{"source": "ledger", "exportId": %q}`, state.Export.ID))
	must(t, err)
	p.succeed(t)
}

// fail starts executions that fail, so that emails are sent, and deliveries that fail, so that dead letters are sent.
func (p *testEnv) fail(t *testing.T) {
	t.Helper()
	for _, source := range []string{"billing", "shop"} {
		_, err := p.StepFunctions.StartExecution(p.StateMachineARN, "", fmt.Sprintf(`{"source": %q, "snapshot": "nothing"}`, source))
		must(t, err)
		ended := p.wait(t)
		if e := ended[len(ended)-1]; e.Error != "SnapshotNotFound" {
			t.Fatalf("the run of %s ended with %s: %s", source, e.Error, e.Cause)
		}
		mail := p.messages()
		m := mail[len(mail)-1]
		if m.Subject != "Snaplake proof: run of "+source+" failed in FindSnapshot" || !slices.Equal(m.To, []string{"data-team@example.com"}) {
			t.Fatalf("unexpected email: %v", m)
		}
	}
	p.bury(t)
}

// bury makes a schedule and the rules try to start executions with an input that is too large.
func (p *testEnv) bury(t *testing.T) {
	t.Helper()
	tooLarge := `"` + strings.Repeat("x", 300_000) + `"`
	dead := events.DeadLetterConfig{ARN: p.DeadLetters.ARN}
	must(t, p.Events.CreateSchedule(events.Schedule{Name: "too-large", Target: events.Target{
		ARN: p.StateMachineARN, Input: tooLarge, RoleARN: roleOf(t, p.stack, "SchedulerRole"), DeadLetterConfig: dead,
	}}))
	if _, err := p.Events.Fire("too-large"); err == nil {
		t.Fatal("an execution started with an input that is too large")
	}
	for _, rule := range []string{"proof-billing-snapshot", "proof-shop-snapshot", "proof-failed"} {
		r := events.Rule{
			Name: rule, Targets: []events.Target{{ID: "1", ARN: p.StateMachineARN, RoleARN: roleOf(t, p.stack, "SnapshotRuleRole"),
				Input: tooLarge, DeadLetterConfig: dead}},
		}
		must(t, json.Unmarshal([]byte(`{"source": ["`+rule+`"]}`), &r.EventPattern))
		must(t, p.Events.PutRule(r))
		p.Events.Put(events.Event{Source: rule, Detail: struct{}{}})
	}
	if n := len(p.DeadLetters.Messages()); n != 4 {
		t.Fatalf("%d dead letters, want 4", n)
	}
}

// roleOf returns the ARN of a role of the stack.
func roleOf(t *testing.T, stack *cloudformation.Stack, name string) string {
	t.Helper()
	for _, r := range stack.OfType("AWS::IAM::Role") {
		if strings.HasPrefix(r.LogicalID, name) {
			return r.Attributes["Arn"]
		}
	}
	t.Fatalf("no role %s", name)
	return ""
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
