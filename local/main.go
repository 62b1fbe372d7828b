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

type commands struct {
	Run   runCommand   `cmd:"" help:"Run one or more nights, and show the views that they make."`
	Serve serveCommand `cmd:"" help:"Keep the local AWS up, for the AWS CLI and SDKs."`
	Query queryCommand `cmd:"" help:"Ask the lake of the last run in SQL, through Athena."`
	Views viewsCommand `cmd:"" help:"Make all views of the configuration over the lake of the last run, and show what changes. The lake stays as it is."`
	Prune pruneCommand `cmd:"" help:"Delete what no view reads any more from the lake of the last run."`
}

// password matches the password in the address of a database. A mistyped command line may have one in any place.
var password = regexp.MustCompile(`(://[^\s:/@]*):\S*@`)

func main() { begin(now()) }

// now is where the clock of a run begins: the next full second, so that all times of a night print alike.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// begin runs the command line. at is when the first night begins.
func begin(at time.Time) {
	syscall.Umask(0o077) // no other user may read what this process, DuckDB in it, and the functions write
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := execute(ctx, os.Args[1:], at)
	stop()
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "snaplake: stopped")
		os.Exit(130) // as a shell reports a program that Ctrl-C ended
	case err != nil:
		fmt.Fprintln(os.Stderr, "snaplake:", password.ReplaceAllString(err.Error(), "$1:***@"))
		os.Exit(1)
	}
}

func execute(ctx context.Context, args []string, at time.Time) error {
	var c commands
	exited := false
	parser, err := kong.New(&c, kong.Name("local"), kong.Description("Snaplake on one machine, without an AWS account."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(at), kong.Exit(func(int) { exited = true }))
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if exited { // it was asked for help, and has given it
		return nil
	}
	if err != nil {
		return err
	}
	return command.Run()
}
