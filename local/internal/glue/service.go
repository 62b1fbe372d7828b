// Package glue is the local AWS's Glue: the Data Catalog, and crawlers that read the footers of Parquet files.
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

// Options are where the service stands, and what it stands on. All of them are needed but Guard.
type Options struct {
	Region string
	// Account is also the name of the catalog.
	Account string
	Clock   clock.Clock
	Store   *s3.Store
	// Guard decides about each call; nil lets everybody do everything.
	Guard *iam.Guard
	// Faults says what goes wrong; nil is nothing.
	Faults *fault.Plan
}

// Service answers Glue's API. Its Go methods are for the other parts of the local AWS. Those with a context are calls of the
// context's caller, like those of the API, and have the same errors: [wire.Error]s with Glue's codes, and [*iam.Denied].
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
		"GetDatabase":             wire.JSON(s.getDatabase),
		"GetDatabases":            wire.JSON(s.getDatabases),
		"CreateDatabase":          wire.JSON(s.createDatabase),
		"DeleteDatabase":          wire.JSON(s.deleteDatabase),
		"GetTable":                wire.JSON(s.getTable),
		"GetTables":               wire.JSON(s.getTables),
		"CreateTable":             wire.JSON(s.createTable),
		"UpdateTable":             wire.JSON(s.updateTable),
		"DeleteTable":             wire.JSON(s.deleteTable),
		"BatchDeleteTable":        wire.JSON(s.batchDeleteTable),
		"GetTableVersions":        wire.JSON(s.getTableVersions),
		"BatchDeleteTableVersion": wire.JSON(s.batchDeleteTableVersion),
		"GetPartitions":           wire.JSON(s.getPartitions),
		"CreateCrawler":           wire.JSON(s.createCrawler),
		"GetCrawler":              wire.JSON(s.getCrawler),
		"ListCrawlers":            wire.JSON(s.listCrawlers),
		"UpdateCrawler":           wire.JSON(s.updateCrawler),
		"StartCrawler":            wire.JSON(s.startCrawler),
		"StopCrawler":             wire.JSON(s.stopCrawler),

		"GetDataCatalogEncryptionSettings": wire.JSON(s.getEncryption),
	}}
	return s
}

// ServeHTTP speaks Glue's protocol: JSON 1.1, signing name "glue".
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// Close ends the running crawls. It returns when none works any more, or with the context's error.
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

// empty is the answer of an operation that has nothing to say.
type empty struct{}

// ownCatalog refuses the catalog of another account; "" means one's own.
func (s *Service) ownCatalog(id string) error {
	if id != "" && id != s.options.Account {
		return wire.Errorf("EntityNotFoundException", "the local AWS has the catalog of account %s only, not %s", s.options.Account, id)
	}
	return nil
}
