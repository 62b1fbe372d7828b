package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/export"
	"snaplake/local/internal/trino"
	"snaplake/workflow"
)

// These are folders and files, relative to the project's root.
const (
	userAssembly    = "cdk.out"         // the stack of the user's configuration
	sampleAssembly  = "dist/cdk.sample" // the stack of the sample's configuration
	functionsFolder = "dist/bin"
	defaultDir      = ".local"
)

// assemblyFile is a file in the data lake that contains the folder of the stack. The Makefile reads it.
const assemblyFile = "assembly"

// lake is a local AWS with a stack and the data lake in a work folder. It works on a copy of the data lake until save is called.
type lake struct {
	dir       string
	assembly  string
	stack     *cloudformation.Stack
	config    workflow.Config
	databases []database
	work      *workFolder
	clock     *clock.Scaled
	aws       *cloud.Cloud
	// stop stops the local AWS. It is nil until the local AWS has started.
	stop func() error
	// unusable is the reason why the databases of the last run cannot be used, or nil.
	unusable error
	// discarded is the reason why the last data lake is not continued, or nil.
	discarded error
	// saved is the state with which the lake was opened. It is nil if the lake is new.
	saved *cloud.Saved
}

// openLake starts the local AWS with the databases that the flags name. By default, these are the databases of the last run, or the sample.
// It continues the data lake of the last run if the stack and the databases are the same. The clock starts at the given time, or at the end
// of the last run if that is later. The caller must close the lake, even after an error.
func openLake(ctx context.Context, f runFlags, at time.Time, o cloud.Options) (l *lake, err error) {
	l = &lake{dir: f.Dir}
	if l.work, err = openWork(f.Dir); err != nil {
		return l, err
	}
	if err := l.readSaved(); err != nil && !errors.Is(err, cloud.ErrNoLake) {
		l.discard(err)
	}
	specs, last := f.Source, l.assembly
	again := len(specs) == 0 && l.saved != nil
	switch {
	case len(specs) > 0:
		l.assembly = userAssembly
	case again:
		for _, name := range slices.Sorted(maps.Keys(l.saved.Databases)) {
			specs = append(specs, name+"="+l.saved.Databases[name])
		}
	default:
		l.assembly, specs = sampleAssembly, []string{"sample"}
	}
	l.assembly = cmp.Or(f.Assembly, l.assembly)
	if l.saved != nil && l.assembly != last {
		l.discard(fmt.Errorf("the last run used %s, not %s", configurationOf(last), configurationOf(l.assembly)))
	}
	if err := l.readStack(); err != nil {
		return l, err
	}
	if l.databases, err = openDatabases(ctx, l.config, specs); err != nil {
		if !again || ctx.Err() != nil {
			return l, err
		}
		l.unusable = fmt.Errorf("the databases of the last run cannot be used: %w", errors.Join(err, closeAll(l.databases)))
		l.databases = nil
	}
	if err := l.differs(); err != nil {
		l.discard(err)
	}
	l.clock = clock.NewScaled(at, f.Speed)
	if l.saved != nil {
		l.clock.Advance(max(0, l.saved.At.Sub(at)))
	}
	err = l.start(o)
	if errors.Is(err, cloud.ErrState) {
		l.discard(err)
		if err = l.work.clear(nextFolder); err == nil {
			err = l.start(o)
		}
	}
	return l, err
}

// reopenLake starts the local AWS with the stack and the data lake of the last run. Its RDS has no databases. The clock begins at the end
// of the run and runs in real time. The caller must close the lake, even after an error.
func reopenLake(dir string, engine *trino.Installation) (l *lake, err error) {
	l = &lake{dir: dir}
	if l.work, err = openWork(dir); err != nil {
		return l, err
	}
	if err := l.readSaved(); err != nil {
		return l, hint(err, dir)
	}
	if err := l.readStack(); err != nil {
		return l, err
	}
	if err := l.differs(); err != nil {
		return l, hint(err, dir)
	}
	l.clock = clock.NewScaled(l.saved.At, 1)
	if err = l.start(cloud.Options{Trino: engine}); errors.Is(err, cloud.ErrState) {
		err = hint(err, dir)
	}
	return l, err
}

// hint adds to an error the command that creates a data lake in the folder.
func hint(err error, dir string) error {
	return fmt.Errorf("%w; to create a data lake, run %q", err, commandLine("run", dir))
}

// commandLine returns the command line that runs a command with the folder.
func commandLine(name, dir string) string {
	if dir == defaultDir {
		return "make " + name
	}
	return "go run ./local " + name + dirOption(dir)
}

// dirOption returns the option --dir for a command line, or "" for the default folder.
func dirOption(dir string) string {
	if dir == defaultDir {
		return ""
	}
	return " --dir " + dir
}

// readSaved reads the state of the data lake in the work folder, and the folder of its stack.
func (l *lake) readSaved() error {
	saved, err := cloud.ReadSaved(l.work.path(lakeFolder))
	if err != nil {
		return err
	}
	assembly, err := os.ReadFile(filepath.Join(l.work.path(lakeFolder), assemblyFile))
	if err != nil {
		return err
	}
	l.saved, l.assembly = &saved, strings.TrimSpace(string(assembly))
	return nil
}

// configurationOf names the configuration of a synthesized stack in messages.
func configurationOf(assembly string) string {
	switch assembly {
	case sampleAssembly:
		return "the configuration of the sample"
	case userAssembly:
		return "your configuration"
	}
	return "the stack in " + assembly
}

// withoutUser returns the address of a database without the user, because several users can read the same database.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.User = nil
	return u.String()
}

// discard makes the command begin with an empty data lake. start prints the reason.
func (l *lake) discard(reason error) { l.saved, l.discarded = nil, reason }

// readStack reads the synthesized stack and its configuration.
func (l *lake) readStack() (err error) {
	if l.stack, err = cloudformation.Load(l.assembly); err == nil {
		l.config, err = cloud.Configuration(l.stack)
	}
	config, command := "local/sample/pipeline.yaml", "make run"
	if l.assembly != sampleAssembly {
		synthesized, _ := os.ReadFile("dist/config") // written by the Makefile
		config, command = strings.TrimSpace(string(synthesized)), "make synth CONFIG="+strings.TrimSpace(string(synthesized))
	}
	if err == nil {
		err = checkOlder(config, filepath.Join(l.assembly, "manifest.json"))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil {
		err = fmt.Errorf("%w; to synthesize the stack, run %q", err, command)
	}
	return err
}

// checkOlder returns an error if the configuration or a file or folder of its views is newer than the stack. It ignores files that it cannot
// read.
func checkOlder(config, manifest string) error {
	built, err := os.Stat(manifest)
	if err != nil {
		return err
	}
	newer := ""
	check := func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := entry.Info(); err == nil && info.ModTime().After(built.ModTime()) {
			newer = path
		}
		return nil
	}
	_ = filepath.WalkDir(config, check)
	_ = filepath.WalkDir(filepath.Join(filepath.Dir(config), "views"), check)
	if newer != "" {
		return fmt.Errorf("%s is newer than the synthesized stack", newer)
	}
	return nil
}

// differs returns the reason why the data lake of the last run cannot be used, or nil.
func (l *lake) differs() error {
	if l.saved == nil {
		return nil
	}
	for _, d := range l.databases {
		if before, ok := l.saved.Databases[d.source.Name]; ok && withoutUser(before) != withoutUser(d.address) {
			return fmt.Errorf("the data of source %s is from %s, not from %s", d.source.Name, before, d.address)
		}
	}
	return l.saved.Belongs(l.stack, l.config)
}

// start starts the local AWS. It sets the options that depend on the lake.
func (l *lake) start(o cloud.Options) (err error) {
	if l.discarded != nil {
		fmt.Printf("This command creates a new data lake: %v. The previous data lake will be moved to %s.\n", l.discarded, l.work.path(previousFolder))
		l.discarded = nil
	}
	if l.saved != nil {
		if err := cloud.CopyLake(l.work.path(lakeFolder), l.work.path(nextFolder)); err != nil {
			return fmt.Errorf("copy the data lake: %w", err)
		}
	}
	o.Stack, o.Config, o.Functions, o.Clock, o.Saved = l.stack, l.config, functionsFolder, l.clock, l.saved
	o.Dir, o.Logs = l.work.path(nextFolder), l.work.path(logFolder)
	o.Databases = map[string]export.Database{}
	for _, d := range l.databases {
		o.Databases[d.source.Name] = d.Database
	}
	if l.aws, err = cloud.Open(o); err == nil {
		l.stop = sync.OnceValue(l.aws.Close)
	}
	return err
}

// first returns the source whose views need no prefix in queries: the source of the first database, or else the first source of the last
// run.
func (l *lake) first() workflow.Source {
	if len(l.databases) > 0 {
		return l.databases[0].source
	}
	isFirst := func(s workflow.Source) bool { return l.saved != nil && s.Database() == l.saved.Database }
	return l.config.Sources[max(0, slices.IndexFunc(l.config.Sources, isFirst))]
}

// save stops the local AWS and replaces the data lake of the last run.
func (l *lake) save() error {
	if err := l.stop(); err != nil {
		return err
	}
	databases := map[string]string{}
	if l.saved != nil {
		databases = l.saved.Databases
	}
	for _, d := range l.databases {
		databases[d.source.Name] = d.address
	}
	next := l.work.path(nextFolder)
	if err := l.aws.Save(next, databases, l.first().Database()); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(next, assemblyFile), []byte(l.assembly+"\n"), 0o600); err != nil {
		return err
	}
	return l.work.publish(l.saved == nil)
}

// close stops the local AWS and discards changes that were not saved.
func (l *lake) close() error {
	var errs []error
	if l.stop != nil {
		errs = append(errs, l.stop())
	}
	errs = append(errs, closeAll(l.databases))
	if l.work != nil {
		errs = append(errs, l.work.close())
	}
	return errors.Join(errs...)
}

// invoke invokes a function with the operator's permissions and decodes the result into out. If the function fails, invoke returns the
// function's error.
func (l *lake) invoke(ctx context.Context, function string, in workflow.Request, out any) error {
	payload, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := l.aws.Lambda.Invoke(ctx, l.config.Name+"-"+function, payload)
	if err != nil {
		return fmt.Errorf("invoke %s: %w", function, err)
	}
	if answer.FunctionError != "" {
		var failed struct{ ErrorType string }
		_ = json.Unmarshal(answer.Payload, &failed) // the payload of a failed function is its error in JSON
		return errors.New(reason(failed.ErrorType, string(answer.Payload)))
	}
	return json.Unmarshal(answer.Payload, out)
}
