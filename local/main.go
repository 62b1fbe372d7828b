// Command local runs Snaplake on one machine: the synthesized stack in a local AWS, with a real database.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// version is set by the linker. See the Makefile.
var version = "devel"

type commands struct {
	Version kong.VersionFlag `help:"Print the version."`

	Run   runCommand   `cmd:"" help:"Run the workflow one or more times and show its views."`
	Serve serveCommand `cmd:"" help:"Keep a local AWS running for the AWS CLI and SDKs."`
	Query queryCommand `cmd:"" help:"Query the views of the last run."`
	Views viewsCommand `cmd:"" help:"Show how the current configuration would change the views of the last run."`
	Prune pruneCommand `cmd:"" help:"Delete expired exports from the data lake of the last run."`
}

// password matches the password of a database URL anywhere in a message, because any argument of a mistyped command line can contain one.
var password = regexp.MustCompile(`(://[^\s:/@]*):\S*@`)

func main() { begin(now()) }

// now returns the current time in whole seconds, so that all times of a run are printed in the same format.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// begin executes the command line. The clock of the local AWS starts at the given time.
func begin(at time.Time) {
	syscall.Umask(0o077) // other users cannot read the files that this process, DuckDB and the functions create
	ctx, stop := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		signal.Stop(signals) // a second signal ends the process at once
		stop(stopped{s.(syscall.Signal)})
	}()
	err := execute(ctx, os.Args[1:], at)
	s, isStopped := errors.AsType[stopped](context.Cause(ctx))
	switch {
	case isStopped && (errors.Is(err, context.Canceled) || err == nil && s.signal == syscall.SIGTERM):
		fmt.Fprintln(os.Stderr, "snaplake: stopped")
		os.Exit(128 + int(s.signal)) // the status that a shell reports
	case err != nil:
		fmt.Fprintln(os.Stderr, "snaplake:", password.ReplaceAllString(err.Error(), "$1:***@"))
		os.Exit(1)
	}
}

// stopped is the cause of a context that a signal canceled.
type stopped struct{ signal syscall.Signal }

func (s stopped) Error() string { return s.signal.String() }

// Is makes errors.Is treat a signal as context.Canceled, because net/http returns the cause of a cancellation instead of context.Canceled.
func (s stopped) Is(target error) bool { return target == context.Canceled }

// vars returns the values of the variables in the struct tags of the commands.
func vars() kong.Vars {
	return kong.Vars{"version": version, "database": databaseHelp, "dir": defaultDir}
}

func execute(ctx context.Context, args []string, at time.Time) error {
	var c commands
	exited := false
	parser, err := kong.New(&c, kong.Name("local"), kong.Description("Snaplake on one machine, without an AWS account."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(at), vars(),
		kong.Exit(func(int) { exited = true }))
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if exited { // Parse has printed the help or the version
		return nil
	}
	if err != nil {
		return err
	}
	return command.Run()
}
