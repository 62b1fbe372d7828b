package main

import (
	"fmt"
	"slices"

	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// plan decides which views there will be, before the first of them changes.
type plan struct {
	source          workflow.Source
	crawledDatabase string
	// root of the export: "s3://bucket/exports/shop/shop-20261121-1705-0/".
	root string
	// tablePrefix of the export's crawled tables.
	tablePrefix string
	// crawled tables by location.
	crawled map[string]*crawledTable
	// entries of the view database by name: whether each is a view, and not a table.
	entries map[string]bool
	// isMySQL is true of MariaDB and Aurora MySQL too.
	isMySQL bool

	views    []view
	warnings []string
	// problems are what a user has to correct.
	problems []string
}

// make returns the views in waves: a view comes after those that it reads. The error is a
// [workflow.ViewsFailed] that names all that is wrong.
func (p *plan) make(tables []manifest.Table) ([][]view, error) {
	for _, t := range tables {
		p.addTable(t)
	}
	for _, v := range p.source.Views {
		p.addOwn(v)
	}
	p.requireFreeNames()
	p.findNeeds()
	order, err := waves(p.views)
	if err != nil {
		p.problems = append(p.problems, err.Error())
	}
	if len(p.problems) > 0 {
		return nil, workflow.Errorf[workflow.ViewsFailed](
			"the views of source %q stay as they are:\n%s\nCorrect this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution",
			p.source.Name, list(p.problems))
	}
	return order, nil
}

// isExported is false of a table that RDS skipped. CheckExport has let it pass because allow_skipped names it. Even an empty
// table has an object, _SUCCESS.
func isExported(t manifest.Table) bool { return t.Complete() && t.Objects > 0 }

func (p *plan) addTable(t manifest.Table) {
	name := p.source.ViewOf(t.Database, t.Schema, t.Name)
	if !isExported(t) {
		p.warnings = append(p.warnings, fmt.Sprintf("%s: skipped by RDS, so view %q was not made anew", t, name))
		return
	}
	crawled := p.crawled[p.root+t.Folder]
	if t.Empty() {
		crawled = nil
		if len(t.Columns) == 0 {
			p.addUnknown(t, name)
			return
		}
	}
	columns, warnings, err := columnsOf(t, crawled, p.isMySQL)
	if err != nil {
		p.problems = append(p.problems, fmt.Sprintf("table %s: %v", t, err))
		return
	}
	p.warnings = append(p.warnings, warnings...)
	query := selectNothing(columns, p.tablePrefix)
	if crawled != nil {
		query = selectFrom(columns, p.crawledDatabase, crawled.name)
	}
	p.views = append(p.views, view{name: name, of: "table " + t.String(), sql: createView(p.source.Database(), name, query)})
}

// addUnknown is for an empty table whose columns the export does not say. It has no view; but one that is there must not go
// on to show the rows of another night among those of this one.
func (p *plan) addUnknown(t manifest.Table, name string) {
	text := fmt.Sprintf("table %s is empty, and the export does not say its columns", t)
	if _, there := p.entries[name]; there {
		p.problems = append(p.problems, fmt.Sprintf("%s: drop view %q, which still shows older rows", text, name))
		return
	}
	p.warnings = append(p.warnings, text+": it has no view")
}

func (p *plan) addOwn(v workflow.View) {
	p.views = append(p.views, view{
		name:  v.Name,
		of:    v.File,
		sql:   createView(p.source.Database(), v.Name, v.SQL),
		needs: relations(v.SQL, p.source.Database()),
	})
}

// requireFreeNames finds views that would take each other's name, or a table's.
func (p *plan) requireFreeNames() {
	first := map[string]view{}
	for _, v := range p.views {
		other, twice := first[v.name]
		isView, there := p.entries[v.name]
		switch {
		case twice:
			p.problems = append(p.problems, fmt.Sprintf(
				"view %q would be made of both %s and %s: set a view_name that separates them, such as %q, or rename the view that is your own",
				v.name, other.of, v.of, "{database}_{table}"))
		case there && !isView:
			p.problems = append(p.problems, fmt.Sprintf(
				"view %q of %s: database %q has a table of this name, which is not replaced: drop it, or set another view_name",
				v.name, v.of, p.source.Database()))
		}
		first[v.name] = v
	}
}

// findNeeds leaves of the relations that a view reads those that are views of this night.
func (p *plan) findNeeds() {
	names := map[string]bool{}
	for _, v := range p.views {
		names[v.name] = true
	}
	for i := range p.views {
		p.views[i].needs = slices.DeleteFunc(p.views[i].needs, func(name string) bool { return !names[name] })
	}
}
