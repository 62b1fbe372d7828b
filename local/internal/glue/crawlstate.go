package glue

import (
	"context"
	"strings"
	"time"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/wire"
)

// A crawler is RUNNING for crawlTime and then STOPPING for stoppingTime, according to the local AWS's clock.
const (
	crawlTime    = 75 * time.Second
	stoppingTime = 10 * time.Second
)

// These are the states of a crawler and the statuses of its last crawl.
const (
	ready    = "READY"
	running  = "RUNNING"
	stopping = "STOPPING"

	succeeded = "SUCCEEDED"
	failed    = "FAILED"
	cancelled = "CANCELLED"
)

type lastCrawl struct {
	Status        string
	ErrorMessage  string `json:",omitempty"`
	LogGroup      string
	LogStream     string
	MessagePrefix string
	StartTime     wire.Time
}

// run is one crawl, from StartCrawler until the crawler is ready again.
type run struct {
	id      string
	started time.Time
	// finished is the time at which the work of the crawl ended; it is zero until then. err is the error of the crawl, or nil.
	finished time.Time
	err      error
	// stopped is the time at which a fault stops the crawl; it is zero if no fault stops it.
	stopped time.Time
	fault   fault.Kind
}

// state returns the state of the crawler during the run.
func (r *run) state(now time.Time) string {
	stop := r.started.Add(crawlTime)
	if r.finished.After(stop) {
		stop = r.finished
	}
	if !r.stopped.IsZero() {
		stop = r.stopped
	}
	switch {
	case now.Before(stop) || r.finished.IsZero() && r.stopped.IsZero():
		return running
	case now.Before(stop.Add(stoppingTime)) || r.finished.IsZero():
		return stopping
	default:
		return ready
	}
}

// outcome returns the crawler's LastCrawl after the run.
func (r *run) outcome(crawlerName string) *lastCrawl {
	last := &lastCrawl{
		Status:        succeeded,
		LogGroup:      logGroup,
		LogStream:     crawlerName,
		MessagePrefix: r.id,
		StartTime:     wire.Time(r.started),
	}
	switch {
	case !r.stopped.IsZero():
		last.Status = cancelled
	case r.err != nil:
		last.Status, last.ErrorMessage = failed, r.err.Error()
	}
	return last
}

func (s *Service) startCrawler(ctx context.Context, in nameInput) (any, error) {
	return nil, s.withCrawler(ctx, "glue:StartCrawler", in.Name, func(c *crawler, state string) error {
		if state != ready {
			return wire.Errorf("CrawlerRunningException", "Crawler with name %s has already started", in.Name)
		}
		s.begin(c, s.options.Faults.Crawl())
		return nil
	})
}

// begin starts a crawl. The caller must hold the lock.
func (s *Service) begin(c *crawler, kind fault.Kind) {
	ctx, release := s.options.Clock.Hold(s.ctx) // the crawl outlives the request
	r := &run{id: wire.NewRequestID(), started: s.options.Clock.Now(), fault: kind}
	if kind == fault.Cancelled {
		r.stopped = r.started.Add(crawlTime / 2)
	}
	c.run = r
	job := crawl{
		access:     s.access,
		store:      s.options.Store,
		duckDB:     s.duckDB,
		catalog:    &s.catalog,
		definition: c.Definition,
		target:     c.target,
		runID:      r.id,
		fault:      kind,
	}
	s.crawls.Go(func() {
		defer release()
		err := job.execute(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		r.finished, r.err = s.options.Clock.Now(), err
	})
}

// finish records the outcome of a crawl and returns the crawler's new state. The caller must hold the lock.
func (s *Service) finish(c *crawler) string {
	r := c.run
	c.Last, c.run = r.outcome(c.Definition.Name), nil
	if r.fault != fault.OtherCrawl {
		return ready
	}
	c.pointElsewhere(s.options.Clock.Now())
	s.begin(c, fault.None)
	return running
}

// pointElsewhere changes the crawler's target to an empty folder, as if another user had called UpdateCrawler.
func (c *crawler) pointElsewhere(now time.Time) {
	other := c.Definition
	target := other.Targets.S3Targets[0]
	target.Path = strings.TrimSuffix(target.Path, "/") + "-of-another-user/"
	other.Targets = &CrawlerTargets{S3Targets: []S3Target{target}}
	_ = c.define(other, now) // cannot fail: only the path changes
}
