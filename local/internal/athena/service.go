// Package athena emulates Athena. It uses DuckDB to run queries over the tables of the Glue catalog, and stores views in the catalog in
// Athena's format.
//
// It supports the statements SELECT, CREATE VIEW, DROP VIEW, SHOW DATABASES, SHOW TABLES and SHOW VIEWS. It also supports
// information_schema, error codes, permissions, client request tokens, and a workgroup's limit on bytes scanned. The parser follows Trino's
// grammar, and casts work like Trino's casts. The local Athena therefore rejects the queries that Athena rejects.
//
// It supports the syntax, types and functions that the generated views, the sample and the documentation use. It supports others only if
// DuckDB returns the same results as Trino. Arrays, maps, rows, JSON, intervals, INSERT and CREATE TABLE AS, for example, are not
// supported. A query with an unsupported feature fails with an error that names the feature, because a result that differs from Athena's
// result would be worse than an error. Only the API operations that this project or an analyst's client calls are supported.
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

// WorkGroup is a deployed workgroup.
type WorkGroup struct {
	Name        string
	Description string
	// OutputLocation is the folder for query results, s3://BUCKET/FOLDER/. If it is empty, each query must specify a location.
	OutputLocation string
	// Enforce makes OutputLocation override the location that a query specifies.
	Enforce bool
	// BytesScannedCutoff is the maximum number of bytes that a query may scan; 0 means no limit. Athena cancels a query that exceeds it. AWS's
	// minimum is 10,000,000 bytes (API reference, WorkGroupConfiguration).
	BytesScannedCutoff int64
}

// Options configure a Service. Only Guard and Faults may be nil.
type Options struct {
	Region     string
	Account    string
	Clock      clock.Clock
	Store      *s3.Store
	Catalog    Catalog
	WorkGroups []WorkGroup
	// Guard authorizes each call. If nil, every call is allowed.
	Guard *iam.Guard
	// Faults plans the failures that are injected into queries.
	Faults *fault.Plan
}

// Service serves the Athena API.
type Service struct {
	options Options
	http    http.Handler
	created time.Time
	// sessions holds the free sessions. A session that has not been opened yet is nil. A query is QUEUED until it receives a session.
	sessions chan *session

	mu         sync.Mutex
	executions map[string]*execution
	tokens     map[string]*execution // by ClientRequestToken
	started    []*execution          // in the order in which they started
	activeDDL  int                   // the number of unfinished DDL statements
	queries    sync.WaitGroup
	ctx        context.Context // the parent context of all queries
	close      context.CancelFunc
}

// maxRunning is the maximum number of running queries. The limit keeps a machine with few cores usable. It is not an Athena quota.
const maxRunning = 4

// New returns a service without queries.
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
	}}
	return s
}

// ServeHTTP serves the Athena API over the AWS JSON 1.1 protocol. The signing name is "athena".
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// Close cancels all queries. It waits until no query is running, or returns the context's error.
func (s *Service) Close(ctx context.Context) error {
	s.close()
	done := make(chan struct{})
	go func() {
		s.queries.Wait()
		close(done)
		for range len(s.sessions) { // Close does not wait until the sessions are closed
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

// refused returns an InvalidRequestException with an AthenaErrorCode.
func refused(code, format string, args ...any) error {
	e := wire.Errorf("InvalidRequestException", format, args...)
	e.Fields = map[string]string{"AthenaErrorCode": code}
	return e
}

func invalid(format string, args ...any) error { return refused("INVALID_INPUT", format, args...) }

// workGroup returns a workgroup after checking the caller's permission for the action. The default workgroup is "primary", as in Athena.
func (s *Service) workGroup(ctx context.Context, action, name string) (WorkGroup, error) {
	if name == "" {
		name = "primary"
	}
	if err := s.authorize(ctx, action, name); err != nil {
		return WorkGroup{}, err
	}
	for _, w := range s.options.WorkGroups {
		if w.Name == name {
			return w, nil
		}
	}
	return WorkGroup{}, invalid("WorkGroup %s is not found.", name)
}

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

// outputLocation returns the folder for query results, with a trailing slash. Like Athena, it requires permission for s3:GetBucketLocation.
func (s *Service) outputLocation(ctx context.Context, w WorkGroup, requested string) (string, error) {
	location := w.OutputLocation
	if requested != "" && (!w.Enforce || location == "") {
		location = requested
	}
	if location == "" {
		return "", invalid("No output location provided. " +
			"An output location is required either through the Workgroup result configuration setting or as an API input.")
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
