package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/source"
	"snaplake/workflow"

	"snaplake/local/internal/export"
)

// The folders with the synthesized stack and the built functions, relative to the project's root.
const (
	assemblyFolder  = "cdk.out"
	functionsFolder = "dist/bin"
)

// project holds the synthesized stack, its configuration, and the database of one of its sources.
type project struct {
	stack    *cloudformation.Stack
	config   workflow.Config
	source   workflow.Source
	database export.Database
	// label describes the database in messages, for example "sample (mysql 8.0.31)".
	label string
}

// databaseHelp describes the option --source.
const databaseHelp = "Database of the first source, or NAME=DATABASE for the source NAME. A database is sample, " +
	"mysql://user@host:port/database, postgres://user@host:port/database, or export:DIR for the files of a finished RDS export. " +
	"The password is read from SNAPLAKE_PASSWORD or the terminal."

// namedSource matches a --source value that names the source before the database, for example shop=mysql://...
var namedSource = regexp.MustCompile(`^([a-z][a-z0-9_]*)=(.+)$`)

// readStack reads the synthesized stack and its configuration.
func readStack() (stack *cloudformation.Stack, config workflow.Config, err error) {
	if stack, err = cloudformation.Load(assemblyFolder); err == nil {
		config, err = cloud.Configuration(stack)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; run \"make run\"", err)
	}
	return stack, config, err
}

// openProject reads the synthesized stack and opens the database that spec describes. The database belongs to the source NAME if spec
// starts with "NAME=", and to the first source otherwise.
func openProject(ctx context.Context, spec string) (*project, error) {
	p := &project{}
	var err error
	if p.stack, p.config, err = readStack(); err != nil {
		return nil, err
	}
	p.source = p.config.Sources[0]
	if m := namedSource.FindStringSubmatch(spec); m != nil {
		if p.source, err = p.config.Source(m[1]); err != nil {
			return nil, err
		}
		spec = m[2]
	}
	if spec, err = withPassword(ctx, spec); err != nil {
		return nil, err
	}
	if p.database, err = source.Open(ctx, spec); err != nil {
		return nil, err
	}
	engine, version := p.database.Engine()
	kind, _, _ := strings.Cut(spec, ":") // the rest can contain a password
	p.label = strings.TrimSpace(fmt.Sprintf("%s (%s %s)", kind, engine, version))
	return p, nil
}

// session is a running local AWS with a project and a work folder.
type session struct {
	*project
	work *workFolder
	aws  *cloud.Cloud
}

// openSession starts the local AWS. It sets the options that depend on the project and the folder.
func openSession(ctx context.Context, spec, dir string, o cloud.Options) (_ *session, err error) {
	s := &session{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.project, err = openProject(ctx, spec); err != nil {
		return nil, err
	}
	if s.work, err = openWork(dir); err != nil {
		return nil, err
	}
	o.Stack, o.Config, o.Functions = s.stack, s.config, functionsFolder
	o.Dir, o.Logs = s.work.path(nextFolder), s.work.path(logFolder)
	o.Databases = map[string]export.Database{s.source.Name: s.database}
	if s.aws, err = cloud.Open(o); err != nil {
		return nil, err
	}
	return s, nil
}

// close stops the local AWS and discards the unpublished data lake.
func (s *session) close() error {
	var errs []error
	if s.aws != nil {
		errs = append(errs, s.aws.Close())
	}
	if s.work != nil {
		errs = append(errs, s.work.close())
	}
	if s.project != nil {
		errs = append(errs, s.database.Close())
	}
	return errors.Join(errs...)
}
