package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
)

// words are all that look like a name in the SQL of the views there are, in lower case. A table whose name is not among them
// is read by none of the views.
type words map[string]bool

func (w words) haveAny(names []string) bool {
	for _, name := range names {
		if w[name] {
			return true
		}
	}
	return false
}

// wordsOfViews reads the views of all sources, since one source's may read another's tables. Of a view that cannot be read
// nobody knows what it needs; it is an error, and nothing is deleted then.
func (h *Handler) wordsOfViews(ctx context.Context) (words, error) {
	w := words{}
	for _, s := range h.Config.Sources {
		tables, err := h.listTables(ctx, s.Database())
		if awserr.Code(err) == "EntityNotFoundException" {
			continue // this source is not deployed yet
		}
		if err != nil {
			return nil, err
		}
		for _, t := range tables {
			if aws.ToString(t.TableType) != "VIRTUAL_VIEW" {
				continue
			}
			sql, err := queryOf(t)
			if err != nil {
				return nil, fmt.Errorf("nothing is deleted, because view %s.%s cannot be read (%w): make it anew or drop it", s.Database(), aws.ToString(t.Name), err)
			}
			for _, word := range strings.FieldsFunc(strings.ToLower(sql), isNoLetter) {
				w[word] = true
			}
		}
	}
	return w, nil
}

func isNoLetter(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// queryOf takes a view's query out of its catalog entry. Athena writes it as JSON in a comment; other engines as it is.
func queryOf(t types.Table) (string, error) {
	text := strings.TrimSpace(aws.ToString(t.ViewOriginalText))
	if text == "" {
		return "", errors.New("it has no text")
	}
	encoded, isPresto := strings.CutPrefix(text, "/* Presto View: ")
	if !isPresto {
		return text, nil
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.TrimSuffix(encoded, "*/")))
	if err != nil {
		return "", err
	}
	var view struct {
		OriginalSQL string `json:"originalSql"`
	}
	if err := json.Unmarshal(b, &view); err != nil {
		return "", err
	}
	if view.OriginalSQL == "" {
		return "", errors.New("it has no query")
	}
	return view.OriginalSQL, nil
}

// crawledTables are names of tables by the folder that they read.
type crawledTables map[string][]string

// below returns the tables that read a folder below the given one. Locations decide, never names: two sources whose
// snapshots are of the same minute share a table prefix.
func (c crawledTables) below(folder string) []string {
	var names []string
	for location, n := range c {
		if strings.HasPrefix(location, folder) {
			names = append(names, n...)
		}
	}
	return names
}

func (h *Handler) crawledTables(ctx context.Context) (crawledTables, error) {
	tables, err := h.listTables(ctx, h.Config.CrawledDatabase())
	if err != nil {
		return nil, err
	}
	crawled := crawledTables{}
	for _, t := range tables {
		if t.StorageDescriptor != nil {
			location := strings.TrimSuffix(aws.ToString(t.StorageDescriptor.Location), "/") + "/"
			crawled[location] = append(crawled[location], aws.ToString(t.Name))
		}
	}
	return crawled, nil
}

func (h *Handler) listTables(ctx context.Context, database string) ([]types.Table, error) {
	var tables []types.Table
	pages := glue.NewGetTablesPaginator(h.Glue, &glue.GetTablesInput{DatabaseName: &database})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the tables of database %q: %w", database, err)
		}
		tables = append(tables, page.TableList...)
	}
	return tables, nil
}
