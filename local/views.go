package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"snaplake/local/internal/athenaclient"
	"snaplake/workflow"
)

type viewsCommand struct {
	Dir string `default:"${dir}" help:"Folder of the last run."`
}

// Run is called by kong.
func (c *viewsCommand) Run(ctx context.Context) (err error) {
	l, err := reopenLake(c.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	sources := 0
	var errs []error
	for _, source := range l.config.Sources {
		exports, err := l.exports(source.Name)
		if err != nil {
			return err
		}
		export := newestPublished(exports)
		if export == nil {
			fmt.Printf("Source %s has no published export.\n\n", source.Name)
			continue
		}
		sources++
		errs = append(errs, l.createViews(ctx, source, export))
	}
	if sources == 0 {
		return hint(fmt.Errorf("no source has a published export in %s", filepath.Join(c.Dir, lakeFolder)), c.Dir)
	}
	return errors.Join(errs...)
}

// createViews invokes CreateViews with an export of a source and prints each view.
func (l *lake) createViews(ctx context.Context, source workflow.Source, export *lakeExport) error {
	was, err := definitions(ctx, l.aws, source.Database())
	if err != nil {
		return err
	}
	fmt.Printf("Source %s, export %s\n", source.Name, export.id)
	var answer workflow.Views
	if err := l.invoke(ctx, "createviews", export.request(l.config, source), &answer); err != nil {
		return err
	}
	for _, warning := range answer.Warnings {
		fmt.Println("  " + warning)
	}
	fmt.Println()
	are, err := definitions(ctx, l.aws, source.Database())
	if err != nil {
		return err
	}
	a := athenaclient.New(l.aws, source.Database())
	changed := 0
	for _, name := range slices.Sorted(maps.Keys(are)) {
		change := changesOf(was, name, are[name])
		if change != unchanged {
			changed++
		}
		if err := showView(ctx, a, name, are[name], change); err != nil {
			return err
		}
	}
	dropped := 0
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if _, kept := are[name]; !kept {
			dropped++
			fmt.Printf("%s.%s: dropped\n\n", source.Database(), name)
		}
	}
	fmt.Printf("%d views: %d new or changed, %d unchanged; %d dropped\n\n", len(are), changed, len(are)-changed, dropped)
	return nil
}

// showView prints the SQL, the columns and the first rows of a view.
func showView(ctx context.Context, a athenaclient.Client, name string, d definition, change string) error {
	few, err := preview(ctx, a, name, fewRows)
	if err != nil {
		return err
	}
	few.Columns = d.Columns // types in the catalog include the precision; types in the result do not
	fmt.Printf("%s.%s: %s\n\n", a.Database, name, change)
	for line := range strings.Lines(d.SQL) {
		fmt.Println(strings.TrimRight("    "+line, " \n"))
	}
	fmt.Println()
	printColumns(os.Stdout, few)
	fmt.Println()
	return nil
}
