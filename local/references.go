package main

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// references records which crawled tables exist, and which views read them.
type references struct {
	// tables maps the folder of an export to the names of its crawled tables.
	tables map[string][]string
	// readers maps the name of a crawled table to the views that read it.
	readers map[string][]string
}

// sqlName matches an identifier or a keyword in the SQL of a view.
var sqlName = regexp.MustCompile(`\w+`)

func (l *lake) references(ctx context.Context) (references, error) {
	r := references{tables: map[string][]string{}, readers: map[string][]string{}}
	crawled, err := l.aws.Glue.Tables(ctx, l.config.CrawledDatabase())
	if err != nil {
		return r, err
	}
	for _, t := range crawled {
		if t.StorageDescriptor == nil {
			continue
		}
		// Locations have the form s3://BUCKET/exports/SOURCE/ID/...
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
				r.readers[w] = append(r.readers[w], source.Database()+"."+name)
			}
		}
	}
	return r, nil
}

// views returns the sorted names of the views that read one of the tables.
func (r references) views(tables []string) []string {
	var views []string
	for _, t := range tables {
		views = append(views, r.readers[t]...)
	}
	slices.Sort(views)
	return slices.Compact(views)
}
