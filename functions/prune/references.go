package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

// references contains what the views of all sources read. A view can read the tables of another source.
type references struct {
	// words holds the possible table names in the SQL of the views, in lower case.
	words map[string]bool
	// views holds the number of views of each source.
	views map[string]int
}

// readReferences reads all views. If a view cannot be decoded, the tables that it reads are unknown, so the error prevents any deletion.
func (h *Handler) readReferences(ctx context.Context) (references, error) {
	r := references{words: map[string]bool{}, views: map[string]int{}}
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
			words, err := catalog.Words(t)
			if err != nil {
				return references{}, workflow.Errorf[workflow.PruneFailed](
					"nothing was deleted, because view %s.%s cannot be read (%w); drop it or create it again", s.Database(), aws.ToString(t.Name), err)
			}
			r.views[s.Name]++
			for _, word := range words {
				if !r.words[word] {
					r.words[strings.Clone(word)] = true // without keeping the whole query in memory
				}
			}
		}
	}
	return r, nil
}

// include reports whether a view reads a table of an export. A word with the export's table prefix counts even if no crawled table has that
// name, because the catalog may not list the table.
func (r references) include(e exports.Export, tables crawledTables) bool {
	for _, name := range tables.inside(e.Location) {
		if r.words[name] {
			return true
		}
	}
	prefix := e.ID.TablePrefix()
	for word := range r.words {
		if word != prefix && strings.HasPrefix(word, prefix) && tables[word] == "" {
			return true
		}
	}
	return false
}

// crawledTables maps the names of the tables in the crawled database to their folders.
type crawledTables map[string]string

func (h *Handler) crawledTables(ctx context.Context) (crawledTables, error) {
	crawled := crawledTables{}
	for t, err := range catalog.Tables(ctx, h.Glue, h.Config.CrawledDatabase()) {
		if err != nil {
			return nil, err
		}
		if location := catalog.Location(t); location != "" {
			crawled[aws.ToString(t.Name)] = location
		}
	}
	return crawled, nil
}

// inside returns the tables whose folders are inside a given folder. It compares folders and not names, because the tables of two sources
// have the same prefix if their snapshots are from the same minute.
func (c crawledTables) inside(folder string) []string {
	var names []string
	for name, location := range c {
		if strings.HasPrefix(location, folder) {
			names = append(names, name)
		}
	}
	return names
}
