// Package cloud puts the services of the local AWS together behind one port, and deploys a synthesized stack into them.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/export"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/rds"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// Where the local AWS is. The account is the one that AWS's documentation uses.
const (
	Region  = "ap-northeast-1"
	Account = "123456789012"
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
	Clock *clock.Scaled
	// BackupEvery is how often RDS takes automated snapshots by itself; 0 means never.
	BackupEvery time.Duration
	// Observe is told the events of all executions.
	Observe func(executionARN string, e stepfunctions.Event)
}

// Cloud is a running local AWS with the stack in it.
type Cloud struct {
	// Endpoint answers for all services: "http://127.0.0.1:4566".
	Endpoint string
	// What the stack made, by the names that a person needs.
	Bucket, WorkGroup, StateMachineARN string

	Store         *s3.Store
	RDS           *rds.Service
	Glue          *glue.Service
	Athena        *athena.Service
	Lambda        *lambda.Service
	StepFunctions *stepfunctions.Service

	workGroups []athena.WorkGroup
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
	c := &Cloud{Endpoint: "http://" + listener.Addr().String(), gate: newGate()}
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
	d, err := c.read(o)
	if err != nil {
		return err
	}
	if c.Store, err = s3.Open(o.Dir); err != nil {
		return err
	}
	if c.RDS, err = rds.New(rds.Options{
		Region: Region, Account: Account, Clock: o.Clock, Store: c.Store, Databases: d.databases, BackupEvery: o.BackupEvery,
	}); err != nil {
		return err
	}
	c.Glue = glue.New(glue.Options{Account: Account, Clock: o.Clock, Store: c.Store})
	c.Athena = athena.New(athena.Options{
		Clock: o.Clock, Store: c.Store, Catalog: c.Glue, WorkGroups: d.workGroups,
	})
	c.Lambda = lambda.New(lambda.Options{
		Region: Region, Account: Account, Endpoint: c.Endpoint, LogFolder: o.Logs, Hold: o.Clock.Hold,
	})
	c.StepFunctions = stepfunctions.New(stepfunctions.Options{
		Region: Region, Account: Account, Clock: o.Clock, Invoker: invoker{c.Lambda}, Observe: o.Observe,
	})
	for name, handler := range map[string]http.Handler{
		"s3": c.Store, "rds": c.RDS, "glue": c.Glue, "athena": c.Athena, "lambda": c.Lambda, "states": c.StepFunctions,
	} {
		c.gate.services[name] = handler
	}
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

// invoker is Lambda as Step Functions calls it.
type invoker struct{ functions *lambda.Service }

func (i invoker) Invoke(ctx context.Context, function string, payload []byte) (stepfunctions.Invocation, error) {
	answer, err := i.functions.Invoke(ctx, function, payload)
	return stepfunctions.Invocation(answer), err
}
