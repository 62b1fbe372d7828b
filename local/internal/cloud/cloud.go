// Package cloud puts the services of the local AWS together behind one port, and deploys a synthesized stack into them.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"syscall"
	"time"

	"snaplake/local/internal/account"
	"snaplake/local/internal/athena"
	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/events"
	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/rds"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/sns"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// Options say what is deployed, where it lives, and which databases RDS has.
type Options struct {
	Stack *cloudformation.Stack
	// Config is the one in the stack's layer, see [Configuration].
	Config workflow.Config
	// Functions is the folder of the functions' binaries for this machine.
	Functions string
	// Dir is an empty folder for the buckets.
	Dir string
	// Logs is a folder for what the functions log.
	Logs string
	// Databases by the names of their sources; a source without one has no database in RDS.
	Databases map[string]export.Database
	// Port on the loopback interface; 0 takes any that is free.
	Port  int
	Clock clock.Clock
	// BackupEvery is how often RDS takes automated snapshots by itself; 0 means never.
	BackupEvery time.Duration
	// Observe is told the events of all executions.
	Observe func(executionARN string, e stepfunctions.Event)
	// Published is told the messages that SNS would send as mail.
	Published func(sns.Message)
	// Decided is told all that IAM decides.
	Decided func(iam.Decision)
	// DataLake, if there is one, sets up Lake Formation before the stack is deployed.
	DataLake func(*glue.DataLake)
	// Guard decides in place of the stack's own policies, for tests of other ones; nil means the stack's.
	Guard *iam.Guard
	// Faults says what goes wrong; nil is nothing.
	Faults *fault.Plan
	// Reported is told of each invocation of a function that is over; by several goroutines at once.
	Reported func(lambda.Report)
	// Called is told each call that a service has answered, or that came to grief, before the caller hears of it; by several
	// goroutines at once.
	Called func(Call)
}

// Cloud is a running local AWS with the stack in it.
type Cloud struct {
	// Endpoint answers for all services: "http://127.0.0.1:4566".
	Endpoint string
	// Region and Account are those that the stack is bound to.
	Region, Account string
	// What the stack made, by the names that a person needs.
	Bucket, WorkGroup, AnalystsWorkGroup, StateMachineARN string
	// Operator has the access key of a person who may do everything.
	Operator lambda.Credentials
	// Analyst has that of the role that the stack has for Redash, or the operator's where it has a policy instead.
	Analyst lambda.Credentials

	Store         *s3.Store
	RDS           *rds.Service
	Glue          *glue.Service
	Athena        *athena.Service
	Lambda        *lambda.Service
	StepFunctions *stepfunctions.Service
	Events        *events.Service
	SNS           *sns.Service
	AccountState  *account.Account
	// DeadLetters is the stack's queue.
	DeadLetters *events.Queue

	clock      clock.Clock
	workGroups []athena.WorkGroup
	guard      *iam.Guard
	gate       *gate
	server     *http.Server
	served     chan error // gets how serving ended
}

// Open starts the services and deploys the stack.
func Open(o Options) (*Cloud, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", o.Port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use; choose another with --port, or leave it out to take one that is free", o.Port)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on port %d: %w", o.Port, err)
	}
	host, operator := listener.Addr().String(), newKey()
	c := &Cloud{
		Endpoint: "http://" + host, gate: newGate(host, operator), clock: o.Clock,
		Region: o.Stack.Region, Account: o.Stack.Account, Operator: operator, Analyst: operator,
		WorkGroup: o.Config.Name, AnalystsWorkGroup: o.Config.AnalystsWorkGroup(),
	}
	if err := c.start(o); err != nil {
		return nil, errors.Join(err, listener.Close(), c.Close())
	}
	c.serve(listener)
	return c, nil
}

func (c *Cloud) serve(listener net.Listener) {
	c.server = &http.Server{Handler: c.gate, ReadHeaderTimeout: 10 * time.Second}
	c.served = make(chan error, 1)
	go func() { c.served <- c.server.Serve(listener) }()
}

func (c *Cloud) start(o Options) error {
	d, err := read(o)
	if err != nil {
		return err
	}
	guard := o.Guard
	if guard == nil {
		if guard, err = iam.New(o.Stack, o.Decided); err != nil {
			return err
		}
	}
	if c.Store, err = s3.Open(o.Dir, guard); err != nil {
		return err
	}
	c.Store.SetRegion(c.Region)
	if c.RDS, err = rds.New(rds.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Store: c.Store, Guard: guard, Faults: o.Faults,
		Databases: d.databases, BackupEvery: o.BackupEvery, Event: c.snapshotEvent, Key: account.DatabaseKey(c.Region, c.Account),
	}); err != nil {
		return err
	}
	c.Glue = glue.New(glue.Options{Region: c.Region, Account: c.Account, Clock: o.Clock, Store: c.Store, Guard: guard, Faults: o.Faults})
	if o.DataLake != nil {
		o.DataLake(c.Glue.Lake)
	}
	c.Athena = athena.New(athena.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Store: c.Store, Guard: guard, Faults: o.Faults, Catalog: c.Glue, WorkGroups: d.workGroups,
	})
	c.SNS = sns.New(sns.Options{Region: c.Region, Account: c.Account, Guard: guard, Published: o.Published})
	c.Lambda = lambda.New(lambda.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Guard: guard, Faults: o.Faults, Queues: queues{c},
		Endpoint: c.Endpoint, LogFolder: o.Logs, Reported: o.Reported,
	})
	c.StepFunctions = stepfunctions.New(stepfunctions.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Guard: guard, Invoker: invoker{c.Lambda},
		Observe: o.Observe, StatusChanged: c.statusEvent,
	})
	c.Events = events.New(events.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Guard: guard, StateMachines: c.StepFunctions, Functions: c.Lambda,
	})
	c.AccountState = account.New(account.Options{Stack: o.Stack, Guard: guard, Deployed: o.Clock.Now()})
	c.guard = guard
	c.gate.faults = &faults{
		plan: o.Faults, clock: o.Clock, processes: c.Lambda, operator: "arn:aws:iam::" + c.Account + ":user/operator", called: o.Called,
	}
	maps.Copy(c.gate.services, map[string]http.Handler{
		"s3": c.Store, "rds": c.RDS, "glue": c.Glue, "athena": c.Athena, "lambda": c.Lambda, "states": c.StepFunctions,
		"lakeformation": c.Glue.Lake, "sns": c.SNS, "iam": guard.Handler(),
	})
	maps.Copy(c.gate.services, c.AccountState.Handlers())
	return c.deploy(d)
}

// closing is how long Close waits for what runs: a Ctrl-C shall be over within a second.
const closing = 900 * time.Millisecond

// Close ends everything that runs, processes among it.
func (c *Cloud) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	var errs []error
	if c.StepFunctions != nil {
		errs = append(errs, c.StepFunctions.Close(ctx))
	}
	if c.Lambda != nil {
		c.Lambda.Close()
	}
	if c.Athena != nil {
		errs = append(errs, c.Athena.Close(ctx))
	}
	if c.Glue != nil {
		errs = append(errs, c.Glue.Close(ctx))
	}
	if c.RDS != nil {
		errs = append(errs, c.RDS.Close(ctx))
	}
	if c.server != nil {
		errs = append(errs, c.server.Close())
		if err := <-c.served; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
