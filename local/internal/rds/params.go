package rds

import (
	"encoding/base64"
	"slices"
	"sort"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

// readFlag reads a boolean whose true value changes nothing here.
func readFlag(p *wire.Parameters, name string) {
	if v := p.Text(name); v != "" && v != "true" && v != "false" {
		p.Fail("InvalidParameterValue", "%s is %q; it can be true or false", name, v)
	}
}

// filters are the conditions of a Describe call: all of them must hold.
type filters []filter

// filter holds for a row that has one of the values.
type filter struct {
	name   string
	values []string
}

// readFilters reads the parameter Filters. Names that are not among the known are refused.
func readFilters(p *wire.Parameters, known ...string) filters {
	p.EmptyList("Filters")
	var fs filters
	for n := 1; ; n++ {
		prefix := "Filters.Filter." + strconv.Itoa(n)
		name := p.Text(prefix + ".Name")
		values := p.List(prefix + ".Values.Value")
		if name == "" && values == nil {
			return fs
		}
		if !slices.Contains(known, name) {
			p.Fail("InvalidParameterValue", "Unrecognized filter name: %s. %s takes %s", name, p.Action, strings.Join(known, ", "))
		}
		if len(values) == 0 {
			p.Fail("InvalidParameterValue", "the filter %s has no values", name)
		}
		fs = append(fs, filter{name: name, values: values})
	}
}

// facts are what a row has, by the name of the filter that asks for it.
type facts map[string][]string

func (fs filters) match(row facts) bool {
	for _, f := range fs {
		if !slices.ContainsFunc(row[f.name], func(v string) bool { return slices.Contains(f.values, v) }) {
			return false
		}
	}
	return true
}

// page is one page of a listing: rows are in the order of their names, and a page begins after the last name of the one
// before. So a listing goes on rightly when rows come or go in between.
type page struct {
	after string
	size  int
}

// readPage reads the parameters Marker and MaxRecords.
func readPage(p *wire.Parameters) page {
	pg := page{size: 100}
	if v := p.Text("MaxRecords"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 20 || n > 100 {
			p.Fail("InvalidParameterValue", "Invalid value %s for MaxRecords. Must be between 20 and 100", v)
		}
		pg.size = n
	}
	marker := p.Text("Marker")
	after, err := base64.RawURLEncoding.DecodeString(marker)
	if err != nil {
		p.Fail("InvalidParameterValue", "The Marker %s is not one that RDS gave", marker)
	}
	pg.after = string(after)
	return pg
}

// cut sorts the rows by name and returns those on the page, with the marker of the next page, or "" on the last.
func cut[T any](pg page, rows []T, name func(T) string) (on []T, marker string) {
	slices.SortFunc(rows, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	rows = rows[sort.Search(len(rows), func(i int) bool { return name(rows[i]) > pg.after }):]
	if len(rows) <= pg.size {
		return rows, ""
	}
	rows = rows[:pg.size]
	return rows, base64.RawURLEncoding.EncodeToString([]byte(name(rows[pg.size-1])))
}
