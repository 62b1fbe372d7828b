// Package athena is the local AWS's Athena: it runs queries over the tables of the Glue catalog in DuckDB, and keeps views in
// the catalog as Athena does.
package athena

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/wire"
)

// WorkGroup is a workgroup as it is deployed.
type WorkGroup struct {
	Name        string
	Description string
	// OutputLocation is where the results go: s3://BUCKET/FOLDER/. Empty means that each query must name its own.
	OutputLocation string
	// Enforce makes the workgroup's location count whatever a query names.
	Enforce bool
	// BytesScannedCutoff cancels a query that would scan more, in bytes. 0 is no limit; the least that AWS takes is 10,000,000 (API
	// reference, WorkGroupConfiguration).
	BytesScannedCutoff int64
}

// Options are where the service stands, and what it stands on. All of them are needed but Guard.
type Options struct {
	Region     string
	Account    string
	Clock      clock.Clock
	Store      *s3.Store
	Catalog    Catalog
	WorkGroups []WorkGroup
	// Guard decides about each call; nil lets everybody do everything.
	Guard *iam.Guard
	// Faults says what goes wrong; nil is nothing.
	Faults *fault.Plan
}

// Service answers Athena's API.
type Service struct {
	options Options
	http    http.Handler
	created time.Time
	// sessions are taken by the queries that run; the others are QUEUED. One that is nil was not opened yet.
	sessions chan *session

	mu         sync.Mutex
	executions map[string]*execution
	tokens     map[string]*execution // by ClientRequestToken
	started    []*execution          // in the order of their starts
	activeDDL  int                   // how many DDL statements are not over
	queries    sync.WaitGroup
	ctx        context.Context // of the queries
	close      context.CancelFunc
}

// maxRunning keeps a machine of few cores usable. It is no quota of Athena's.
const maxRunning = 4

// New starts a service.
func New(o Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{
		options:    o,
		created:    o.Clock.Now(),
		sessions:   make(chan *session, maxRunning),
		executions: map[string]*execution{},
		tokens:     map[string]*execution{},
		ctx:        ctx,
		close:      cancel,
	}
	for range maxRunning {
		s.sessions <- nil
	}
	s.http = wire.JSONService{Target: "AmazonAthena", Version: "1.1", Operations: map[string]wire.Operation{
		"StartQueryExecution":    wire.JSON(s.startQueryExecution),
		"GetQueryExecution":      wire.JSON(s.getQueryExecution),
		"ListQueryExecutions":    wire.JSON(s.listQueryExecutions),
		"BatchGetQueryExecution": wire.JSON(s.batchGetQueryExecution),
		"GetQueryResults":        wire.JSON(s.getQueryResults),
		"StopQueryExecution":     wire.JSON(s.stopQueryExecution),
		"GetWorkGroup":           wire.JSON(s.getWorkGroup),
		"ListWorkGroups":         wire.JSON(s.listWorkGroups),
	}}
	return s
}

// ServeHTTP speaks Athena's protocol: JSON 1.1, signing name "athena".
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// Close cancels the queries. It returns when none runs any more, or with the context's error.
func (s *Service) Close(ctx context.Context) error {
	s.close()
	done := make(chan struct{})
	go func() {
		s.queries.Wait()
		close(done)
		for range len(s.sessions) { // nobody waits for the memory
			if session := <-s.sessions; session != nil {
				session.close()
			}
		}
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refused is an InvalidRequestException with the AthenaErrorCode that tells its kind.
func refused(code, format string, args ...any) error {
	e := wire.Errorf("InvalidRequestException", format, args...)
	e.Fields = map[string]string{"AthenaErrorCode": code}
	return e
}

func invalid(format string, args ...any) error { return refused("INVALID_INPUT", format, args...) }

// workGroup finds a workgroup in which the caller may do the action. One that is not named is "primary", as in Athena.
func (s *Service) workGroup(ctx context.Context, action, name string) (WorkGroup, error) {
	if name == "" {
		name = "primary"
	}
	if err := s.onWorkGroup(ctx, action, name); err != nil {
		return WorkGroup{}, err
	}
	for _, w := range s.options.WorkGroups {
		if w.Name == name {
			return w, nil
		}
	}
	return WorkGroup{}, invalid("WorkGroup %s is not found.", name)
}

// engineVersion is the only one.
type engineVersion struct{ SelectedEngineVersion, EffectiveEngineVersion string }

func version3() engineVersion { return engineVersion{"AUTO", "Athena engine version 3"} }

type resultConfiguration struct {
	OutputLocation string `json:",omitempty"`
}

type getWorkGroupInput struct{ WorkGroup string }

type getWorkGroupOutput struct{ WorkGroup workGroupDescription }

type workGroupDescription struct {
	Name          string
	State         string
	Description   string `json:",omitempty"`
	CreationTime  wire.Time
	Configuration struct {
		ResultConfiguration             resultConfiguration
		EnforceWorkGroupConfiguration   bool
		PublishCloudWatchMetricsEnabled bool
		BytesScannedCutoffPerQuery      int64 `json:",omitempty"`
		RequesterPaysEnabled            bool
		EngineVersion                   engineVersion
	}
}

func (s *Service) getWorkGroup(ctx context.Context, in getWorkGroupInput) (getWorkGroupOutput, error) {
	w, err := s.workGroup(ctx, "athena:GetWorkGroup", in.WorkGroup)
	if err != nil {
		return getWorkGroupOutput{}, err
	}
	d := workGroupDescription{Name: w.Name, State: "ENABLED", Description: w.Description, CreationTime: wire.Time(s.created)}
	d.Configuration.ResultConfiguration.OutputLocation = w.OutputLocation
	d.Configuration.EnforceWorkGroupConfiguration = w.Enforce
	d.Configuration.BytesScannedCutoffPerQuery = w.BytesScannedCutoff
	d.Configuration.EngineVersion = version3()
	return getWorkGroupOutput{d}, nil
}

type listWorkGroupsInput struct{}

type listWorkGroupsOutput struct{ WorkGroups []workGroupSummary }

type workGroupSummary struct {
	Name          string
	State         string
	Description   string `json:",omitempty"`
	CreationTime  wire.Time
	EngineVersion engineVersion
}

// listWorkGroups has no pages: a stack has two workgroups, and Athena's page holds 50.
func (s *Service) listWorkGroups(ctx context.Context, _ listWorkGroupsInput) (listWorkGroupsOutput, error) {
	out := listWorkGroupsOutput{WorkGroups: []workGroupSummary{}}
	if err := s.options.Guard.Check(ctx, iam.Call{Action: "athena:ListWorkGroups", Resource: "*"}); err != nil {
		return out, err
	}
	for _, w := range s.options.WorkGroups {
		out.WorkGroups = append(out.WorkGroups, workGroupSummary{w.Name, "ENABLED", w.Description, wire.Time(s.created), version3()})
	}
	return out, nil
}

// outputLocation is where the results of a query go: the folder, with a slash at its end. Like Athena it refuses the call of one
// who may not ask where the bucket is.
func (s *Service) outputLocation(ctx context.Context, w WorkGroup, asked string) (string, error) {
	location := w.OutputLocation
	if asked != "" && (!w.Enforce || location == "") {
		location = asked
	}
	if location == "" {
		return "", invalid("No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.")
	}
	bucket, _, err := splitLocation(location)
	if err != nil {
		return "", invalid("OutputLocation: %v", err)
	}
	if !s.options.Store.Exists(bucket) {
		return "", invalid("Unable to verify/create output bucket %s", bucket)
	}
	if err := s.options.Store.MayLocate(ctx, bucket); err != nil {
		return "", invalid("Unable to verify/create output bucket %s (%v)", bucket, err)
	}
	return strings.TrimSuffix(location, "/") + "/", nil
}
