package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/cloud"
	"snaplake/workflow"
)

type viewsCommand struct {
	Dir string `default:"${dir}" help:"Folder of the last run."`
	engineFlag
}

// Run is called by kong.
func (c *viewsCommand) Run(ctx context.Context) (err error) {
	engine, err := c.installed(ctx)
	if err != nil {
		return err
	}
	l, err := reopenLake(c.Dir, engine)
	defer func() { err = errors.Join(err, l.close()) }()
	if err != nil {
		return err
	}
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

// definition holds the SQL and the columns of a view, as stored in the catalog.
type definition struct {
	SQL     string                `json:"originalSql"`
	Columns []athenaclient.Column `json:"columns"`
}

// definitions returns the view definitions of a database, keyed by view name. Athena stores a definition as Base64-encoded JSON inside a
// SQL comment.
func definitions(ctx context.Context, aws *cloud.Cloud, database string) (map[string]definition, error) {
	tables, err := aws.Glue.Tables(ctx, database)
	if err != nil {
		return nil, err
	}
	all := map[string]definition{}
	for _, t := range tables {
		if t.TableType != "VIRTUAL_VIEW" {
			continue
		}
		text := strings.TrimSuffix(strings.TrimPrefix(t.ViewOriginalText, "/* Presto View: "), " */")
		var d definition
		b, err := base64.StdEncoding.DecodeString(text)
		if err == nil {
			err = json.Unmarshal(b, &d)
		}
		if err != nil {
			return nil, fmt.Errorf("read view %s.%s: %w", database, t.Name, err)
		}
		all[t.Name] = d
	}
	return all, nil
}

// unchanged is the result of changesOf for a view with the same definition as before.
const unchanged = "unchanged"

// changesOf describes how a view differs from its previous definition.
func changesOf(was map[string]definition, name string, is definition) string {
	old, existed := was[name]
	if !existed {
		return "new"
	}
	changes := columnChanges(old.Columns, is.Columns)
	if old.SQL != is.SQL {
		changes = append(changes, "SQL")
	}
	if len(changes) == 0 {
		return unchanged
	}
	return "changed: " + strings.Join(changes, ", ")
}

// columnChanges lists the added, dropped and retyped columns. If there are none, it reports whether the order of the columns changed.
func columnChanges(was, is []athenaclient.Column) []string {
	var changes []string
	for _, c := range is {
		switch i := indexOf(was, c.Name); {
		case i < 0:
			changes = append(changes, "new column "+c.Name+" "+c.Type)
		case was[i].Type != c.Type:
			changes = append(changes, "column "+c.Name+" "+was[i].Type+" -> "+c.Type)
		}
	}
	for _, c := range was {
		if indexOf(is, c.Name) < 0 {
			changes = append(changes, "column "+c.Name+" dropped")
		}
	}
	if len(changes) == 0 && !slices.Equal(was, is) {
		changes = append(changes, "column order")
	}
	return changes
}

func indexOf(columns []athenaclient.Column, name string) int {
	return slices.IndexFunc(columns, func(c athenaclient.Column) bool { return c.Name == name })
}
