package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// views are those of all sources, since one source's may read another's tables.
type references struct {
	// words are all that look like a name in their SQL, in lower case.
	words map[string]bool
	// of is how many views each source has.
	of map[string]int
}

// views reads the views there are. Of a view that cannot be read nobody knows what it needs; it is an error, and nothing is
// deleted then.
func (h *Handler) readReferences(ctx context.Context) (references, error) {
	v := references{words: map[string]bool{}, of: map[string]int{}}
	for _, s := range h.Config.Sources {
		for t, err := range catalog.Tables(ctx, h.Glue, s.Database()) {
			if awserr.Code(err) == "EntityNotFoundException" {
				break // this source is not deployed yet
			}
			if err != nil {
				return references{}, err
			}
			if !catalog.IsView(t) {
				continue
			}
			if err := v.add(s, t); err != nil {
				return references{}, err
			}
		}
	}
	return v, nil
}

// add notes what a view of a source reads.
func (v references) add(s workflow.Source, view types.Table) error {
	words, err := catalog.Words(view)
	if err != nil {
		return workflow.Errorf[workflow.PruneFailed](
			"nothing is deleted, because view %s.%s cannot be read (%w); drop it or create it again", s.Database(), aws.ToString(view.Name), err)
	}
	v.of[s.Name]++
	for _, word := range words {
		if !v.words[word] {
			v.words[strings.Clone(word)] = true // without the query that it is a part of
		}
	}
	return nil
}

// read tells whether a view reads a table of an export. A name that has the export's table prefix and that no crawled table
// bears may be a table that the catalog does not show: it counts as read.
func (v references) reads(e lake.Export, tables crawledTables) bool {
	for _, name := range tables.below(e.Location) {
		if v.words[name] {
			return true
		}
	}
	prefix := e.ID.TablePrefix()
	for word := range v.words {
		if word != prefix && strings.HasPrefix(word, prefix) && !tables.names[word] {
			return true
		}
	}
	return false
}

// crawledTables are the tables of the crawled database.
type crawledTables struct {
	// at are their names by the folder that they read.
	at    map[string][]string
	names map[string]bool
}

// below returns the tables that read a folder below the given one. Locations decide, never names: two sources whose
// snapshots are of the same minute share a table prefix.
func (c crawledTables) below(folder string) []string {
	var names []string
	for location, n := range c.at {
		if strings.HasPrefix(location, folder) {
			names = append(names, n...)
		}
	}
	return names
}

func (h *Handler) crawledTables(ctx context.Context) (crawledTables, error) {
	crawled := crawledTables{at: map[string][]string{}, names: map[string]bool{}}
	for t, err := range catalog.Tables(ctx, h.Glue, h.Config.CrawledDatabase()) {
		if err != nil {
			return crawledTables{}, err
		}
		if location := catalog.Location(t); location != "" {
			name := aws.ToString(t.Name)
			crawled.at[location] = append(crawled.at[location], name)
			crawled.names[name] = true
		}
	}
	return crawled, nil
}
