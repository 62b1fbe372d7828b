package rds

import (
	"encoding/base64"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

// params reads the parameters of one call. It remembers the first mistake, and which parameters nobody asked for.
type params struct {
	form   url.Values
	unread map[string]bool
	wrong  error
}

func newParams(form url.Values) *params {
	p := &params{form: form, unread: map[string]bool{}}
	for name := range form {
		p.unread[name] = true
	}
	return p
}

// err is the first mistake in the parameters that were read, or a parameter that was not: an emulated service never ignores
// what it was asked.
func (p *params) err() error {
	if p.wrong != nil {
		return p.wrong
	}
	if len(p.unread) == 0 {
		return nil
	}
	names := make([]string, 0, len(p.unread))
	for name := range p.unread {
		names = append(names, name)
	}
	slices.Sort(names)
	return wire.Errorf("InvalidParameterValue", "the local AWS's RDS does not take the parameter %s of %s",
		strings.Join(names, ", "), p.form.Get("Action"))
}

func (p *params) fail(code, format string, args ...any) {
	if p.wrong == nil {
		p.wrong = wire.Errorf(code, format, args...)
	}
}

// text is a parameter, or "" when it was not given.
func (p *params) text(name string) string {
	delete(p.unread, name)
	return p.form.Get(name)
}

// required is a parameter that must be given.
func (p *params) required(name string) string {
	v := p.text(name)
	if v == "" {
		p.fail("MissingParameter", "The request must contain the parameter %s", name)
	}
	return v
}

// flag reads a boolean whose true value changes nothing here.
func (p *params) flag(name string) {
	if v := p.text(name); v != "" && v != "true" && v != "false" {
		p.fail("InvalidParameterValue", "%s is %q; it can be true or false", name, v)
	}
}

// list is NAME.1, NAME.2 and so on. An empty list arrives as the parameter in front of the member name, with no value.
func (p *params) list(name string) []string {
	if empty := name[:strings.LastIndex(name, ".")]; p.form.Has(empty) && p.form.Get(empty) == "" {
		delete(p.unread, empty)
	}
	var values []string
	for n := 1; ; n++ {
		key := name + "." + strconv.Itoa(n)
		if !p.form.Has(key) {
			return values
		}
		values = append(values, p.text(key))
	}
}

// filters are the conditions of a Describe call: all of them must hold.
type filters []filter

// filter holds for a row that has one of the values.
type filter struct {
	name   string
	values []string
}

// filters reads the parameter Filters. Names that are not among the known are refused.
func (p *params) filters(known ...string) filters {
	var fs filters
	for n := 1; ; n++ {
		prefix := "Filters.Filter." + strconv.Itoa(n)
		name := p.text(prefix + ".Name")
		values := p.list(prefix + ".Values.Value")
		if name == "" && values == nil {
			if p.form.Has("Filters") && p.form.Get("Filters") == "" {
				delete(p.unread, "Filters")
			}
			return fs
		}
		if !slices.Contains(known, name) {
			p.fail("InvalidParameterValue", "Unrecognized filter name: %s. %s takes %s", name, p.form.Get("Action"), strings.Join(known, ", "))
		}
		if len(values) == 0 {
			p.fail("InvalidParameterValue", "the filter %s has no values", name)
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

// page reads the parameters Marker and MaxRecords.
func (p *params) page() page {
	pg := page{size: 100}
	if v := p.text("MaxRecords"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 20 || n > 100 {
			p.fail("InvalidParameterValue", "Invalid value %s for MaxRecords. Must be between 20 and 100", v)
		}
		pg.size = n
	}
	after, err := base64.RawURLEncoding.DecodeString(p.text("Marker"))
	if err != nil {
		p.fail("InvalidParameterValue", "The Marker %s is not one that RDS gave", p.form.Get("Marker"))
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
