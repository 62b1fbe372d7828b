package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/sns"
	"snaplake/local/internal/stepfunctions"
)

// afterSnapshot is the time from a snapshot to the start of a scheduled run.
const afterSnapshot = 25 * time.Minute

type runCommand struct {
	Source string  `default:"sample" placeholder:"[NAME=]DATABASE" help:"${database}"`
	Runs   int     `default:"1" help:"Number of runs, one per day. The sample database changes between runs."`
	Speed  float64 `default:"300" help:"Speed of the clock while a run waits, as a multiple of real time."`
	Dir    string  `default:".local" help:"Folder for the data lake, the logs and run.json."`

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
	scaled := clock.NewScaled(at, c.Speed)
	lines := newProgress(os.Stdout, scaled)
	s, err := openSession(ctx, c.Source, c.Dir, cloud.Options{Clock: scaled, Observe: lines.observe, Published: showMail, Faults: faults})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()

	n := runner{command: c, session: s, clock: scaled, lines: lines}
	if err := n.run(ctx); err != nil {
		return err
	}
	if err := s.aws.Save(s.work.path(nextFolder), s.source.Database()); err != nil {
		return err
	}
	if err := s.work.publish(); err != nil {
		return err
	}
	n.showWhereToLook()
	return nil
}

// runner executes the runs that a runCommand requests.
type runner struct {
	*session
	command *runCommand
	clock   *clock.Scaled
	lines   *progress
}

func (n runner) run(ctx context.Context) error {
	for i := 1; i <= n.command.Runs; i++ {
		began := n.clock.Now()
		fmt.Printf("Run %d of %d, source %s, database %s\n", i, n.command.Runs, n.source.Name, n.label)
		if err := n.execute(ctx, i); err != nil {
			return err
		}
		n.clock.Advance(began.AddDate(0, 0, 1).Sub(n.clock.Now()))
	}
	return nil
}

func (n runner) execute(ctx context.Context, i int) error {
	began := time.Now()
	n.lines.begin()
	arn, err := n.start(ctx)
	var execution stepfunctions.Execution
	if err == nil {
		execution, err = n.finish(ctx, arn)
	}
	n.lines.end()
	if err != nil {
		return err
	}
	history, err := n.aws.StepFunctions.History(arn)
	if err != nil {
		return err
	}
	took := time.Since(began)
	report := newReport(execution, history, took)
	fmt.Printf("  %s in %.1f s: %d transitions, %d invocations\n", report.Status, took.Seconds(), report.Transitions, report.Invocations)
	if execution.Status == stepfunctions.Succeeded {
		if err := n.showViews(ctx, &report, i == n.command.Runs); err != nil {
			return err
		}
	}
	if err := report.write(filepath.Join(n.command.Dir, "run.json")); err != nil {
		return err
	}
	if execution.Status != stepfunctions.Succeeded {
		return n.failure(i, execution)
	}
	return nil
}

// failure returns the command's error for a failed run.
func (n runner) failure(i int, e stepfunctions.Execution) error {
	hint := ""
	if n.command.Redrives == 0 {
		hint = "; to redrive a failed run, add --redrives 1"
	}
	return fmt.Errorf("run %d ended with status %s: %s; the logs of the functions are in %s%s",
		i, e.Status, reason(e.Error, e.Cause), filepath.Join(n.command.Dir, logFolder), hint)
}

// finish waits until an execution ends. It redrives a failed execution up to --redrives times, each time after the email about the failure
// has been printed.
func (n runner) finish(ctx context.Context, arn string) (stepfunctions.Execution, error) {
	for redrives := 0; ; redrives++ {
		execution, err := n.aws.StepFunctions.Wait(ctx, arn)
		if err != nil || execution.Status == stepfunctions.Succeeded {
			return execution, err
		}
		if err := n.aws.Lambda.Settle(ctx); err != nil { // until Notify has sent the email
			return execution, err
		}
		if redrives == n.command.Redrives {
			return execution, nil
		}
		fmt.Printf("Redrive %d of at most %d\n", redrives+1, n.command.Redrives)
		if err := n.aws.StepFunctions.RedriveExecution(arn, ""); err != nil {
			return execution, err
		}
	}
}

// start takes an automated snapshot and returns the ARN of the resulting execution. If the source sets on_snapshot, the event of the
// snapshot starts the execution; otherwise, the schedule does.
func (n runner) start(ctx context.Context) (string, error) {
	if err := n.aws.RDS.Backup(ctx, n.source.Identifier()); err != nil {
		return "", err
	}
	if n.source.OnSnapshot {
		return n.lines.execution()
	}
	n.clock.Advance(afterSnapshot)
	return n.aws.Events.Fire(n.config.Name + "-" + n.source.Name)
}

// showMail prints the notification email about a failed execution.
func showMail(m sns.Message) {
	to := cmp.Or(strings.Join(m.To, ", "), `nobody, because the setting "notify" is empty`)
	fmt.Printf("\nEmail to %s\nSubject: %s\n\n%s\n", to, m.Subject, m.Text)
}

func (n runner) showWhereToLook() {
	fmt.Printf(`
The data lake is in %[1]s, the logs of the functions are in %[2]s, and the report of this run is %[3]s.
  go run ./local query "SELECT ..."    queries the views; the views in %[4]s need no prefix
  go run ./local run --runs 5          runs the workflow five times, over data that changes between runs
  make views                           shows how a changed configuration would change the views
  make serve                           keeps a local AWS running for the AWS CLI and SDKs
`, n.work.path(lakeFolder), n.work.path(logFolder), n.work.path("run.json"), n.source.Database())
}
