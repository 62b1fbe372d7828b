package glue

import (
	"strings"
	"time"

	"snaplake/local/internal/fault"
)

// internalError is Glue's message for an error of its own.
const internalError failure = "Internal Service Exception"

// failure is an error in Glue's words.
type failure string

func (f failure) Error() string { return string(f) }

// appearing returns the tables that a crawl with this fault adds to the catalog.
func appearing(tables []crawledTable, kind fault.Kind) []crawledTable {
	switch {
	case kind == fault.NoTables:
		return nil
	case kind == fault.OneTableLess && len(tables) > 0:
		return tables[1:]
	}
	return tables
}

// pointElsewhere is an UpdateCrawler by someone else, to an empty folder beside the current one.
func (c *crawler) pointElsewhere(now time.Time) {
	other := c.definition
	target := other.Targets.S3Targets[0]
	target.Path = strings.TrimSuffix(target.Path, "/") + "-of-somebody-else/"
	other.Targets = &CrawlerTargets{S3Targets: []S3Target{target}}
	_ = c.define(other, now) // only the path is new
}
