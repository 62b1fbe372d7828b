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
	"snaplake/local/internal/source"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// proven is a local AWS that runs the stack of local/testdata/pipeline.yaml, and the sample behind each of its sources.
type proven struct {
	*Cloud
	stack  *cloudformation.Stack
	ledger *iam.Ledger
	clock  *clock.Scaled

	mu      sync.Mutex
	started []string // the ARNs of the executions
}

// provenStack is what make test synthesizes.
func provenStack(t *testing.T) *cloudformation.Stack {
	t.Helper()
	stack, err := cloudformation.Load("../../../dist/cdk.test")
	if err != nil {
		t.Fatalf("%v, or make test", err)
	}
	return stack
}

// open starts it with databases behind the sources; a guard that is not nil decides in place of the stack's policies.
func open(t *testing.T, guard *iam.Guard, sources ...string) *proven {
	t.Helper()
	stack := provenStack(t)
	config, err := Configuration(stack)
	must(t, err)
	databases := map[string]export.Database{}
	for _, name := range sources {
		db, err := source.Open(t.Context(), "sample")
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		databases[name] = db
	}
	p := &proven{stack: stack, ledger: &iam.Ledger{}, clock: clock.NewScaled(time.Now().Truncate(time.Minute), 3000)}
	p.Cloud, err = Open(Options{
		Stack: stack, Config: config, Functions: "../../../dist/bin", Dir: t.TempDir(), Logs: t.TempDir(),
		Databases: databases, Clock: p.clock, Decided: p.ledger.Record, Guard: guard, Observe: p.observe,
	})
	must(t, err)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *proven) observe(arn string, e stepfunctions.Event) {
	if e.Type == "ExecutionStarted" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.started = append(p.started, arn)
	}
}

// wait waits for all executions that were started, and returns them.
func (p *proven) wait(t *testing.T) []stepfunctions.Execution {
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

// succeed wants all executions to have succeeded.
func (p *proven) succeed(t *testing.T) {
	t.Helper()
	for _, e := range p.wait(t) {
		if e.Status != stepfunctions.Succeeded {
			t.Fatalf("%s ended %s: %s: %s", e.ARN, e.Status, e.Error, e.Cause)
		}
	}
}

// nights runs some nights of all sources: RDS's events start those of billing and shop, and the schedules start all a second
// time while they run.
func (p *proven) nights(t *testing.T, n int) {
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

// takeUp runs a night of the live source over its newest export once more, as a person does.
func (p *proven) takeUp(t *testing.T) {
	t.Helper()
	ended := p.wait(t)
	slices.Reverse(ended)
	var record workflow.Record
	for _, e := range ended {
		must(t, json.Unmarshal([]byte(e.Output), &record))
		if record.Source == "ledger" {
			break
		}
	}
	_, err := p.StepFunctions.StartExecution(p.StateMachineARN, "", fmt.Sprintf(`{"source": "ledger", "exportId": %q}`, record.Export.ID))
	must(t, err)
	p.succeed(t)
}

// fail lets executions fail, and a schedule start none: somebody is told of the former, and the latter is a dead letter.
func (p *proven) fail(t *testing.T) {
	t.Helper()
	for _, source := range []string{"billing", "shop"} {
		_, err := p.StepFunctions.StartExecution(p.StateMachineARN, "", fmt.Sprintf(`{"source": %q, "snapshot": "nothing"}`, source))
		must(t, err)
		ended := p.wait(t)
		if e := ended[len(ended)-1]; e.Error != "SnapshotNotFound" {
			t.Fatalf("the night of %s ended with %s: %s", source, e.Error, e.Cause)
		}
		mail := p.SNS.Messages()
		if m := mail[len(mail)-1]; m.Subject != "Snaplake proof: run of "+source+" failed in FindSnapshot" || !slices.Equal(m.To, []string{"data-team@example.com"}) {
			t.Fatalf("the mail is %v", m)
		}
	}
	p.bury(t)
}

// bury lets a schedule and the rules start executions with an input that Step Functions does not take.
func (p *proven) bury(t *testing.T) {
	t.Helper()
	tooLarge := `"` + strings.Repeat("x", 300_000) + `"`
	dead := events.DeadLetterConfig{ARN: p.DeadLetters.ARN}
	must(t, p.Events.CreateSchedule(events.Schedule{Name: "too-large", Target: events.ScheduleTarget{
		ARN: p.StateMachineARN, Input: tooLarge, RoleARN: roleOf(t, p.stack, "SchedulerRole"), DeadLetterConfig: dead,
	}}))
	if _, err := p.Events.Fire("too-large"); err == nil {
		t.Fatal("an execution has started with an input that is too large")
	}
	for _, rule := range []string{"proof-billing-snapshot", "proof-shop-snapshot", "proof-failed"} {
		must(t, p.Events.PutRule(events.Rule{
			Name: rule, EventPattern: json.RawMessage(`{"source": ["` + rule + `"]}`),
			Targets: []events.Target{{ID: "1", ARN: p.StateMachineARN, RoleARN: roleOf(t, p.stack, "SnapshotRuleRole"), Input: tooLarge, DeadLetterConfig: dead}},
		}))
		p.Events.Put(events.Event{Source: rule, Detail: struct{}{}})
	}
	if n := len(p.DeadLetters.Messages()); n != 4 {
		t.Fatalf("there are %d dead letters, want 4", n)
	}
}

// roleOf is the ARN of a role of the stack.
func roleOf(t *testing.T, stack *cloudformation.Stack, name string) string {
	t.Helper()
	for _, r := range stack.OfType("AWS::IAM::Role") {
		if strings.HasPrefix(r.LogicalID, name) {
			return r.Attributes["Arn"]
		}
	}
	t.Fatalf("there is no role %s", name)
	return ""
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
