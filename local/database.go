package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/term"

	"snaplake/local/internal/export"
	"snaplake/local/internal/source"
	"snaplake/workflow"
)

// databaseHelp describes the option --source.
const databaseHelp = "Database of the first source, or NAME=DATABASE for the source NAME. Can be repeated. A database is sample, " +
	"mysql://user@host:port/database, postgres://user@host:port/database, or export:DIR for the files of a finished RDS export. " +
	"The password is read from SNAPLAKE_PASSWORD or the terminal. Default: the databases of the last run, or sample with its own " +
	"configuration."

// database is the database of a source.
type database struct {
	export.Database
	source workflow.Source
	// address is the value of --source without the name and the password. The path of an export's folder is absolute.
	address string
}

// String describes the database in messages, for example "sample (mysql 8.0.31)".
func (d database) String() string {
	engine, version := d.Engine()
	return fmt.Sprintf("%s (%s)", d.address, strings.TrimSpace(engine+" "+version))
}

// namedSource matches a --source value that names the source before the database, for example shop=mysql://...
var namedSource = regexp.MustCompile(`^([a-z][a-z0-9_]*)=(.+)$`)

// openDatabases opens the databases that the values of --source describe. A value without a name belongs to the first source. The caller
// must close the databases, even after an error.
func openDatabases(ctx context.Context, config workflow.Config, specs []string) (all []database, err error) {
	given := map[string]bool{}
	for _, spec := range specs {
		d := database{source: config.Sources[0], address: spec}
		if m := namedSource.FindStringSubmatch(spec); m != nil {
			if d.source, err = config.Source(m[1]); err != nil {
				return all, err
			}
			d.address = m[2]
		}
		if given[d.source.Name] {
			return all, fmt.Errorf("--source gives source %s two databases; to give each source its own database, write --source NAME=DATABASE",
				d.source.Name)
		}
		given[d.source.Name] = true
		if err = d.open(ctx); err != nil {
			return all, err
		}
		all = append(all, d)
		if listed, ok := d.Database.(export.Listed); ok {
			if err = checkTables(d.source, listed.Tables()); err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

// open opens the database at the address, and removes the password from the address.
func (d *database) open(ctx context.Context) error {
	if dir, ok := strings.CutPrefix(d.address, "export:"); ok {
		path, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		d.address = "export:" + path
	}
	spec, err := withPassword(ctx, d.address)
	if err != nil {
		return err
	}
	if u, err := url.Parse(d.address); err == nil && u.User != nil {
		u.User = url.User(u.User.Username())
		d.address = u.String()
	}
	d.Database, err = source.Open(ctx, spec)
	return err
}

func closeAll(all []database) error {
	var errs []error
	for _, d := range all {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}

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
