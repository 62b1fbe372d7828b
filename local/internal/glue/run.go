package glue

import (
	"context"
	"time"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/wire"
)

// What a crawl takes on the clock of the local AWS. The real one is mostly start-up too; the work itself, over the sizes of
// one machine, is shorter.
const (
	crawlTime    = 75 * time.Second
	stoppingTime = 10 * time.Second
)

// The states of a crawler and of its last crawl.
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
	cancel  context.CancelFunc
	// worked is when the work was over, zero before; err is how it ended.
	worked time.Time
	err    error
	// stopped is when StopCrawler was called, or will be by the plan; zero when it is not.
	stopped time.Time
	// fault is what the plan does to it.
	fault fault.Kind
}

// state is the crawler's while r is its run.
func (r *run) state(now time.Time) string {
	stop := r.started.Add(crawlTime)
	if r.worked.After(stop) {
		stop = r.worked
	}
	if !r.stopped.IsZero() {
		stop = r.stopped
	}
	switch {
	case now.Before(stop) || r.worked.IsZero() && r.stopped.IsZero():
		return running
	case now.Before(stop.Add(stoppingTime)) || r.worked.IsZero():
		return stopping
	default:
		return ready
	}
}

// outcome is what the crawler remembers of r.
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

func (s *Service) startCrawler(ctx context.Context, in nameInput) (empty, error) {
	if err := s.access.onCrawler(ctx, "glue:StartCrawler", in.Name); err != nil {
		return empty{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, state, err := s.crawler(in.Name)
	if err != nil {
		return empty{}, err
	}
	if state != ready {
		return empty{}, wire.Errorf("CrawlerRunningException", "Crawler with name %s has already started", in.Name)
	}
	s.begin(c, s.options.Faults.Crawl())
	return empty{}, nil
}

// begin starts a crawl of a crawler that is ready. The service must be locked.
func (s *Service) begin(c *crawler, kind fault.Kind) {
	ctx, cancel := context.WithCancel(s.ctx) // the crawl outlives the request, and is its role's
	ctx, release := s.options.Clock.Hold(ctx)
	r := &run{id: wire.NewRequestID(), started: s.options.Clock.Now(), cancel: cancel, fault: kind}
	if kind == fault.Cancelled { // somebody stops it halfway
		r.stopped = r.started.Add(crawlTime / 2)
	}
	c.run = r
	job := crawl{
		access:        s.access,
		store:         s.options.Store,
		catalog:       &s.catalog,
		definition:    c.definition,
		configuration: c.configuration,
		runID:         r.id,
		fault:         kind,
	}
	s.crawls.Go(func() {
		defer release()
		defer cancel()
		err := job.do(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		r.worked, r.err = s.options.Clock.Now(), err
	})
}

// finish notes what has become of the crawl that is over, and tells the state of the crawler. The service must be locked.
func (s *Service) finish(c *crawler) string {
	r := c.run
	c.last, c.run = r.outcome(c.definition.Name), nil
	if r.fault != fault.Foreign {
		return ready
	}
	c.pointElsewhere(s.options.Clock.Now())
	s.begin(c, fault.None)
	return running
}

func (s *Service) stopCrawler(ctx context.Context, in nameInput) (empty, error) {
	if err := s.access.onCrawler(ctx, "glue:StopCrawler", in.Name); err != nil {
		return empty{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, state, err := s.crawler(in.Name)
	if err != nil {
		return empty{}, err
	}
	switch state {
	case ready:
		return empty{}, wire.Errorf("CrawlerNotRunningException", "Crawler with name %s isn't running", in.Name)
	case stopping:
		return empty{}, wire.Errorf("CrawlerStoppingException", "Crawler with name %s is already stopping", in.Name)
	}
	c.run.stopped = s.options.Clock.Now()
	c.run.cancel()
	return empty{}, nil
}
