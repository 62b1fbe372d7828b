package main

import (
	"context"
	"errors"
	"fmt"

	"snaplake/workflow"
)

type pruneCommand struct {
	DryRun bool   `help:"Show what would be deleted without deleting it."`
	Source string `placeholder:"NAME" help:"Source whose exports are deleted. Default: all sources."`
	Dir    string `default:"${dir}" help:"Folder of the last run."`
}

// Run is called by kong.
func (c *pruneCommand) Run(ctx context.Context) (err error) {
	l, err := reopenLake(c.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
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
	var would workflow.Pruned
	if err := l.invoke(ctx, "prune", in, &would); err != nil {
		return err
	}
	r := retention{source: source, at: l.saved.At, published: published, expired: would.IDs}
	if err := l.printRetention(ctx, r, exports); err != nil {
		return err
	}
	if dry {
		fmt.Printf("Without --dry-run, %d exports and %d tables would be deleted.\n", would.Exports, would.Tables)
		return nil
	}
	in.DryRun = false
	var pruned workflow.Pruned
	if err := l.invoke(ctx, "prune", in, &pruned); err != nil {
		return err
	}
	fmt.Printf("Deleted %d exports and %d tables.\n", pruned.Exports, pruned.Tables)
	return nil
}
