package glue

import (
	"cmp"
	"context"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// CrawlerInput is what a crawler is made and changed with. A member that is nil or empty is not changed by an update.
type CrawlerInput struct {
	Name         string
	Role         string
	DatabaseName string
	Description  *string         `json:",omitempty"`
	Targets      *CrawlerTargets `json:",omitempty"`
	// TablePrefix is what the names of the crawled tables begin with.
	TablePrefix        *string             `json:",omitempty"`
	SchemaChangePolicy *SchemaChangePolicy `json:",omitempty"`
	RecrawlPolicy      *RecrawlPolicy      `json:",omitempty"`
	// Configuration is JSON, see configuration.go.
	Configuration *string `json:",omitempty"`
	// Classifiers must be empty: the local AWS has only its own, for Parquet.
	Classifiers []string `json:",omitzero"`
}

// CrawlerTargets is what a crawler crawls.
type CrawlerTargets struct{ S3Targets []S3Target }

// S3Target is a folder. Exclusions are glob patterns for what lies in it, relative to Path.
type S3Target struct {
	Path       string
	Exclusions []string `json:",omitempty"`
}

// SchemaChangePolicy says what happens to tables that have changed: the local AWS has only LOG, which leaves them.
type SchemaChangePolicy struct{ UpdateBehavior, DeleteBehavior string }

// RecrawlPolicy says what is crawled again: the local AWS has only CRAWL_EVERYTHING.
type RecrawlPolicy struct{ RecrawlBehavior string }

type crawler struct {
	definition       CrawlerInput
	configuration    configuration
	created, updated time.Time
	version          int
	last             *lastCrawl
	run              *run // nil when it is ready
}

// CreateCrawler makes a crawler, which is ready, for the deployment: it asks for nobody's permission.
func (s *Service) CreateCrawler(in CrawlerInput) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := checkName("Crawler", in.Name); err != nil {
		return err
	}
	if s.crawlers[in.Name] != nil {
		return wire.Errorf("AlreadyExistsException", "Crawler with name %s already exists.", in.Name)
	}
	configuration, err := checkCrawler(in)
	if err != nil {
		return err
	}
	now := s.options.Clock.Now()
	s.crawlers[in.Name] = &crawler{definition: in, configuration: configuration, created: now, updated: now, version: 1}
	return nil
}

// checkCrawler refuses a definition that Glue refuses, or that the local AWS would not do as Glue does.
func checkCrawler(in CrawlerInput) (configuration, error) {
	refuse := func(format string, args ...any) (configuration, error) {
		return configuration{}, wire.Errorf("InvalidInputException", "Crawler "+in.Name+": "+format, args...)
	}
	switch {
	case in.Role == "":
		return refuse("Role is missing.")
	case in.DatabaseName == "":
		return refuse("DatabaseName is missing.")
	case in.Targets == nil || len(in.Targets.S3Targets) == 0:
		return refuse("Targets has no S3Targets.")
	case in.TablePrefix != nil && len(*in.TablePrefix) > 64:
		return refuse("TablePrefix has %d characters; at most 64 are allowed.", len(*in.TablePrefix))
	case len(in.Classifiers) > 0:
		return refuse("the local AWS has no custom classifiers: Classifiers must be empty.")
	case in.SchemaChangePolicy == nil || *in.SchemaChangePolicy != (SchemaChangePolicy{"LOG", "LOG"}):
		return refuse("the local AWS has only the SchemaChangePolicy with UpdateBehavior LOG and DeleteBehavior LOG.")
	case in.RecrawlPolicy != nil && in.RecrawlPolicy.RecrawlBehavior != "CRAWL_EVERYTHING":
		return refuse("the local AWS has only the RecrawlBehavior CRAWL_EVERYTHING, not %q.", in.RecrawlPolicy.RecrawlBehavior)
	}
	for _, t := range in.Targets.S3Targets {
		if _, err := newTarget(t); err != nil {
			return refuse("%v", err)
		}
	}
	if in.Configuration == nil || *in.Configuration == "" {
		return configuration{}, nil
	}
	c, err := parseConfiguration(*in.Configuration)
	if err != nil {
		return refuse("Configuration: %v.", err)
	}
	return c, nil
}

// createCrawler asks for the action on "*": Glue knows no resource for it (Service Authorization Reference, AWS Glue).
func (s *Service) createCrawler(ctx context.Context, in CrawlerInput) (empty, error) {
	if err := s.access.guard.Check(ctx, iam.Call{Action: "glue:CreateCrawler", Resource: "*"}); err != nil {
		return empty{}, err
	}
	if err := s.access.pass(ctx, in.Role); err != nil {
		return empty{}, err
	}
	return empty{}, s.CreateCrawler(in)
}

type nameInput struct{ Name string }

type getCrawlerOutput struct{ Crawler crawlerDescription }

type crawlerDescription struct {
	CrawlerInput
	State string
	// CrawlElapsedTime is in milliseconds, 0 when nothing runs.
	CrawlElapsedTime int64
	CreationTime     wire.Time
	LastUpdated      wire.Time
	LastCrawl        *lastCrawl `json:",omitempty"`
	Version          int
}

func (s *Service) getCrawler(ctx context.Context, in nameInput) (getCrawlerOutput, error) {
	if err := s.access.onCrawler(ctx, "glue:GetCrawler", in.Name); err != nil {
		return getCrawlerOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, state, err := s.crawler(in.Name)
	if err != nil {
		return getCrawlerOutput{}, err
	}
	d := crawlerDescription{
		CrawlerInput: c.definition,
		State:        state,
		CreationTime: wire.Time(c.created),
		LastUpdated:  wire.Time(c.updated),
		LastCrawl:    c.last,
		Version:      c.version,
	}
	if d.RecrawlPolicy == nil {
		d.RecrawlPolicy = &RecrawlPolicy{"CRAWL_EVERYTHING"}
	}
	if d.Classifiers == nil {
		d.Classifiers = []string{}
	}
	if c.run != nil {
		d.CrawlElapsedTime = s.options.Clock.Now().Sub(c.run.started).Milliseconds()
	}
	return getCrawlerOutput{d}, nil
}

// crawler finds a crawler and tells its state at this moment. The service must be locked.
func (s *Service) crawler(name string) (*crawler, string, error) {
	c := s.crawlers[name]
	if c == nil {
		return nil, "", wire.Errorf("EntityNotFoundException", "Crawler entry with name %s does not exist", name)
	}
	if c.run == nil {
		return c, ready, nil
	}
	state := c.run.state(s.options.Clock.Now())
	if state == ready {
		state = s.finish(c)
	}
	return c, state, nil
}

func (s *Service) updateCrawler(ctx context.Context, in CrawlerInput) (empty, error) {
	if err := s.access.onCrawler(ctx, "glue:UpdateCrawler", in.Name); err != nil {
		return empty{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, state, err := s.crawler(in.Name)
	if err != nil {
		return empty{}, err
	}
	// Whether an update that names no role needs the right to pass the crawler's is not documented. Whoever has it can update either way.
	if err := s.access.pass(ctx, cmp.Or(in.Role, c.definition.Role)); err != nil {
		return empty{}, err
	}
	if state != ready {
		return empty{}, wire.Errorf("CrawlerRunningException", "Cannot update Crawler while running. Please stop crawl or wait until it completes to update.")
	}
	in = c.definition.changed(in)
	configuration, err := checkCrawler(in)
	if err != nil {
		return empty{}, err
	}
	c.definition, c.configuration = in, configuration
	c.updated = s.options.Clock.Now()
	c.version++
	return empty{}, nil
}

// changed is d with the members that by has.
func (d CrawlerInput) changed(by CrawlerInput) CrawlerInput {
	if by.Role != "" {
		d.Role = by.Role
	}
	if by.DatabaseName != "" {
		d.DatabaseName = by.DatabaseName
	}
	if by.Classifiers != nil {
		d.Classifiers = by.Classifiers
	}
	change(&d.Description, by.Description)
	change(&d.Targets, by.Targets)
	change(&d.TablePrefix, by.TablePrefix)
	change(&d.SchemaChangePolicy, by.SchemaChangePolicy)
	change(&d.RecrawlPolicy, by.RecrawlPolicy)
	change(&d.Configuration, by.Configuration)
	return d
}

func change[T any](member **T, by *T) {
	if by != nil {
		*member = by
	}
}
