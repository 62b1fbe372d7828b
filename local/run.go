package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// afterSnapshot is how long after its snapshot a night begins.
const afterSnapshot = 25 * time.Minute

type runCommand struct {
	Source string  `default:"sample" placeholder:"[NAME=]DATABASE" help:"What stands behind the (first) source: sample, mysql://user:password@host:port/database, or export:DIR for a finished RDS export."`
	Nights int     `default:"1" help:"How many nights to run. The sample changes between nights."`
	Speed  float64 `default:"300" help:"How many seconds of a night's waiting pass in one."`
	Dir    string  `default:".local" help:"Folder for the lake, the logs and run.json."`
}

// Validate is called by kong.
func (c *runCommand) Validate() error {
	switch {
	case c.Nights < 1:
		return fmt.Errorf("--nights must be at least 1")
	case c.Speed < 1:
		return fmt.Errorf("--speed must be at least 1, which is real time")
	}
	return nil
}

// Run is called by kong.
func (c *runCommand) Run(ctx context.Context) (err error) {
	p, err := openProject(ctx, c.Source)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.database.Close()) }()
	work, err := openWork(c.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, work.close()) }()

	time := clock.NewScaled(now(), c.Speed)
	lines := newProgress(os.Stdout, time)
	aws, err := cloud.Open(cloud.Options{
		Stack: p.stack, Config: p.config, Functions: functionsFolder, Dir: work.path(nextFolder), Logs: work.path(logFolder),
		Databases: p.databases(), Clock: time, Observe: lines.observe,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, aws.Close()) }()

	n := nights{command: c, project: p, aws: aws, clock: time, lines: lines}
	if err := n.run(ctx); err != nil {
		return err
	}
	if err := aws.Save(work.path(nextFolder), p.source.Database()); err != nil {
		return err
	}
	if err := work.publish(); err != nil {
		return err
	}
	n.showWhereToLook(work)
	return nil
}

// now is where the clock of a run begins: the next full second, so that all times of a night print alike.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// nights runs the nights of one run.
type nights struct {
	command *runCommand
	project *project
	aws     *cloud.Cloud
	clock   *clock.Scaled
	lines   *progress
}

func (n nights) run(ctx context.Context) error {
	for night := 1; night <= n.command.Nights; night++ {
		began := n.clock.Now()
		if err := n.aws.RDS.Backup(ctx, n.project.source.Identifier()); err != nil {
			return err
		}
		n.clock.Advance(afterSnapshot)
		fmt.Printf("Night %d of %d, source %s, database %s\n", night, n.command.Nights, n.project.source.Name, n.project.described)
		if err := n.night(ctx, night); err != nil {
			return err
		}
		n.clock.Advance(began.AddDate(0, 0, 1).Sub(n.clock.Now()))
	}
	return nil
}

func (n nights) night(ctx context.Context, night int) error {
	began := time.Now()
	input, err := json.Marshal(workflow.Input{Source: n.project.source.Name})
	if err != nil {
		return err
	}
	n.lines.begin()
	arn, err := n.aws.StepFunctions.StartExecution(n.aws.StateMachineARN, fmt.Sprintf("night-%d", night), string(input))
	if err != nil {
		return err
	}
	execution, err := n.aws.StepFunctions.Wait(ctx, arn)
	n.lines.end()
	if err != nil {
		return err
	}
	history, err := n.aws.StepFunctions.History(arn)
	if err != nil {
		return err
	}
	report := newReport(execution, history, time.Since(began))
	fmt.Printf("  %s in %.1f s: %d transitions, %d invocations\n", report.Status, time.Since(began).Seconds(), report.Transitions, report.Invocations)
	if execution.Status == stepfunctions.Succeeded {
		if err := n.showViews(ctx, &report, night == n.command.Nights); err != nil {
			return err
		}
	}
	if err := report.write(filepath.Join(n.command.Dir, "run.json")); err != nil {
		return err
	}
	if execution.Status != stepfunctions.Succeeded {
		return fmt.Errorf("night %d ended %s: %s; what the functions logged is in %s",
			night, execution.Status, reason(execution.Error, execution.Cause), filepath.Join(n.command.Dir, logFolder))
	}
	return nil
}

func (n nights) showWhereToLook(work *workFolder) {
	fmt.Printf(`
The lake is in %[1]s, what the functions logged in %[2]s, this run in %[3]s.
  go run ./local query "SELECT ..."    asks the lake in SQL; tables of %[4]s need no prefix
  go run ./local run --nights 3        shows the same views over changing data
  make serve                           keeps the local AWS up, for the AWS CLI and SDKs
`, work.path(lakeFolder), work.path(logFolder), work.path("run.json"), n.project.source.Database())
}
