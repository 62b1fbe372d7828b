package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/source"
	"snaplake/workflow"

	"snaplake/local/internal/export"
)

// What make build and make synth leave, seen from the root of the project.
const (
	assemblyFolder  = "cdk.out"
	functionsFolder = "dist/bin"
)

// project is what is run: the synthesized stack, its configuration, and the database that stands behind one of its sources.
type project struct {
	stack    *cloudformation.Stack
	config   workflow.Config
	source   workflow.Source
	database export.Database
	// described is the database for people: "sample (mysql 8.0.31)".
	described string
}

// named matches a source's name before its database: shop=mysql://...
var named = regexp.MustCompile(`^([a-z][a-z0-9_]*)=(.+)$`)

// deployed reads what is deployed: the synthesized stack, and the configuration in it.
func deployed() (*cloudformation.Stack, workflow.Config, error) {
	stack, err := cloudformation.Load(assemblyFolder)
	if err != nil {
		return nil, workflow.Config{}, err
	}
	config, err := cloud.Configuration(stack)
	return stack, config, err
}

// openProject reads what is deployed and opens the database. spec is a database, after the name of the source that it stands
// behind and an equals sign when that is not the first one.
func openProject(ctx context.Context, spec string) (*project, error) {
	p := &project{}
	var err error
	if p.stack, p.config, err = deployed(); err != nil {
		return nil, err
	}
	p.source = p.config.Sources[0]
	if m := named.FindStringSubmatch(spec); m != nil {
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
	kind, _, _ := strings.Cut(spec, ":") // not the rest, which may hold a password
	p.described = strings.TrimSpace(fmt.Sprintf("%s (%s %s)", kind, engine, version))
	return p, nil
}

// session is a running local AWS over a project, in a work folder of its own.
type session struct {
	*project
	work *workFolder
	aws  *cloud.Cloud
}

// openSession starts the local AWS. Of the options, those are filled in that follow from the project and the folder.
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

// close ends all that was opened, and gives the work folder back without what was not published.
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
