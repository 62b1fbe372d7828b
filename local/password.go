package main

import (
	"context"
	"fmt"
	"net/url"
	"os"

	"golang.org/x/term"
)

// withPassword adds the password to a database URL that has a user name but no password. It reads the password from the environment or the
// terminal, because a password on the command line would be visible to other users of the machine.
func withPassword(ctx context.Context, spec string) (string, error) {
	u, err := url.Parse(spec)
	if err != nil || u.User == nil { // not the URL of a server, or an invalid URL
		return spec, nil
	}
	if _, given := u.User.Password(); given {
		return spec, nil
	}
	password, given := os.LookupEnv("SNAPLAKE_PASSWORD")
	if terminal := int(os.Stdin.Fd()); !given && term.IsTerminal(terminal) {
		if password, err = ask(ctx, terminal, "Password for "+u.User.Username()+" at "+u.Host+": "); err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String(), nil
}

// ask reads a line from the terminal without echo. Ctrl-C ends the process, which has no open resources yet.
func ask(ctx context.Context, terminal int, question string) (string, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	defer context.AfterFunc(ctx, func() {
		_ = term.Restore(terminal, before)
		fmt.Fprintln(os.Stderr, "\nsnaplake: stopped")
		os.Exit(130)
	})()
	fmt.Fprint(os.Stderr, question)
	line, err := term.ReadPassword(terminal)
	fmt.Fprintln(os.Stderr)
	return string(line), err
}
