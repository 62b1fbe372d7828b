package main

import (
	"cmp"
	"fmt"
	"slices"

	"snaplake/functions/internal/catalog"
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
		for _, text := range differences(e.columns, v.shape.columns) {
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
func differences(before []catalog.Column, now []column) []string {
	var all []string
	for _, c := range now {
		i := slices.IndexFunc(before, func(b catalog.Column) bool { return b.Name == c.name })
		switch {
		case i < 0:
			all = append(all, fmt.Sprintf(".%s: added, %s", c.name, c.sqlType))
		case before[i].Type != c.sqlType:
			all = append(all, fmt.Sprintf(".%s: %s, was %s", c.name, c.sqlType, before[i].Type))
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(now, func(c column) bool { return c.name == b.Name }) {
			all = append(all, fmt.Sprintf(".%s: removed, was %s", b.Name, b.Type))
		}
	}
	return all
}
