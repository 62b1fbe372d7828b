// Package athena emulates Athena. It runs queries over the tables of the Glue catalog, and stores views in the catalog in Athena's format.
//
// It supports the statements SELECT, EXPLAIN, CREATE VIEW, DROP VIEW, DESCRIBE, and SHOW with DATABASES, TABLES, VIEWS and CREATE VIEW. It
// also supports information_schema, execution parameters, reuse of results, error codes, permissions, client request tokens, and a
// workgroup's limit on bytes scanned. Only the API operations that this project or an analyst's client calls are supported.
//
// By default, DuckDB parses and runs the queries. The translation of DuckDB's syntax tree supports what the generated views, the sample and
// the documentation use, and other syntax for which DuckDB returns the same results as Trino. A query with an unsupported feature fails with
// an error that names the feature, because a result that differs from Athena's result would be worse than an error. With [Options.Trino],
// Trino itself runs the queries and EXPLAIN.
package athena

import (
	"cmp"
	"context"
	"database/sql"
	"net/http"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/trino"
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
	// Encryption is the encryption of the query results, or nil. If Enforce is true, it overrides the encryption that a query specifies.
	Encryption *Encryption
}

// Encryption describes how query results are encrypted. The local S3 does not encrypt objects.
type Encryption struct {
	// EncryptionOption is SSE_S3, SSE_KMS or CSE_KMS.
	EncryptionOption string
	KmsKey           string `json:",omitempty"`
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
	// Trino, if set, runs the queries in place of DuckDB. Its requests to Glue and S3 must be served by ServeTrino.
	Trino *trino.Server
}

// Service serves the Athena API.
type Service struct {
	options Options
	http    http.Handler
	created time.Time
	// parser opens the DuckDB instance that parses the queries of new statements.
	parser func() (*sql.DB, error)
	// sessions holds the free sessions. A session that has not been opened yet is nil. A query is QUEUED until it receives a session.
	sessions chan *session

	mu         sync.Mutex
	executions map[string]*execution
	tokens     map[string]*execution // by ClientRequestToken
	started    []*execution          // in the order in which they started
	activeDDL  int                   // the number of unfinished DDL statements
	queries    sync.WaitGroup
	// trinoCaller is the caller of the statement that Trino executes.
	trinoCaller trinoCaller
	ctx         context.Context // the parent context of all queries
	close       context.CancelFunc
}

// maxRunning is the maximum number of running queries. The limit keeps a machine with few cores usable. It is not an Athena quota.
const maxRunning = 4

// New returns a service without queries.
func New(o Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	running := maxRunning
	if o.Trino != nil {
		running = 1 // Trino's requests for files and tables have the permissions of one caller
	}
	s := &Service{
		options:    o,
		created:    o.Clock.Now(),
		parser:     sync.OnceValues(func() (*sql.DB, error) { return sql.Open("duckdb", "") }),
		sessions:   make(chan *session, running),
		executions: map[string]*execution{},
		tokens:     map[string]*execution{},
		ctx:        ctx,
		close:      cancel,
	}
	for range running {
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
		"ListEngineVersions":     wire.JSON(s.listEngineVersions),
		"ListDataCatalogs":       wire.JSON(s.listDataCatalogs),
		"GetDataCatalog":         s.onCatalog("GetDataCatalog", s.getDataCatalog),
		"ListDatabases":          s.onCatalog("ListDatabases", s.listDatabases),
		"GetDatabase":            s.onCatalog("GetDatabase", s.getDatabase),
		"ListTableMetadata":      s.onCatalog("ListTableMetadata", s.listTableMetadata),
		"GetTableMetadata":       s.onCatalog("GetTableMetadata", s.getTableMetadata),
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
		if db, err := s.parser(); err == nil {
			_ = db.Close()
		}
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
	name = cmp.Or(name, "primary")
	if err := s.authorize(ctx, action, "workgroup/"+name); err != nil {
		return WorkGroup{}, err
	}
	for _, w := range s.options.WorkGroups {
		if w.Name == name {
			return w, nil
		}
	}
	return WorkGroup{}, invalid("WorkGroup %s is not found.", name)
}

// outputFolder returns the folder for query results. Like Athena, it requires permission for s3:GetBucketLocation.
func (s *Service) outputFolder(ctx context.Context, w WorkGroup, requested string) (folder location, err error) {
	text := cmp.Or(requested, w.OutputLocation)
	if w.Enforce {
		text = cmp.Or(w.OutputLocation, requested)
	}
	if text == "" {
		return folder, invalid("No output location provided. " +
			"An output location is required either through the Workgroup result configuration setting or as an API input.")
	}
	if folder, err = folderAt(text); err != nil {
		return folder, invalid("OutputLocation: %v", err)
	}
	if !s.options.Store.Exists(folder.bucket) {
		return folder, invalid("Unable to verify/create output bucket %s", folder.bucket)
	}
	if err := s.options.Store.MayLocate(ctx, folder.bucket); err != nil {
		return folder, invalid("Unable to verify/create output bucket %s (%v)", folder.bucket, err)
	}
	return folder, nil
}

// encryption returns the encryption of the result of a query. A workgroup that enforces its configuration ignores what the query requests
// (Athena User Guide, "Override client-side settings").
func (w WorkGroup) encryption(requested *Encryption) (*Encryption, error) {
	if w.Enforce || requested == nil {
		return w.Encryption, nil
	}
	if requested.EncryptionOption != "SSE_S3" {
		return nil, invalid("the local Athena does not support the EncryptionOption %s in a workgroup that does not enforce its configuration; "+
			"use SSE_S3", requested.EncryptionOption)
	}
	return requested, nil
}
