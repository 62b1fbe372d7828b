// Command local is Snaplake on one machine: it runs the synthesized stack in a local AWS, over a real database.
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

// version is set by the linker, see the Makefile.
var version = "devel"

type commands struct {
	Version kong.VersionFlag `help:"Print the version."`

	Run   runCommand   `cmd:"" help:"Run the workflow once or several times, and show its views."`
	Serve serveCommand `cmd:"" help:"Keep the local AWS running, for the AWS CLI and SDKs."`
	Query queryCommand `cmd:"" help:"Query the lake of the last run, through Athena."`
	Views viewsCommand `cmd:"" help:"Create all views of the configuration over the lake of the last run, and show what changes. The lake is not changed."`
	Prune pruneCommand `cmd:"" help:"Delete expired exports from the lake of the last run."`
}

// password matches the password in a database URL, anywhere in a message: a mistyped command line may have one in any place.
var password = regexp.MustCompile(`(://[^\s:/@]*):\S*@`)

func main() { begin(now()) }

// now returns the start of the clock, a full second, so that all times of a run print alike.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// begin executes the command line; the first run begins at the given time.
func begin(at time.Time) {
	syscall.Umask(0o077) // files of this process, DuckDB and the functions are private
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := execute(ctx, os.Args[1:], at)
	stop()
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "snaplake: stopped")
		os.Exit(130) // the status that a shell reports after Ctrl-C
	case err != nil:
		fmt.Fprintln(os.Stderr, "snaplake:", password.ReplaceAllString(err.Error(), "$1:***@"))
		os.Exit(1)
	}
}

func execute(ctx context.Context, args []string, at time.Time) error {
	var c commands
	exited := false
	parser, err := kong.New(&c, kong.Name("local"), kong.Description("Snaplake on one machine, without an AWS account."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(at), kong.Vars{"version": version}, kong.Exit(func(int) { exited = true }))
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if exited { // it has printed its help
		return nil
	}
	if err != nil {
		return err
	}
	return command.Run()
}
