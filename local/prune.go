package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"snaplake/workflow"
)

type pruneCommand struct {
	DryRun bool   `help:"Show what would be deleted without deleting it."`
	Source string `placeholder:"NAME" help:"Source whose exports are deleted. Default: all sources."`
	Dir    string `default:"${dir}" help:"Folder of the last run."`
}

// Run is called by kong.
func (c *pruneCommand) Run(ctx context.Context) (err error) {
	l, err := reopenLake(c.Dir, nil)
	defer func() { err = errors.Join(err, l.close()) }()
	if err != nil {
		return err
	}
	sources := l.config.Sources
	if c.Source != "" {
		source, err := l.config.Source(c.Source)
		if err != nil {
			return err
		}
		sources = []workflow.Source{source}
	}
	for _, source := range sources {
		if err := l.prune(ctx, source, c.DryRun); err != nil {
			return err
		}
	}
	if c.DryRun {
		return nil
	}
	return l.save()
}

// prune invokes Prune to find the expired exports of a source, and prints all exports. If dry is false, it then deletes the expired
// exports.
func (l *lake) prune(ctx context.Context, source workflow.Source, dry bool) error {
	exports, err := l.exports(source.Name)
	if err != nil {
		return err
	}
	published := newestPublished(exports)
	if published == nil {
		fmt.Printf("Source %s has no published export.\n", source.Name)
		return nil
	}
	in := workflow.Request{
		State:     workflow.State{Source: source.Name, Export: &workflow.Export{ID: published.id.String()}},
		Execution: workflow.Execution{Name: "prune", StartedAt: l.saved.At, EnteredAt: l.saved.At},
		DryRun:    true,
	}
	var pruned workflow.Pruned
	if err := l.invoke(ctx, "prune", in, &pruned); err != nil {
		return err
	}
	if err := l.printExports(ctx, source, exports, retention{published, pruned.IDs}); err != nil {
		return err
	}
	if dry {
		fmt.Printf("Without --dry-run, %d exports and %d tables would be deleted.\n", pruned.Exports, pruned.Tables)
		return nil
	}
	in.DryRun = false
	if err := l.invoke(ctx, "prune", in, &pruned); err != nil {
		return err
	}
	fmt.Printf("Deleted %d exports and %d tables.\n", pruned.Exports, pruned.Tables)
	return nil
}

func (l *lake) printExports(ctx context.Context, source workflow.Source, exports []*lakeExport, r retention) error {
	keep := fmt.Sprintf("keep: %d", source.Keep)
	if source.KeepDays > 0 {
		keep += fmt.Sprintf(", keep_days: %d", source.KeepDays)
	}
	fmt.Printf("Source %s, %s. The last run ended at %s.\n", source.Name, keep, workflow.FormatTime(l.saved.At))
	crawled, err := l.aws.Glue.Tables(ctx, l.config.CrawledDatabase())
	if err != nil {
		return err
	}
	readers, err := l.readers(ctx)
	if err != nil {
		return err
	}
	t := table.NewWriter()
	t.SetOutputMirror(os.Stdout)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"export", "age", "tables", "objects", "bytes", ""})
	for _, e := range exports {
		tables, views := 0, []string{}
		for _, t := range crawled {
			if t.StorageDescriptor != nil && strings.Contains(t.StorageDescriptor.Location, "/"+e.id.Folder()) {
				tables++
				views = append(views, readers[t.Name]...)
			}
		}
		slices.Sort(views)
		t.AppendRow(table.Row{
			e.id, age(l.saved.At.Sub(e.id.SnapshotTime)), tables, e.objects, e.bytes, r.describe(e, slices.Compact(views)),
		})
	}
	t.Render()
	return nil
}

// readers maps the name of each table to the names of the views that read the table.
func (l *lake) readers(ctx context.Context) (map[string][]string, error) {
	readers := map[string][]string{}
	for _, source := range l.config.Sources {
		views, err := definitions(ctx, l.aws, source.Database())
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(views)) {
			for _, read := range workflow.TableRefs(views[name].SQL) {
				readers[read.Name] = append(readers[read.Name], source.Database()+"."+name)
			}
		}
	}
	return readers, nil
}

// retention holds Prune's decision about the exports of a source.
type retention struct {
	published *lakeExport
	// expired lists the IDs of the exports to delete.
	expired []string
}

// describe says whether an export is kept, and which views read it.
func (r retention) describe(e *lakeExport, views []string) string {
	switch {
	case slices.Contains(r.expired, e.id.String()):
		return "expired"
	case e == r.published:
		return "kept, newest published"
	case len(views) == 0:
		return "kept"
	case len(views) == 1:
		return "kept, read by " + views[0]
	}
	return fmt.Sprintf("kept, read by %s and %d more", views[0], len(views)-1)
}

// age formats a duration in days and hours.
func age(d time.Duration) string {
	hours := int(d / time.Hour)
	return fmt.Sprintf("%d d %d h", hours/24, hours%24)
}
