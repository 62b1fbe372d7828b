package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/trino"
)

// engineFlag is the flag of the commands that query the views.
type engineFlag struct {
	Engine string `enum:"duckdb,trino" default:"duckdb" help:"Engine of the local Athena: duckdb, or trino, on which Athena is based (docs/local.md)."`
}

// installed returns the installed Trino if the flag names it, or nil. The first call downloads Trino.
func (f engineFlag) installed(ctx context.Context) (*trino.Installation, error) {
	if f.Engine != "trino" {
		return nil, nil
	}
	say := func(line string) { fmt.Fprintln(os.Stderr, line) }
	installer, err := trino.DefaultInstaller(say)
	if err != nil {
		return nil, err
	}
	installation, err := installer.Install(ctx)
	if err == nil {
		say("Starting Trino " + trino.Version + ", which takes about ten seconds.")
	}
	return installation, err
}

// runFlags are the flags of the commands that execute the workflow.
type runFlags struct {
	Source []string `sep:"none" placeholder:"[NAME=]DATABASE" help:"${database}"`
	// Assembly is empty if --assembly is not given.
	Assembly string `placeholder:"FOLDER" help:"Folder of the synthesized stack. Default: the last run's stack, or cdk.out with --source."`

	Speed float64  `default:"300" help:"Speed of the clock while an execution waits, as a multiple of real time. 1 means real time."`
	Dir   string   `default:"${dir}" help:"Folder for the data lake and the logs."`
	Fault []string `sep:"none" placeholder:"TARGET[:WHEN]=KIND" help:"Fault to inject. Can be repeated. To list all faults, use --fault help."`
	Seed  uint64   `default:"1" help:"Random seed for faults that affect a percentage of the calls."`
	engineFlag
}

// Validate is called by kong.
func (f runFlags) Validate() error {
	if f.Speed < 1 {
		return errors.New("--speed must be at least 1 (real time)")
	}
	isColumns := func(text string) bool { return strings.HasPrefix(text, "information_schema.columns") }
	if f.Engine == "trino" && slices.ContainsFunc(f.Fault, isColumns) {
		return errors.New("the fault information_schema.columns needs --engine duckdb")
	}
	return nil
}

// withRunner opens the data lake, calls use, and closes the data lake. With --fault help, it only lists the faults.
func (f runFlags) withRunner(ctx context.Context, at time.Time, o cloud.Options, use func(runner) error) (err error) {
	if slices.Contains(f.Fault, "help") {
		fmt.Print(fault.Help())
		return nil
	}
	if o.Faults, err = f.plan(); err != nil {
		return err
	}
	if o.Trino, err = f.installed(ctx); err != nil {
		return err
	}
	lines := &progress{tracks: map[string]*track{}}
	o.Observe, o.Published = lines.observe, mailbox{f.Dir}.deliver
	l, err := openLake(ctx, f, at, o)
	defer func() { err = errors.Join(err, l.close()) }()
	if err != nil {
		return err
	}
	lines.begin(l.databases)
	return use(runner{lake: l, lines: lines})
}

// plan parses the values of --fault. The error lists all invalid values.
func (f runFlags) plan() (*fault.Plan, error) {
	var faults []fault.Fault
	var errs []error
	for _, text := range f.Fault {
		parsed, err := fault.Parse(text)
		faults, errs = append(faults, parsed), append(errs, err)
	}
	return fault.New(f.Seed, faults...), errors.Join(errs...)
}
