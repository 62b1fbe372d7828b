package main

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// readings are what the views of all sources read.
type readings struct {
	// tables are the names of the crawled tables by the folders of their exports.
	tables map[string][]string
	// by are the views that name a table, by its name.
	by map[string][]string
}

// sqlName matches a name as it stands in a view's SQL.
var sqlName = regexp.MustCompile(`\w+`)

func (l *lakeCopy) reads(ctx context.Context) (readings, error) {
	r := readings{tables: map[string][]string{}, by: map[string][]string{}}
	crawled, err := l.aws.Glue.Tables(ctx, l.config.CrawledDatabase())
	if err != nil {
		return r, err
	}
	for _, t := range crawled {
		if t.StorageDescriptor == nil {
			continue
		}
		// s3://BUCKET/exports/SOURCE/ID/...
		if parts := strings.SplitAfterN(t.StorageDescriptor.Location, "/", 7); len(parts) == 7 {
			folder := strings.Join(parts[3:6], "")
			r.tables[folder] = append(r.tables[folder], t.Name)
		}
	}
	for _, source := range l.config.Sources {
		views, err := definitions(ctx, l.aws, source.Database())
		if err != nil {
			return r, err
		}
		for _, name := range slices.Sorted(maps.Keys(views)) {
			for _, w := range slices.Compact(slices.Sorted(slices.Values(sqlName.FindAllString(views[name].SQL, -1)))) {
				r.by[w] = append(r.by[w], source.Database()+"."+name)
			}
		}
	}
	return r, nil
}

// views are those that read one of the tables, in the order of their names.
func (r readings) views(tables []string) []string {
	var views []string
	for _, t := range tables {
		views = append(views, r.by[t]...)
	}
	slices.Sort(views)
	return slices.Compact(views)
}
