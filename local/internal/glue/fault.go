package glue

import (
	"strings"
	"time"

	"snaplake/local/internal/fault"
)

// failure is why a crawl failed, in Glue's words.
type failure string

func (f failure) Error() string { return string(f) }

// internalError is all that Glue says of an error of its own.
const internalError failure = "Internal Service Exception"

// appearing are the tables that a crawl with this fault brings into the catalog.
func appearing(tables []crawledTable, kind fault.Kind) []crawledTable {
	switch {
	case kind == fault.NoTables:
		return nil
	case kind == fault.OneTableLess && len(tables) > 0:
		return tables[1:]
	}
	return tables
}

// pointElsewhere is somebody's UpdateCrawler: to a folder beside the one that the crawler has, in which nothing lies.
func (c *crawler) pointElsewhere(now time.Time) {
	targets := CrawlerTargets{}
	for _, t := range c.definition.Targets.S3Targets {
		t.Path = strings.TrimSuffix(t.Path, "/") + "-of-somebody-else/"
		targets.S3Targets = append(targets.S3Targets, t)
	}
	c.definition.Targets = &targets
	c.updated = now
	c.version++
}
