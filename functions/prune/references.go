package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

// references are what the views of all sources read, because a view may read the tables of another source.
type references struct {
	// words are the possible names in their SQL, in lower case.
	words map[string]bool
	// of is the number of views of each source.
	of map[string]int
}

// readReferences reads all views. A view that cannot be read is an error: what it needs is unknown, so nothing is deleted.
func (h *Handler) readReferences(ctx context.Context) (references, error) {
	v := references{words: map[string]bool{}, of: map[string]int{}}
	for _, s := range h.Config.Sources {
		for t, err := range catalog.Tables(ctx, h.Glue, s.Database()) {
			if awserr.Code(err) == "EntityNotFoundException" {
				break // the source is not deployed yet
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

// add adds what a view of a source reads.
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

// reads reports whether a view reads a table of an export. A name with the export's table prefix that no crawled table has may be a table
// that the catalog does not show: it counts as read.
func (v references) reads(e exports.Export, tables crawledTables) bool {
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
	// at has their names by the folder that they read.
	at    map[string][]string
	names map[string]bool
}

// below returns the tables that read a folder below a given one. It compares locations and not names, because two sources with snapshots of
// the same minute share a table prefix.
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
