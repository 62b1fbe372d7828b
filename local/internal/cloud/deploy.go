package cloud

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/rds"
	"snaplake/workflow"
)

// nothingToDo are types of resources that the local AWS has no service for, or whose work is done where they are used: the
// functions carry their roles and layers, and nothing here encrypts, schedules or keeps logs.
var nothingToDo = map[string]bool{
	"AWS::CDK::Metadata":        true,
	"AWS::IAM::Policy":          true,
	"AWS::IAM::Role":            true,
	"AWS::KMS::Alias":           true,
	"AWS::KMS::Key":             true,
	"AWS::Lambda::LayerVersion": true,
	"AWS::Logs::LogGroup":       true,
	"AWS::S3::BucketPolicy":     true,
	"AWS::Scheduler::Schedule":  true,
}

// deployment is the stack as the services take it.
type deployment struct {
	databases  []rds.Database
	buckets    []string
	catalog    []string
	crawlers   []glue.CrawlerInput
	workGroups []athena.WorkGroup
	functions  []lambda.Function
	machines   []machine
}

type machine struct{ name, role, definition string }

// Configuration is what the stack's layer holds.
func Configuration(stack *cloudformation.Stack) (workflow.Config, error) {
	layer, err := layerFolder(stack)
	if err != nil {
		return workflow.Config{}, err
	}
	return workflow.ReadLayer(os.DirFS(layer))
}

func layerFolder(stack *cloudformation.Stack) (string, error) {
	layers := stack.OfType("AWS::Lambda::LayerVersion")
	if len(layers) != 1 {
		return "", fmt.Errorf("the stack %s has %d layers, and should have one with the configuration", stack.Name, len(layers))
	}
	return stack.Asset(layers[0])
}

// read makes a deployment of the stack, or says what of it the local AWS does not have.
func (c *Cloud) read(o Options) (deployment, error) {
	d := deployment{}
	for _, s := range o.Config.Sources {
		if db := o.Databases[s.Name]; db != nil {
			d.databases = append(d.databases, rds.Database{Identifier: s.Identifier(), Cluster: s.Cluster != "", Source: db})
		}
	}
	readers := map[string]func(cloudformation.Resource) error{
		"AWS::S3::Bucket":                  d.readBucket,
		"AWS::Glue::Database":              d.readDatabase,
		"AWS::Glue::Crawler":               d.readCrawler,
		"AWS::Athena::WorkGroup":           d.readWorkGroup,
		"AWS::Lambda::Function":            func(r cloudformation.Resource) error { return d.readFunction(o, r) },
		"AWS::StepFunctions::StateMachine": func(r cloudformation.Resource) error { return d.readMachine(o.Stack, r) },
	}
	var errs []error
	for _, r := range o.Stack.Resources {
		read := readers[r.Type]
		switch {
		case nothingToDo[r.Type]:
		case read == nil:
			errs = append(errs, fmt.Errorf("the local AWS cannot deploy %s", r))
		default:
			if err := read(r); err != nil {
				errs = append(errs, fmt.Errorf("deploy %s: %w", r, err))
			}
		}
	}
	return d, errors.Join(errs...)
}

func (d *deployment) readBucket(r cloudformation.Resource) error {
	d.buckets = append(d.buckets, r.PhysicalID)
	return nil
}

func (d *deployment) readDatabase(r cloudformation.Resource) error {
	d.catalog = append(d.catalog, r.PhysicalID)
	return nil
}

func (d *deployment) readCrawler(r cloudformation.Resource) error {
	var crawler glue.CrawlerInput
	if err := cloudformation.Decode(r, &crawler); err != nil {
		return err
	}
	d.crawlers = append(d.crawlers, crawler)
	return nil
}

func (d *deployment) readWorkGroup(r cloudformation.Resource) error {
	var group struct {
		Name, Description      string
		WorkGroupConfiguration struct {
			EnforceWorkGroupConfiguration bool
			ResultConfiguration           struct{ OutputLocation string }
		}
	}
	if err := cloudformation.Decode(r, &group); err != nil {
		return err
	}
	d.workGroups = append(d.workGroups, athena.WorkGroup{
		Name: group.Name, Description: group.Description,
		OutputLocation: group.WorkGroupConfiguration.ResultConfiguration.OutputLocation,
		Enforce:        group.WorkGroupConfiguration.EnforceWorkGroupConfiguration,
	})
	return nil
}

func (d *deployment) readFunction(o Options, r cloudformation.Resource) error {
	var f struct {
		Handler, Role       string
		MemorySize, Timeout int
		Environment         struct{ Variables map[string]string }
		Layers              []string
	}
	if err := cloudformation.Decode(r, &f); err != nil {
		return err
	}
	// The process runs in the folder of its binary, so that all paths it gets are absolute.
	file, err := filepath.Abs(filepath.Join(o.Functions, f.Handler))
	if err != nil {
		return err
	}
	switch _, err := os.Stat(file); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not built; make run builds it", file)
	case err != nil:
		return err
	}
	environment := map[string]string{}
	for k, v := range f.Environment.Variables {
		environment[k] = v
	}
	if len(f.Layers) > 0 {
		// On AWS the layer is unpacked into /opt, which is not ours to write to here.
		layer, err := layerFolder(o.Stack)
		if err != nil {
			return err
		}
		if environment["SNAPLAKE_LAYER"], err = filepath.Abs(layer); err != nil {
			return err
		}
	}
	d.functions = append(d.functions, lambda.Function{
		Name: r.PhysicalID, Binary: file, Environment: environment, MemorySize: f.MemorySize,
		Timeout: time.Duration(f.Timeout) * time.Second, Role: credentials(f.Role),
	})
	return nil
}

// credentials are a role's: the same at every start, and its own.
func credentials(role string) lambda.Credentials {
	sum := sha256.Sum256([]byte(role))
	id := base32.StdEncoding.EncodeToString(sum[:])[:16]
	return lambda.Credentials{AccessKeyID: "ASIA" + id, SecretAccessKey: "local", SessionToken: "local"}
}

func (d *deployment) readMachine(stack *cloudformation.Stack, r cloudformation.Resource) error {
	var m struct{ StateMachineName, RoleArn string }
	if err := cloudformation.Decode(r, &m); err != nil {
		return err
	}
	definition, err := stack.Definition(r)
	if err != nil {
		return err
	}
	d.machines = append(d.machines, machine{m.StateMachineName, m.RoleArn, definition})
	return nil
}

// deploy makes the resources in the services.
func (c *Cloud) deploy(d deployment) error {
	if len(d.buckets) != 1 || len(d.workGroups) != 1 || len(d.machines) != 1 {
		return fmt.Errorf("the stack has %d buckets, %d workgroups and %d state machines, and should have one of each",
			len(d.buckets), len(d.workGroups), len(d.machines))
	}
	c.Bucket, c.workGroups, c.WorkGroup = d.buckets[0], d.workGroups, d.workGroups[0].Name
	if err := c.Store.CreateBucket(c.Bucket); err != nil {
		return err
	}
	for _, name := range d.catalog {
		if err := c.Glue.CreateDatabase(name); err != nil {
			return err
		}
	}
	for _, crawler := range d.crawlers {
		if err := c.Glue.CreateCrawler(crawler); err != nil {
			return err
		}
	}
	for _, f := range d.functions {
		c.Lambda.Create(f)
		c.gate.keys[f.Role.AccessKeyID] = true
	}
	m := d.machines[0]
	arn, err := c.StepFunctions.CreateStateMachine(m.name, m.role, m.definition)
	if err != nil {
		return fmt.Errorf("create the state machine: %w", err)
	}
	c.StateMachineARN = arn
	return nil
}
