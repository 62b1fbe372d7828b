package main

import (
	"cmp"
	"fmt"
	"slices"

	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/projection"
)

// compare says how the views of tables differ from those of the night before, in the order of their names; nothing on the first.
func (p *plan) compare() []string {
	if p.past.last.Views == nil {
		return nil
	}
	type line struct{ name, text string }
	var lines []line
	for _, v := range p.tables {
		e, there := p.entries[v.name]
		if !there {
			lines = append(lines, line{v.name, v.name + ": new"})
			continue
		}
		for _, text := range differences(e.columns, v.shape.Columns) {
			lines = append(lines, line{v.name, v.name + text})
		}
	}
	for _, name := range p.goes {
		if _, there := p.entries[name]; there {
			lines = append(lines, line{name, name + ": removed"})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.name, b.name) })
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return texts
}

// differences are what follows the view's name: ".price: double, was decimal(10,2)".
func differences(before []catalog.Column, now []projection.Column) []string {
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
