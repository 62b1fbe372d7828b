package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"snaplake/local/internal/export"
	"snaplake/local/internal/source"
	"snaplake/workflow"
)

// databaseHelp describes the option --source.
const databaseHelp = "Database of the first source, or NAME=DATABASE for the source NAME. Can be repeated. A database is sample, " +
	"mysql://user@host:port/database, postgres://user@host:port/database, or export:DIR for the files of a finished RDS export. " +
	"The password is read from SNAPLAKE_PASSWORD or the terminal."

// database is the database of a source.
type database struct {
	export.Database
	source workflow.Source
	// address is the value of --source without the name and the password. The folder of an export is absolute.
	address string
}

// String describes the database in messages, for example "sample (mysql 8.0.31)".
func (d database) String() string {
	engine, version := d.Engine()
	return fmt.Sprintf("%s (%s)", d.address, strings.TrimSpace(engine+" "+version))
}

// namedSource matches a --source value that names the source before the database, for example shop=mysql://...
var namedSource = regexp.MustCompile(`^([a-z][a-z0-9_]*)=(.+)$`)

// openDatabases opens the databases that the values of --source describe. A value without a name belongs to the first source.
func openDatabases(ctx context.Context, config workflow.Config, specs []string) (_ []database, err error) {
	var all []database
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll(all))
		}
	}()
	given := map[string]bool{}
	for _, spec := range specs {
		d := database{source: config.Sources[0], address: spec}
		if m := namedSource.FindStringSubmatch(spec); m != nil {
			if d.source, err = config.Source(m[1]); err != nil {
				return nil, err
			}
			d.address = m[2]
		}
		if given[d.source.Name] {
			return nil, fmt.Errorf("--source gives source %s two databases; to give each source its own database, write --source NAME=DATABASE",
				d.source.Name)
		}
		given[d.source.Name] = true
		if d, err = d.open(ctx); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

func (d database) open(ctx context.Context) (database, error) {
	if dir, ok := strings.CutPrefix(d.address, "export:"); ok {
		path, err := filepath.Abs(dir)
		if err != nil {
			return d, err
		}
		d.address = "export:" + path
	}
	spec, err := withPassword(ctx, d.address)
	if err != nil {
		return d, err
	}
	if d.Database, err = source.Open(ctx, spec); err != nil {
		return d, err
	}
	if u, err := url.Parse(d.address); err == nil && u.User != nil {
		u.User = url.User(u.User.Username())
		d.address = u.String()
	}
	return d, nil
}

func closeAll(all []database) error {
	var errs []error
	for _, d := range all {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}
