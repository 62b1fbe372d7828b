package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// afterSnapshot is the time from a snapshot to the start of a scheduled run.
const afterSnapshot = 25 * time.Minute

type runCommand struct {
	Source []string `sep:"none" placeholder:"[NAME=]DATABASE" help:"${database} Default: sample, with its own configuration."`
	Runs   int      `default:"1" help:"Number of runs, one per day. The sample database changes between runs."`
	Speed  float64  `default:"300" help:"Speed of the clock while a run waits, as a multiple of real time."`
	Dir    string   `default:"${dir}" help:"Folder for the data lake, the logs and run.json."`

	faultFlags
	Redrives int `default:"0" help:"Maximum number of redrives of a failed run."`
}

// Validate is called by kong.
func (c *runCommand) Validate() error {
	switch {
	case c.Runs < 1:
		return fmt.Errorf("--runs must be at least 1")
	case c.Speed < 1:
		return fmt.Errorf("--speed must be at least 1 (real time)")
	case c.Redrives < 0:
		return fmt.Errorf("--redrives must be at least 0")
	}
	return nil
}

// Run is called by kong.
func (c *runCommand) Run(ctx context.Context, at time.Time) (err error) {
	if c.printHelp() {
		return nil
	}
	faults, err := c.plan()
	if err != nil {
		return err
	}
	lines := newProgress(os.Stdout)
	l, err := openLake(ctx, c.Dir, c.Source, false, at, c.Speed, cloud.Options{
		Observe: lines.observe, Published: mailbox{c.Dir}.deliver, Faults: faults,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	n := runner{lake: l, redrives: c.Redrives, lines: lines}
	failed := n.run(ctx, c.Runs)
	if ctx.Err() != nil {
		return failed
	}
	if err := l.save(); err != nil || failed != nil {
		return errors.Join(failed, err)
	}
	n.showWhereToLook()
	return nil
}

// runner executes runs of the sources in a lake.
type runner struct {
	*lake
	redrives int
	lines    *progress
}

// run executes the given number of runs of each source, one per day.
func (n runner) run(ctx context.Context, runs int) error {
	for i := 1; i <= runs; i++ {
		began := n.clock.Now()
		for _, d := range n.databases {
			fmt.Printf("Run %d of %d, source %s, database %s\n", i, runs, d.source.Name, d)
		}
		if err := n.execute(ctx, i == runs); err != nil {
			return err
		}
		n.clock.Advance(began.AddDate(0, 0, 1).Sub(n.clock.Now()))
	}
	return nil
}

// execute executes one run of each source and shows the views. If last is true, it also shows their columns and a few rows.
func (n runner) execute(ctx context.Context, last bool) error {
	began := time.Now()
	n.lines.begin(n.clock, n.databases)
	executions, err := n.executeAll(ctx)
	n.lines.end()
	if err != nil {
		return err
	}
	took := time.Since(began)
	var all report
	var failures []error
	for i, e := range executions {
		history, err := n.aws.StepFunctions.History(e.ARN)
		if err != nil {
			return err
		}
		source := n.databases[i].source
		r := newExecutionReport(source.Name, e, history, took)
		fmt.Printf("  %s\n", n.summary(r))
		if e.Status == stepfunctions.Succeeded {
			if err := n.showViews(ctx, source, &r, last); err != nil {
				return err
			}
		} else {
			failures = append(failures, n.failure(source, e))
		}
		all.Executions = append(all.Executions, r)
	}
	return errors.Join(errors.Join(failures...), all.write(n.work.path("run.json")))
}

// summary describes a finished execution in one line.
func (n runner) summary(r executionReport) string {
	name := ""
	if len(n.databases) > 1 {
		name = r.Source + " "
	}
	return fmt.Sprintf("%s%s in %.1f s: %d transitions, %d invocations", name, r.Status, float64(r.DurationMs)/1000, r.Transitions, r.Invocations)
}

// failure returns the command's error for a failed execution.
func (n runner) failure(source workflow.Source, e stepfunctions.Execution) error {
	hint := ""
	if n.redrives == 0 {
		hint = "; to redrive a failed run, add --redrives 1"
	}
	return fmt.Errorf("the run of source %s ended with status %s: %s; the logs of the functions are in %s%s",
		source.Name, e.Status, reason(e.Error, e.Cause), n.work.path(logFolder), hint)
}

// executeAll executes the sources at the same time, level by level (see [runner.levels]). It returns the executions in the order of the
// sources.
func (n runner) executeAll(ctx context.Context) ([]stepfunctions.Execution, error) {
	executions, errs := make([]stepfunctions.Execution, len(n.databases)), make([]error, len(n.databases))
	levels, err := n.levels(ctx)
	if err != nil {
		return nil, err
	}
	for _, level := range levels {
		arns, err := n.start(ctx, level)
		if err != nil {
			return nil, err
		}
		var running sync.WaitGroup
		for _, i := range level {
			running.Go(func() { executions[i], errs[i] = n.finish(ctx, n.databases[i].source, arns[i]) })
		}
		running.Wait()
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
	}
	return executions, nil
}

// levels returns the indexes of the sources that run at the same time. All sources do, except if a source reads views of another source
// that have not been published yet: it runs after the other source, because CreateViews would reject its views.
func (n runner) levels(ctx context.Context) ([][]int, error) {
	index, reads := map[string]int{}, map[string][]string{} // by database
	for i, d := range n.databases {
		index[d.source.Database()], reads[d.source.Database()] = i, nil
	}
	for name := range index {
		views, err := definitions(ctx, n.aws, name)
		if err != nil {
			return nil, err
		}
		for _, d := range n.databases {
			reader := d.source.Database()
			if len(views) == 0 && reader != name && slices.ContainsFunc(d.source.Views, func(v workflow.View) bool { return readsFrom(v, name) }) {
				reads[reader] = append(reads[reader], name)
			}
		}
	}
	names, err := workflow.TopoLevels(reads)
	if err != nil { // sources that read each other's views
		names = [][]string{slices.Sorted(maps.Keys(index))}
	}
	var levels [][]int
	for _, level := range names {
		indexes := []int{}
		for _, name := range level {
			indexes = append(indexes, index[name])
		}
		slices.Sort(indexes)
		levels = append(levels, indexes)
	}
	return levels, nil
}

// readsFrom reports whether a user-defined view reads a view of the given database.
func readsFrom(v workflow.View, database string) bool {
	return slices.ContainsFunc(workflow.TableRefs(v.SQL), func(r workflow.TableRef) bool { return r.Database == database })
}

// finish waits until an execution ends. It redrives a failed execution, each time after the email about the failure has been printed.
func (n runner) finish(ctx context.Context, source workflow.Source, arn string) (stepfunctions.Execution, error) {
	for redrives := 0; ; redrives++ {
		execution, err := n.aws.StepFunctions.Wait(ctx, arn)
		if err != nil || execution.Status == stepfunctions.Succeeded {
			return execution, err
		}
		if err := n.aws.Lambda.Settle(ctx); err != nil { // until Notify has sent the email
			return execution, err
		}
		if redrives == n.redrives {
			return execution, nil
		}
		fmt.Printf("Redrive %d of at most %d, source %s\n", redrives+1, n.redrives, source.Name)
		if err := n.aws.StepFunctions.RedriveExecution(arn, ""); err != nil {
			return execution, err
		}
	}
}

// start takes automated snapshots of some sources and returns the ARNs of the resulting executions, by the index of the source. If a source
// sets on_snapshot, the event of the snapshot starts the execution; otherwise, the schedule does.
func (n runner) start(ctx context.Context, level []int) (arns map[int]string, err error) {
	for _, i := range level {
		if err := n.aws.RDS.Backup(ctx, n.databases[i].source.Identifier()); err != nil {
			return nil, err
		}
	}
	arns = map[int]string{}
	if slices.ContainsFunc(level, func(i int) bool { return !n.databases[i].source.OnSnapshot }) {
		n.clock.Advance(afterSnapshot)
	}
	for _, i := range level {
		source := n.databases[i].source
		if source.OnSnapshot {
			arns[i], err = n.lines.execution(source.Name)
		} else {
			arns[i], err = n.aws.Events.Fire(n.config.Name + "-" + source.Name)
		}
		if err != nil {
			return nil, err
		}
	}
	return arns, nil
}

func (n runner) showWhereToLook() {
	option := dirOption(n.dir)
	commands := [][2]string{
		{"go run ./local query" + option + ` "SELECT ..."`, "queries the views; the views in " + n.databases[0].source.Database() + " need no prefix"},
		{"go run ./local query" + option, "lists the views, their columns and their freshness"},
		{n.command("run"), "executes the next day's run"},
		{n.command("views"), "shows how a changed configuration would change the views"},
		{n.command("serve"), "keeps a local AWS running for the AWS CLI and SDKs"},
	}
	fmt.Printf("\nThe data lake is in %s, the logs of the functions are in %s, and the report of this run is %s.\n",
		n.work.path(lakeFolder), n.work.path(logFolder), n.work.path("run.json"))
	width := 0
	for _, c := range commands {
		width = max(width, len(c[0]))
	}
	for _, c := range commands {
		fmt.Printf("  %-*s  %s\n", width, c[0], c[1])
	}
}

// command returns the command line for a command, with the databases and the folder of this run.
func (n runner) command(name string) string {
	if n.dir != defaultDir {
		return "go run ./local " + name + dirOption(n.dir)
	}
	if name == "run" && n.assembly == userAssembly {
		return "make run DATABASE=..."
	}
	return "make " + name
}
