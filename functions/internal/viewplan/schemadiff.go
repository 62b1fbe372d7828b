package viewplan

import (
	"cmp"
	"fmt"
	"slices"

	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/projection"
)

// schemaDiff describes how the views of tables differ from the existing ones, ordered by name. It is empty on the first run.
func (p *Plan) schemaDiff() []string {
	if p.Last.Views == nil {
		return nil
	}
	type line struct{ view, text string }
	var lines []line
	for _, v := range p.tables {
		e, there := p.Entries[v.name]
		if !there {
			lines = append(lines, line{v.name, ": new"})
			continue
		}
		for _, text := range columnDiff(e.Columns, v.projection.Columns) {
			lines = append(lines, line{v.name, text})
		}
	}
	for _, name := range p.Dropped {
		lines = append(lines, line{name, ": removed"})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.view, b.view) })
	var texts []string
	for _, l := range lines {
		texts = append(texts, l.view+l.text)
	}
	return texts
}

// columnDiff returns lines such as ".price: double, was decimal(10,2)".
func columnDiff(before []catalog.Column, now []projection.Column) []string {
	var all []string
	for _, c := range now {
		i := slices.IndexFunc(before, func(b catalog.Column) bool { return b.Name == c.Name })
		switch {
		case i < 0:
			all = append(all, fmt.Sprintf(".%s: added, %s", c.Name, c.Type))
		case before[i].Type != c.Type:
			all = append(all, fmt.Sprintf(".%s: %s, was %s", c.Name, c.Type, before[i].Type))
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(now, func(c projection.Column) bool { return c.Name == b.Name }) {
			all = append(all, fmt.Sprintf(".%s: removed, was %s", b.Name, b.Type))
		}
	}
	return all
}
