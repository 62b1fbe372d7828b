// Package cloud is the local AWS. It serves all services on one port and deploys a synthesized stack to them.
//
// It supports only the resource types in the project's stack. Signatures are not verified, so the ID of an access key must be kept secret.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"path/filepath"
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
	"snaplake/local/internal/trino"
	"snaplake/workflow"
)

// Options configure a Cloud.
type Options struct {
	Stack *cloudformation.Stack
	// Config is the configuration in the stack's layer (see [Configuration]).
	Config workflow.Config
	// Functions is the folder with the functions' binaries, which must be built for this machine.
	Functions string
	// Dir is the folder for the buckets. Unless Saved is set, the folder must be empty.
	Dir string
	// Saved, if set, is the state that an earlier Cloud wrote to Dir. Clock must not be earlier than Saved.At.
	Saved *Saved
	// Logs is a folder for the functions' logs.
	Logs string
	// Databases maps source names to databases. A source with no entry has no database in RDS.
	Databases map[string]export.Database
	// Port is the port on the loopback interface. 0 means any free port.
	Port  int
	Clock clock.Clock
	// BackupEvery is the interval between RDS's automated snapshots. 0 means no automated snapshots.
	BackupEvery time.Duration
	// Observe receives the events of all executions.
	Observe func(executionARN string, e stepfunctions.Event)
	// Published receives the messages that SNS would send.
	Published func(sns.Message)
	// Decided receives every IAM decision.
	Decided func(iam.Decision)
	// DataLake, if set, is called before the stack is deployed. It can set up Lake Formation.
	DataLake func(*glue.DataLake)
	// Guard, if set, checks permissions in place of the Guard that is built from the stack. Only tests set it.
	Guard *iam.Guard
	// Trino, if set, runs Athena's queries in place of DuckDB.
	Trino *trino.Installation
	// Faults decides which faults to inject. If nil, no faults are injected.
	Faults *fault.Plan
	// Reported receives the report of each finished invocation. It is called concurrently.
	Reported func(lambda.Report)
	// Called receives each call with its result, before the caller receives the response. It is called concurrently.
	Called func(Call)
}

// Cloud is a local AWS in which the stack is deployed.
type Cloud struct {
	// Endpoint is the URL of all services, for example "http://127.0.0.1:4566".
	Endpoint string
	// Region and Account identify where the stack is deployed.
	Region, Account string
	// Names of the stack's resources, and the ARN of its state machine.
	Bucket, WorkGroup, AnalystsWorkGroup, StateMachineARN string
	// Operator is the access key of a user with all permissions.
	Operator lambda.Credentials
	// AnalystsRoleARN is the role that analysts' clients assume with the external ID AnalystsExternalID. Each is "" if the stack does not have
	// one.
	AnalystsRoleARN, AnalystsExternalID string
	// Analyst is the access key for the stack's Redash role. If the stack has no such role, it is the operator's key.
	Analyst lambda.Credentials

	Store         *s3.Store
	RDS           *rds.Service
	Glue          *glue.Service
	Athena        *athena.Service
	Lambda        *lambda.Service
	StepFunctions *stepfunctions.Service
	Events        *events.Service
	SNS           *sns.Service
	// DeadLetters is the dead-letter queue of the stack.
	DeadLetters *events.Queue

	clock      clock.Clock
	workGroups []athena.WorkGroup
	guard      *iam.Guard
	router     *router
	trino      *trino.Server // nil unless Options.Trino is set
	server     *http.Server
	served     chan error // receives the error of server.Serve
}

// Open starts the services and deploys the stack.
func Open(o Options) (*Cloud, error) {
	c, listener, err := listen(o.Port)
	if err != nil {
		return nil, err
	}
	c.Region, c.Account, c.clock = o.Stack.Region, o.Stack.Account, o.Clock
	c.WorkGroup, c.AnalystsWorkGroup = o.Config.Name, o.Config.AnalystsWorkGroup()
	c.AnalystsRoleARN, c.AnalystsExternalID = o.Stack.Outputs["RedashRoleArn"], o.Config.Analysts.ExternalID
	if err := errors.Join(c.startTrino(o.Trino, o.Logs), c.start(o)); err != nil {
		return nil, errors.Join(err, listener.Close(), c.Close())
	}
	c.serve(listener)
	return c, nil
}

// listen opens a listener, and returns it with a Cloud that has no services yet.
func listen(port int) (*Cloud, net.Listener, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, nil, fmt.Errorf("port %d is in use; choose another port with --port", port)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("listen on port %d: %w", port, err)
	}
	host, operator := listener.Addr().String(), newKey()
	return &Cloud{Endpoint: "http://" + host, router: newRouter(host, operator), Operator: operator, Analyst: operator}, listener, nil
}

func (c *Cloud) serve(listener net.Listener) {
	c.server = &http.Server{Handler: c.router, ReadHeaderTimeout: 10 * time.Second}
	c.served = make(chan error, 1)
	go func() { c.served <- c.server.Serve(listener) }()
}

// startTrino starts Trino, if it is installed, and gives it an access key of its own. The folder receives its log.
func (c *Cloud) startTrino(installation *trino.Installation, logs string) (err error) {
	if installation == nil {
		return nil
	}
	key := newKey()
	c.trino, err = trino.Start(trino.Options{
		Installation: *installation, Endpoint: c.Endpoint, Region: c.Region,
		AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey, Log: filepath.Join(logs, "trino.log"),
	})
	c.router.trinoKey = key.AccessKeyID
	return err
}

func (c *Cloud) start(o Options) (err error) {
	if c.guard = o.Guard; c.guard == nil {
		if c.guard, err = iam.New(o.Stack, o.Decided); err != nil {
			return err
		}
	}
	if err := c.startData(o); err != nil {
		return err
	}
	c.startCompute(o)
	state := account.New(account.Options{
		Stack: o.Stack, Guard: c.guard, Deployed: o.Clock.Now(), Clock: o.Clock, NewSession: c.router.sessions.add,
	})
	c.router.sessions.now = o.Clock.Now
	c.router.faults = &faults{
		plan: o.Faults, clock: o.Clock, processes: c.Lambda, account: c.Account, called: o.Called,
	}
	c.router.athena = c.Athena
	maps.Copy(c.router.services, map[string]http.Handler{
		"s3": c.Store, "rds": c.RDS, "glue": c.Glue, "athena": c.Athena, "lambda": c.Lambda, "states": c.StepFunctions,
		"lakeformation": c.Glue.LakeFormation, "sns": c.SNS,
	})
	maps.Copy(c.router.services, state.Handlers())
	if err := c.deploy(o); err != nil || o.Saved == nil {
		return err
	}
	return c.load(*o.Saved)
}

// startData starts the services that hold data.
func (c *Cloud) startData(o Options) (err error) {
	if c.workGroups, err = workGroups(o.Stack); err != nil {
		return err
	}
	if c.Store, err = s3.Open(o.Dir, c.guard); err != nil {
		return err
	}
	c.Store.Region = c.Region
	if c.RDS, err = rds.New(rds.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Store: c.Store, Guard: c.guard, Faults: o.Faults,
		Databases: databasesOf(o), BackupEvery: o.BackupEvery, Key: account.DatabaseKey(c.Region, c.Account),
		Event: func(e events.Event) { c.Events.Put(e) }, // c.Events is set later
	}); err != nil {
		return err
	}
	c.Glue = glue.New(glue.Options{Region: c.Region, Account: c.Account, Clock: o.Clock, Store: c.Store, Guard: c.guard, Faults: o.Faults})
	if o.DataLake != nil {
		o.DataLake(c.Glue.LakeFormation)
	}
	c.Athena = athena.New(athena.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Store: c.Store, Guard: c.guard, Faults: o.Faults, Catalog: c.Glue,
		WorkGroups: c.workGroups, Trino: c.trino,
	})
	return nil
}

// startCompute starts the services that run the pipeline and send notifications.
func (c *Cloud) startCompute(o Options) {
	c.SNS = sns.New(sns.Options{Region: c.Region, Account: c.Account, Guard: c.guard, Published: o.Published})
	c.Lambda = lambda.New(lambda.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Guard: c.guard, Faults: o.Faults,
		Endpoint: c.Endpoint, LogFolder: o.Logs, Reported: o.Reported, MaxIdle: 5 * time.Minute,
		SendDeadLetter: func(queueARN, body string, attributes map[string]string) error { // c.Events is set later
			return c.Events.Send(queueARN, body, attributes)
		},
	})
	c.StepFunctions = stepfunctions.New(stepfunctions.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Guard: c.guard, Invoke: c.Lambda.Invoke,
		Observe: o.Observe, StatusChanged: c.statusEvent,
	})
	c.Events = events.New(events.Options{
		Region: c.Region, Account: c.Account, Clock: o.Clock, Guard: c.guard,
		StartExecution: c.StepFunctions.StartExecution, InvokeEvent: c.Lambda.InvokeEvent,
	})
}

// statusEvent sends an event for an execution's status change to EventBridge.
func (c *Cloud) statusEvent(executionARN string, detail map[string]any) {
	c.Events.Put(events.Event{
		Source: "aws.states", DetailType: "Step Functions Execution Status Change", Resources: []string{executionARN}, Detail: detail,
	})
}

// closeTimeout is the maximum time that Close waits for running work to stop. A data lake can be saved only if all work has stopped. That
// takes less than a second, or more on a busy machine.
const closeTimeout = 10 * time.Second

// Close stops the services and the functions' processes.
func (c *Cloud) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
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
	if c.trino != nil {
		c.trino.Close()
	}
	if c.Glue != nil {
		c.Glue.Close()
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
