package glue

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
	"snaplake/workflow"
)

// CrawlerInput is the definition of a crawler, or an update to it. In an update, nil and empty members leave the crawler unchanged.
type CrawlerInput struct {
	Name string
	// Role is the ARN of the crawler's role.
	Role         string
	DatabaseName string
	Description  *string         `json:",omitempty"`
	Targets      *CrawlerTargets `json:",omitempty"`
	// TablePrefix is the prefix of the names of crawled tables.
	TablePrefix        *string             `json:",omitempty"`
	SchemaChangePolicy *SchemaChangePolicy `json:",omitempty"`
	RecrawlPolicy      *RecrawlPolicy      `json:",omitempty"`
	// Configuration is a JSON document. The local AWS supports only [workflow.CrawlerConfiguration].
	Configuration *string `json:",omitempty"`
}

// CrawlerTargets holds the folder to crawl. The local AWS supports exactly one.
type CrawlerTargets struct{ S3Targets []S3Target }

// S3Target is a folder. Exclusions are glob patterns relative to Path.
type S3Target struct {
	Path       string
	Exclusions []string `json:",omitempty"`
}

// SchemaChangePolicy defines how a crawl changes existing tables. The local AWS supports only LOG, which leaves them unchanged.
type SchemaChangePolicy struct{ UpdateBehavior, DeleteBehavior string }

// RecrawlPolicy defines which folders are crawled again. The local AWS supports only CRAWL_EVERYTHING.
type RecrawlPolicy struct{ RecrawlBehavior string }

// crawler is a crawler. Save saves its exported fields.
type crawler struct {
	Definition       CrawlerInput
	Last             *lastCrawl
	target           target
	created, updated time.Time
	version          int
	run              *run // nil in the state READY
}

// CreateCrawler creates a crawler for the deployment, without checking permissions.
func (s *Service) CreateCrawler(in CrawlerInput) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &crawler{created: s.options.Clock.Now()}
	if err := c.define(in, c.created); err != nil {
		return err
	}
	s.crawlers[in.Name] = c
	return nil
}

// define sets the definition. It returns an error for a definition that Glue rejects or that the local AWS does not support.
func (c *crawler) define(in CrawlerInput, now time.Time) error {
	refuse := func(format string, args ...any) error {
		return wire.Errorf("InvalidInputException", "Crawler "+in.Name+": "+format, args...)
	}
	switch {
	case in.Targets == nil || len(in.Targets.S3Targets) != 1:
		return refuse("the local AWS supports exactly one S3Target.")
	case in.TablePrefix != nil && len(*in.TablePrefix) > 64:
		return refuse("TablePrefix has %d characters; the limit is 64.", len(*in.TablePrefix))
	case in.SchemaChangePolicy == nil || *in.SchemaChangePolicy != (SchemaChangePolicy{"LOG", "LOG"}):
		return refuse("the local AWS supports only a SchemaChangePolicy with UpdateBehavior LOG and DeleteBehavior LOG.")
	case in.RecrawlPolicy != nil && in.RecrawlPolicy.RecrawlBehavior != "CRAWL_EVERYTHING":
		return refuse("the local AWS supports only RecrawlBehavior CRAWL_EVERYTHING, not %s.", in.RecrawlPolicy.RecrawlBehavior)
	case in.Configuration == nil || *in.Configuration != workflow.CrawlerConfiguration:
		return refuse("the local AWS supports only the Configuration %s.", workflow.CrawlerConfiguration)
	}
	target, err := newTarget(in.Targets.S3Targets[0])
	if err != nil {
		return refuse("%v.", err)
	}
	c.Definition, c.target = in, target
	c.updated = now
	c.version++
	return nil
}

type nameInput struct{ Name string }

type crawlerDescription struct {
	CrawlerInput
	State        string
	CreationTime wire.Time
	LastUpdated  wire.Time
	LastCrawl    *lastCrawl `json:",omitempty"`
	Version      int
}

func (s *Service) getCrawler(ctx context.Context, in nameInput) (any, error) {
	var d crawlerDescription
	err := s.withCrawler(ctx, "glue:GetCrawler", in.Name, func(c *crawler, state string) error {
		d = crawlerDescription{
			CrawlerInput: c.Definition,
			State:        state,
			CreationTime: wire.Time(c.created),
			LastUpdated:  wire.Time(c.updated),
			LastCrawl:    c.Last,
			Version:      c.version,
		}
		d.RecrawlPolicy = cmp.Or(d.RecrawlPolicy, &RecrawlPolicy{"CRAWL_EVERYTHING"})
		return nil
	})
	return map[string]any{"Crawler": d}, err
}

// listCrawlers returns all names on one page. Glue returns at most 1,000 names. The action does not support resource-level permissions.
func (s *Service) listCrawlers(ctx context.Context, _ struct{}) (any, error) {
	if err := s.access.guard.Check(ctx, iam.Call{Action: "glue:ListCrawlers", Resource: "*"}); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{"CrawlerNames": slices.Sorted(maps.Keys(s.crawlers))}, nil
}

// withCrawler checks the caller's permission and calls f with the crawler and its current state, while it holds the lock.
func (s *Service) withCrawler(ctx context.Context, action, name string, f func(c *crawler, state string) error) error {
	if err := s.access.guard.Check(ctx, iam.Call{Action: action, Resource: s.access.arn("crawler/" + name)}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, state := s.crawlers[name], ready
	if c == nil {
		return wire.Errorf("EntityNotFoundException", "Crawler entry with name %s does not exist", name)
	}
	if c.run != nil {
		if state = c.run.state(s.options.Clock.Now()); state == ready {
			state = s.finish(c)
		}
	}
	return f(c, state)
}

func (s *Service) updateCrawler(ctx context.Context, in CrawlerInput) (any, error) {
	return nil, s.withCrawler(ctx, "glue:UpdateCrawler", in.Name, func(c *crawler, state string) error {
		in := c.Definition.changed(in)
		// AWS does not document whether an update that keeps the role requires permission to pass it. The local AWS requires it.
		passed := map[string]string{"iam:PassedToService": principal}
		if err := s.access.guard.Check(ctx, iam.Call{Action: "iam:PassRole", Resource: in.Role, Keys: passed}); err != nil {
			return err
		}
		if state != ready {
			return wire.Errorf("CrawlerRunningException",
				"Cannot update Crawler while running. Please stop crawl or wait until it completes to update.")
		}
		return c.define(in, s.options.Clock.Now())
	})
}

// changed returns the definition with an update applied.
func (d CrawlerInput) changed(by CrawlerInput) CrawlerInput {
	return CrawlerInput{
		Name:               d.Name,
		Role:               cmp.Or(by.Role, d.Role),
		DatabaseName:       cmp.Or(by.DatabaseName, d.DatabaseName),
		Description:        cmp.Or(by.Description, d.Description),
		Targets:            cmp.Or(by.Targets, d.Targets),
		TablePrefix:        cmp.Or(by.TablePrefix, d.TablePrefix),
		SchemaChangePolicy: cmp.Or(by.SchemaChangePolicy, d.SchemaChangePolicy),
		RecrawlPolicy:      cmp.Or(by.RecrawlPolicy, d.RecrawlPolicy),
		Configuration:      cmp.Or(by.Configuration, d.Configuration),
	}
}
