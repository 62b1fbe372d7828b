package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// afterSnapshot is the time from a snapshot to the start of a scheduled run.
const afterSnapshot = 25 * time.Minute

type runCommand struct {
	runFlags
	Runs     int `default:"1" help:"Number of runs, one per day. The sample database changes between runs."`
	Redrives int `default:"0" help:"Maximum number of redrives of a failed run."`
}

// Validate is called by kong.
func (c *runCommand) Validate() error {
	switch {
	case c.Runs < 1:
		return errors.New("--runs must be at least 1")
	case c.Redrives < 0:
		return errors.New("--redrives must be at least 0")
	}
	return c.runFlags.Validate()
}

// Run is called by kong.
func (c *runCommand) Run(ctx context.Context, at time.Time) error {
	return c.withRunner(ctx, at, cloud.Options{}, func(n runner) error {
		n.redrives, n.hint = c.Redrives, fmt.Sprintf("; to redrive the execution, run %q", commandLine("serve", n.dir))
		failed := n.run(ctx, c.Runs)
		if ctx.Err() != nil {
			return failed
		}
		if err := n.save(); err != nil || failed != nil {
			return errors.Join(failed, err)
		}
		n.showWhereToLook()
		return nil
	})
}

// runner executes runs of the sources in a lake.
type runner struct {
	*lake
	redrives int
	lines    *progress
	// hint is the end of the error for a failed execution.
	hint string
}

// outcome is the finished execution of a source.
type outcome struct {
	stepfunctions.Execution
	source workflow.Source
}

// run executes the given number of runs of each source, each a day after the previous run.
func (n runner) run(ctx context.Context, runs int) error {
	if n.unusable != nil {
		return n.unusable
	}
	next := n.clock.Now()
	if n.saved != nil {
		next = n.saved.At.AddDate(0, 0, 1)
	}
	for i := 1; i <= runs; i++ {
		n.clock.Advance(max(0, next.Sub(n.clock.Now())))
		next = n.clock.Now().AddDate(0, 0, 1)
		for _, d := range n.databases {
			fmt.Printf("Run %d of %d, source %s, database %s\n", i, runs, d.source.Name, d)
		}
		if err := n.execute(ctx, i == runs); err != nil {
			return err
		}
	}
	return nil
}

// execute executes one run of each source and shows the views. If last is true, it also shows their columns and a few rows.
func (n runner) execute(ctx context.Context, last bool) error {
	began := time.Now()
	n.lines.begin(n.databases)
	outcomes, err := n.executeAll(ctx)
	if err != nil {
		return err
	}
	took := time.Since(began)
	var failures []error
	for _, o := range outcomes {
		history, err := n.aws.StepFunctions.History(o.ARN)
		if err != nil {
			return err
		}
		transitions, invocations := billed(history)
		name := ""
		if len(n.databases) > 1 {
			name = o.source.Name + " "
		}
		fmt.Printf("  %s%s in %.1f s: %d transitions, %d invocations\n", name, o.Status, took.Seconds(), transitions, invocations)
		if o.Status != stepfunctions.Succeeded {
			failures = append(failures, n.failure(o))
		} else if err := n.showViews(ctx, o.source, last); err != nil {
			return err
		}
	}
	return errors.Join(failures...)
}

// billed returns the number of state transitions that Step Functions bills, one for each attempt of a task and each other state, and the
// number of Lambda invocations.
func billed(history []stepfunctions.Event) (transitions, invocations int) {
	for _, e := range history {
		switch {
		case e.Type == "TaskScheduled":
			transitions++
			invocations++
		case e.Type != "TaskStateEntered" && strings.HasSuffix(e.Type, "StateEntered"):
			transitions++
		}
	}
	return transitions, invocations
}

// failure returns the command's error for a failed execution.
func (n runner) failure(o outcome) error {
	return fmt.Errorf("the run of source %s ended with status %s: %s; the logs of the functions are in %s%s",
		o.source.Name, o.Status, reason(o.Error, o.Cause), n.work.path(logFolder), n.hint)
}

// executeAll executes the sources level by level (see [runner.levels]). The sources of a level run at the same time.
func (n runner) executeAll(ctx context.Context) ([]outcome, error) {
	var all []outcome
	for _, level := range n.levels() {
		arns, err := n.start(ctx, level)
		if err != nil {
			return nil, err
		}
		outcomes, errs := make([]outcome, len(level)), make([]error, len(level))
		var running sync.WaitGroup
		for i, source := range level {
			running.Go(func() { outcomes[i], errs[i] = n.finish(ctx, source, arns[i]) })
		}
		running.Wait()
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
		all = append(all, outcomes...)
	}
	return all, nil
}

// levels groups the sources that run at the same time. A source whose views read views of another source runs after it, because CreateViews
// rejects a view that reads a missing view.
func (n runner) levels() [][]workflow.Source {
	sources, reads := map[string]workflow.Source{}, map[string][]string{} // by database
	for _, d := range n.databases {
		name := d.source.Database()
		sources[name], reads[name] = d.source, nil
		for _, v := range d.source.Views {
			for _, ref := range workflow.TableRefs(v.SQL) {
				if ref.Database != name {
					reads[name] = append(reads[name], ref.Database)
				}
			}
		}
	}
	names, err := workflow.TopoLevels(reads)
	if err != nil { // sources that read each other's views
		names = [][]string{slices.Sorted(maps.Keys(sources))}
	}
	var levels [][]workflow.Source
	for _, databases := range names {
		var level []workflow.Source
		for _, name := range databases {
			level = append(level, sources[name])
		}
		levels = append(levels, level)
	}
	return levels
}

// finish waits until an execution ends. It redrives a failed execution, each time after the email about the failure has been printed.
func (n runner) finish(ctx context.Context, source workflow.Source, arn string) (outcome, error) {
	for redrives := 0; ; redrives++ {
		execution, err := n.aws.StepFunctions.Wait(ctx, arn)
		o := outcome{execution, source}
		if err != nil || o.Status == stepfunctions.Succeeded {
			return o, err
		}
		// Settle returns after Notify has sent the email.
		if err := n.aws.Lambda.Settle(ctx); err != nil || redrives == n.redrives {
			return o, err
		}
		fmt.Printf("Redrive %d of at most %d, source %s\n", redrives+1, n.redrives, source.Name)
		if err := n.aws.StepFunctions.RedriveExecution(arn, ""); err != nil {
			return o, err
		}
	}
}

// start takes automated snapshots of some sources and returns the ARNs of the resulting executions. If a source sets on_snapshot, the event
// of the snapshot starts the execution; otherwise, the schedule does.
func (n runner) start(ctx context.Context, sources []workflow.Source) (arns []string, err error) {
	for _, s := range sources {
		if err := n.aws.RDS.Backup(ctx, s.Identifier()); err != nil {
			return nil, err
		}
	}
	if slices.ContainsFunc(sources, func(s workflow.Source) bool { return !s.OnSnapshot }) {
		n.clock.Advance(afterSnapshot)
	}
	arns = make([]string, len(sources))
	for i, s := range sources {
		if s.OnSnapshot {
			arns[i], err = n.lines.execution(s.Name)
		} else {
			arns[i], err = n.aws.Events.Fire(n.config.Name + "-" + s.Name)
		}
		if err != nil {
			return nil, err
		}
	}
	return arns, nil
}

func (n runner) showWhereToLook() {
	query := "go run ./local query" + dirOption(n.dir)
	fmt.Printf("The data lake is in %s, and the logs of the functions are in %s.\n", n.work.path(lakeFolder), n.work.path(logFolder))
	printAligned(os.Stdout, []table.Row{
		{query + ` "SELECT ..."`, "queries the views; the views in " + n.first().Database() + " need no prefix"},
		{query, "lists the views, their columns and their freshness"},
		{"go run ./local run" + dirOption(n.dir), "executes the next day's run"},
		{commandLine("views", n.dir), "shows how a changed configuration would change the views"},
		{commandLine("serve", n.dir), "keeps a local AWS running for the AWS CLI and SDKs"},
	})
}
