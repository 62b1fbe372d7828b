package glue

import (
	"strings"
	"time"

	"snaplake/local/internal/fault"
)

// addedTables returns the tables that a crawl with the given fault adds to the catalog.
func addedTables(tables []crawledTable, kind fault.Kind) []crawledTable {
	switch {
	case kind == fault.NoTables:
		return nil
	case kind == fault.MissingTable && len(tables) > 0:
		return tables[1:]
	}
	return tables
}

// pointElsewhere changes the crawler's target to an empty folder, as if another user had called UpdateCrawler.
func (c *crawler) pointElsewhere(now time.Time) {
	other := c.Definition
	target := other.Targets.S3Targets[0]
	target.Path = strings.TrimSuffix(target.Path, "/") + "-of-another-user/"
	other.Targets = &CrawlerTargets{S3Targets: []S3Target{target}}
	_ = c.define(other, now) // cannot fail: only the path changes
}
