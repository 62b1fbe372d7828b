package glue

import (
	"context"
	"maps"
	"slices"

	"snaplake/local/internal/iam"
)

// maxCrawlerNames is Glue's limit of a page (API reference, ListCrawlers).
const maxCrawlerNames = 1000

type listCrawlersInput struct {
	MaxResults int
	NextToken  string
}

type listCrawlersOutput struct {
	CrawlerNames []string
	NextToken    string `json:",omitempty"`
}

// listCrawlers is allowed or not for all crawlers at once: the action knows no resource.
func (s *Service) listCrawlers(ctx context.Context, in listCrawlersInput) (out listCrawlersOutput, err error) {
	if err := s.access.guard.Check(ctx, iam.Call{Action: "glue:ListCrawlers", Resource: "*"}); err != nil {
		return out, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.Sorted(maps.Keys(s.crawlers))
	out.CrawlerNames, out.NextToken, err = page(names, func(name string) string { return name }, in.NextToken, in.MaxResults, maxCrawlerNames)
	return out, err
}
