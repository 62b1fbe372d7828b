// Command local is Snaplake on one machine: it runs the synthesized stack in a local AWS, over a real database.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type commands struct {
	Run   runCommand   `cmd:"" help:"Run one or more nights, and show the views that they make."`
	Serve serveCommand `cmd:"" help:"Keep the local AWS up, for the AWS CLI and SDKs."`
	Query queryCommand `cmd:"" help:"Ask the lake of the last run in SQL, through Athena."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := execute(ctx, os.Args[1:])
	stop()
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "snaplake: stopped")
		os.Exit(130) // as a shell reports a program that Ctrl-C ended
	case err != nil:
		fmt.Fprintln(os.Stderr, "snaplake:", err)
		os.Exit(1)
	}
}

func execute(ctx context.Context, args []string) error {
	var c commands
	exited := false
	parser, err := kong.New(&c, kong.Name("local"), kong.Description("Snaplake on one machine, without an AWS account."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Exit(func(int) { exited = true }))
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
