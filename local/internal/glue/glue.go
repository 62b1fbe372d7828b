// Package glue is the local AWS's Glue: the Data Catalog, and crawlers that read the footers of Parquet files. Lake Formation and the
// encryption of the catalog are here as well.
//
// Of the catalog's API it has what the functions, make doctor, Redash and the AWS CLI need to read tables and views, to change views
// and to delete. Athena uses the Go methods. Of crawlers it has the one configuration that the pipeline deploys; a crawler with another
// configuration is refused by name, since Glue would make other tables of the same files.
package glue

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/wire"
)

// Options configure a service. Guard and Faults are optional.
type Options struct {
	Region string
	// Account is also the ID of the catalog.
	Account string
	Clock   clock.Clock
	Store   *s3.Store
	// Guard decides on each call; nil allows everything.
	Guard *iam.Guard
	// Faults are the faults to inject; nil means none.
	Faults *fault.Plan
}

// Service serves Glue's API. The other services use its Go methods. A method with a context makes a call of the context's caller and
// returns the errors of the API: [wire.Error]s with Glue's codes, and [*iam.Denied].
type Service struct {
	options Options
	http    http.Handler
	access  access
	catalog catalog
	// Lake is the Lake Formation of the catalog.
	Lake *DataLake

	mu       sync.Mutex
	crawlers map[string]*crawler
	crawls   sync.WaitGroup
	ctx      context.Context // of the crawls
	close    context.CancelFunc
}

// New starts a service with an empty catalog.
func New(o Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	lake := &DataLake{guard: o.Guard, grants: map[string]map[string][]string{}, tables: map[string]bool{}}
	s := &Service{
		options:  o,
		access:   access{o.Guard, o.Region, o.Account, lake, &atomic.Pointer[string]{}},
		Lake:     lake,
		catalog:  catalog{clock: o.Clock, account: o.Account, databases: map[string]*database{}},
		crawlers: map[string]*crawler{},
		ctx:      ctx,
		close:    cancel,
	}
	s.http = wire.JSONService{Target: "AWSGlue", Version: "1.1", Operations: map[string]wire.Operation{
		"GetDatabase":             inCatalog(s, s.getDatabase),
		"GetDatabases":            inCatalog(s, s.getDatabases),
		"GetTable":                inCatalog(s, s.getTable),
		"GetTables":               inCatalog(s, s.getTables),
		"UpdateTable":             inCatalog(s, s.updateTable),
		"BatchDeleteTable":        inCatalog(s, s.batchDeleteTable),
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

// ServeHTTP speaks Glue's protocol: JSON 1.1, signing name "glue".
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// Close ends the running crawls and waits for them, or for the context.
func (s *Service) Close(ctx context.Context) error {
	s.close()
	done := make(chan struct{})
	go func() {
		s.crawls.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// empty is the response of an operation without a result.
type empty struct{}

// inCatalog is wire.JSON for an operation whose input names a catalog. It refuses the catalog of another account.
func inCatalog[In interface{ id() string }, Out any](s *Service, f func(context.Context, In) (Out, error)) wire.Operation {
	return wire.JSON(func(ctx context.Context, in In) (out Out, err error) {
		if id := in.id(); id != "" && id != s.options.Account {
			return out, wire.Errorf("EntityNotFoundException", "the local AWS has only the catalog of account %s, not %s", s.options.Account, id)
		}
		return f(ctx, in)
	})
}

// catalogID is part of the input of operations on the catalog; "" stands for the account's own.
type catalogID struct{ CatalogId string }

func (c catalogID) id() string { return c.CatalogId }
