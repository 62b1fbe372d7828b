package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/events"
	"snaplake/local/internal/export"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// What make bench has built, seen from the root of the project.
const (
	assemblyFolder  = "dist/cdk.test"
	functionsFolder = "dist/bin"
	deployedFolder  = "dist/lambda"
)

// The source that is measured, and its database in RDS. It has history, changes, checks and views of its own.
const (
	source   = "billing"
	instance = "billing-prod"
)

// world is a local AWS with the stack of the tests in it, on a virtual clock: what waits takes no time, what works takes its own.
type world struct {
	*cloud.Cloud
	config workflow.Config
	clock  *clock.Virtual
	dir    string

	mu sync.Mutex
	// arn is the newest execution's.
	arn string
	// calls and reports are those since [world.forget], of all services and functions.
	calls   []cloud.Call
	reports []lambda.Report
}

// openWorld starts one whose source has this database.
func openWorld(db export.Database) (_ *world, err error) {
	stack, err := cloudformation.Load(assemblyFolder)
	if err != nil {
		return nil, err
	}
	w := &world{clock: clock.NewVirtual(time.Date(2026, 11, 1, 17, 5, 0, 0, time.UTC))}
	if w.config, err = cloud.Configuration(stack); err != nil {
		return nil, err
	}
	if w.dir, err = os.MkdirTemp("", "bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if err := os.Mkdir(w.dir+"/logs", 0o755); err != nil {
		return nil, err
	}
	w.Cloud, err = cloud.Open(cloud.Options{
		Stack: stack, Config: w.config, Functions: functionsFolder, Dir: w.dir + "/lake", Logs: w.dir + "/logs",
		Databases: map[string]export.Database{source: db}, Clock: w.clock,
		Called: w.called, Observe: w.observe, Reported: w.reported,
	})
	return w, err
}

func (w *world) called(c cloud.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, c)
}

func (w *world) reported(r lambda.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reports = append(w.reports, r)
}

func (w *world) observe(arn string, e stepfunctions.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.Type == "ExecutionStarted" {
		w.arn = arn
	}
}

// forget begins to count anew.
func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.reports = nil, nil
}

// counted are the calls and reports since then.
func (w *world) counted() ([]cloud.Call, []lambda.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls, w.reports
}

// night runs the next night, which RDS's event of a new snapshot begins, and returns its history. One that fails is an error.
func (w *world) night(ctx context.Context) ([]stepfunctions.Event, error) {
	w.clock.Advance(24 * time.Hour)
	if err := w.RDS.Backup(ctx, instance); err != nil {
		return nil, err
	}
	w.mu.Lock()
	arn := w.arn
	w.mu.Unlock()
	execution, err := w.StepFunctions.Wait(ctx, arn)
	if err != nil {
		return nil, err
	}
	if execution.Status != stepfunctions.Succeeded {
		return nil, fmt.Errorf("the night ended %s: %s: %s", execution.Status, execution.Error, execution.Cause)
	}
	return w.StepFunctions.History(arn)
}

// startNoNights disables the rule by which a new snapshot starts the state machine.
func (w *world) startNoNights() error {
	return w.Events.PutRule(events.Rule{
		Name: w.config.Name + "-" + source + "-snapshot", State: "DISABLED", EventPattern: json.RawMessage(`{"source": ["aws.rds"]}`),
	})
}

// invoke calls a function by its name without the pipeline's, and reads its answer into out.
func (w *world) invoke(ctx context.Context, function string, in, out any) error {
	payload, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := w.Lambda.Invoke(ctx, w.config.Name+"-"+function, payload)
	if err != nil {
		return fmt.Errorf("invoke %s: %w", function, err)
	}
	if answer.FunctionError != "" {
		return fmt.Errorf("%s failed: %s", function, answer.Payload)
	}
	return json.Unmarshal(answer.Payload, out)
}

// function is a function's name without the pipeline's.
func (w *world) function(name string) string { return strings.TrimPrefix(name, w.config.Name+"-") }

func (w *world) close() error {
	var err error
	if w.Cloud != nil {
		err = w.Cloud.Close()
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}
