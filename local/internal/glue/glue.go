// Package glue emulates Glue's Data Catalog, which is not encrypted, its crawlers of Parquet files, and Lake Formation's permissions.
//
// A crawler must have the configuration that the pipeline deploys, since Glue would create different tables from the same files otherwise.
package glue

import (
	"cmp"
	"context"
	"database/sql"
	"net/http"
	"sync"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/wire"
)

// Options configure a Service. Guard and Faults are optional.
type Options struct {
	Region string
	// Account is the ID of the account, which is also the ID of the catalog.
	Account string
	Clock   clock.Clock
	Store   *s3.Store
	// Guard authorizes each call. If nil, every call is allowed.
	Guard *iam.Guard
	// Faults contains the failures to inject. If nil, no failures are injected.
	Faults *fault.Plan
}

// Service serves the Glue API. The other services use its Go methods, which check the permissions of the context's caller.
type Service struct {
	http.Handler // serves the Glue API over the AWS JSON 1.1 protocol; the signing name is "glue"
	options      Options
	access       access
	catalog      catalog
	// LakeFormation holds the Lake Formation permissions on the catalog.
	LakeFormation *DataLake

	mu       sync.Mutex
	crawlers map[string]*crawler
	crawls   sync.WaitGroup
	duckDB   *sql.DB         // reads the footers of Parquet files
	ctx      context.Context // the context of all crawls
	close    context.CancelFunc
}

// New starts a service with an empty catalog.
func New(o Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	duckDB, _ := sql.Open("duckdb", "") // cannot fail: the first query opens the database
	lakeFormation := &DataLake{guard: o.Guard, grants: map[string]map[string][]string{}, governed: map[string]bool{}}
	s := &Service{
		options:       o,
		access:        access{o.Guard, o.Region, o.Account, lakeFormation},
		LakeFormation: lakeFormation,
		catalog:       catalog{clock: o.Clock, account: o.Account, databases: map[string]*database{}},
		crawlers:      map[string]*crawler{},
		duckDB:        duckDB,
		ctx:           ctx,
		close:         cancel,
	}
	s.Handler = wire.JSONService{Target: "AWSGlue", Version: "1.1", Operations: map[string]wire.Operation{
		"GetDatabase":             inCatalog(s, s.getDatabase),
		"GetDatabases":            inCatalog(s, s.getDatabases),
		"GetTable":                inCatalog(s, s.getTable),
		"GetTables":               inCatalog(s, s.getTables),
		"UpdateTable":             inCatalog(s, s.updateTable),
		"DeleteTable":             inCatalog(s, s.deleteTable),
		"BatchDeleteTable":        inCatalog(s, s.batchDeleteTable),
		"GetPartitions":           inCatalog(s, s.getPartitions),
		"BatchGetPartition":       inCatalog(s, s.batchGetPartition),
		"GetTableVersions":        inCatalog(s, s.getTableVersions),
		"BatchDeleteTableVersion": inCatalog(s, s.batchDeleteTableVersion),
		"GetCrawler":              wire.JSON(s.getCrawler),
		"ListCrawlers":            wire.JSON(s.listCrawlers),
		"UpdateCrawler":           wire.JSON(s.updateCrawler),
		"StartCrawler":            wire.JSON(s.startCrawler),

		"GetDataCatalogEncryptionSettings": inCatalog(s, s.getEncryption),
	}}
	return s
}

// Close cancels the running crawls and waits until they have ended.
func (s *Service) Close() {
	s.close()
	s.crawls.Wait()
	_ = s.duckDB.Close() // nothing was written
}

// inCatalog is like [wire.JSON], but the input of the operation can specify a catalog. Specifying another account's catalog is an error.
func inCatalog[In interface{ id() string }, Out any](s *Service, f func(context.Context, In) (Out, error)) wire.Operation {
	return wire.JSON(func(ctx context.Context, in In) (out Out, err error) {
		if id := in.id(); id != "" && id != s.options.Account {
			return out, wire.Errorf("EntityNotFoundException", "the local AWS has only the catalog of account %s, not of %s", s.options.Account, id)
		}
		return f(ctx, in)
	})
}

// catalogID is part of the input of operations on the catalog. An empty ID stands for the catalog of the account.
type catalogID struct{ CatalogId string }

func (c catalogID) id() string { return c.CatalogId }

// pageInput is part of the input of operations that return a list.
type pageInput struct {
	MaxResults int
	NextToken  string
}

// maxResults is the maximum number of items per page, and also the default.
const maxResults = 100

// page returns a response in which the given member is one page of a sorted list. A page has at most limit items.
func page[T any](member string, items []T, key func(T) string, in pageInput, limit int) (any, error) {
	if in.MaxResults < 0 || in.MaxResults > limit {
		return nil, wire.Errorf("InvalidInputException", "MaxResults must be between 1 and %d, not %d", limit, in.MaxResults)
	}
	list, next, err := wire.Page(items, key, cmp.Or(in.MaxResults, limit), in.NextToken)
	if err != nil {
		return nil, wire.Errorf("InvalidInputException", "NextToken %v", err)
	}
	out := map[string]any{member: append([]T{}, list...)} // never null
	if next != "" {
		out["NextToken"] = next
	}
	return out, nil
}
