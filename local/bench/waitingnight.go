package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// waiting is a world in which the stack's state machine ends where it has waited for an export, and can be made to wait otherwise.
type waiting struct {
	*world
	machines   *stepfunctions.Service
	machineARN string
	// every takes the place of the waits that the functions answer, when it is not 0.
	every time.Duration
}

func openWaiting() (_ *waiting, err error) {
	w := &waiting{}
	if w.world, err = openWorld(company{tables: 3, rows: 2}); err != nil {
		return nil, err
	}
	w.machines = stepfunctions.New(stepfunctions.Options{Region: w.Region, Account: w.Account, Clock: w.clock, Invoker: w})
	err = w.startNoNights()
	if err == nil {
		err = w.createMachine()
	}
	if err != nil {
		return nil, errors.Join(err, w.world.close())
	}
	return w, nil
}

// createMachine makes the stack's state machine.
func (w *waiting) createMachine() error {
	stack, err := cloudformation.Load(assemblyFolder)
	if err != nil {
		return err
	}
	r := stack.OfType("AWS::StepFunctions::StateMachine")[0]
	var m struct {
		RoleARN string `json:"RoleArn"`
	}
	if err := cloudformation.Decode(r, &m); err != nil {
		return err
	}
	definition, err := stack.Definition(r)
	if err != nil {
		return err
	}
	w.machineARN, err = w.machines.CreateStateMachine(stepfunctions.StateMachine{Name: w.config.Name, RoleARN: m.RoleARN, Definition: definition})
	return err
}

func (w *waiting) close(ctx context.Context) error {
	return errors.Join(w.machines.Close(ctx), w.world.close())
}

// hasWaited is the error of StartCrawler, which ends the execution there.
const hasWaited = "HasWaited"

// Invoke calls the functions up to StartCrawler.
func (w *waiting) Invoke(ctx context.Context, function string, payload []byte) (stepfunctions.Invocation, error) {
	switch {
	case strings.HasSuffix(function, "-startcrawler"):
		return stepfunctions.Invocation{FunctionError: "Unhandled", Payload: []byte(`{"errorType": "` + hasWaited + `"}`)}, nil
	case strings.HasSuffix(function, "-findsnapshot") || w.every == 0:
		answer, err := w.Lambda.Invoke(ctx, function, payload)
		return stepfunctions.Invocation(answer), err
	}
	answer, err := w.Lambda.Invoke(ctx, function, payload)
	var export workflow.Export
	if err != nil || answer.FunctionError != "" || json.Unmarshal(answer.Payload, &export) != nil {
		return stepfunctions.Invocation(answer), err
	}
	export.WaitSeconds = int(w.every.Seconds())
	answer.Payload, err = json.Marshal(export)
	return stepfunctions.Invocation(answer), err
}

// waited is what it took to wait for an export.
type waited struct {
	// lost is the time from COMPLETE to StartCrawler.
	lost time.Duration
	// looks are CheckExport's, transitions all of the state machine's up to StartCrawler.
	looks, transitions int
}

// watch waits for an export which takes that much longer than its shape, with a look so often, or as the functions say.
func (w *waiting) watch(ctx context.Context, shape waitingShape, longer, every time.Duration) (waited, error) {
	w.every = every
	w.clock.Advance(time.Hour) // the next snapshot
	course := shape.course
	course.Extracting += longer
	w.RDS.SetCourse(course)
	if err := w.RDS.Backup(ctx, instance); err != nil {
		return waited{}, err
	}
	arn, err := w.machines.StartExecution(w.machineARN, "", `{"source": "`+source+`"}`)
	if err != nil {
		return waited{}, err
	}
	execution, err := w.machines.Wait(ctx, arn)
	if err != nil {
		return waited{}, err
	}
	if execution.Error != hasWaited {
		return waited{}, fmt.Errorf("the night ended %s: %s: %s", execution.Status, execution.Error, execution.Cause)
	}
	history, err := w.machines.History(arn)
	return waitedIn(history, shape.takes()+longer), err
}

// waitedIn reads the history of an execution whose export took so long.
func waitedIn(history []stepfunctions.Event, took time.Duration) (all waited) {
	var complete time.Time
	for _, e := range history {
		if !strings.HasSuffix(e.Type, "StateEntered") {
			continue
		}
		all.transitions++
		switch e.Details.Name {
		case "StartExport":
			complete = e.Time.Add(took)
		case "CheckExport":
			all.looks++
		case "StartCrawler":
			all.lost = e.Time.Sub(complete)
		}
	}
	return all
}
