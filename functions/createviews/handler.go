package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/brief"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// Handler makes the views over an export.
type Handler struct {
	S3      manifest.Client
	Glue    glue.GetTablesAPIClient
	Athena  Athena
	Config  workflow.Config
	Metrics metrics.Recorder
	// Bucket holds the exports.
	Bucket string
	// pause lets time pass between two looks at a statement; it returns the context's error when that ends first.
	pause func(context.Context, time.Duration) error
}

// Handle makes a view over each table of the record's export, and the user's own views. The first one is changed only when
// there is nothing to be said against any of them: all tables were crawled, no two views share a name, none takes the place of
// a table. A second run makes all of them again.
//
// The error is a [workflow.TablesMissing] or a [workflow.ViewsFailed].
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Views, error) {
	began := h.Metrics.Now()
	ctx, cancel := setup.LeaveTime(ctx)
	defer cancel()
	source, err := h.Config.Source(in.Record.Source)
	if err != nil {
		return workflow.Views{}, err
	}
	if in.Record.Export == nil || in.Record.Snapshot == nil {
		return workflow.Views{}, fmt.Errorf("source %q: the record has no export to make views of: start a new execution", source.Name)
	}
	p := plan{source: source, crawledDatabase: h.Config.CrawledDatabase(), isMySQL: isMySQL(in.Record.Snapshot.Engine)}
	folder := in.Record.Export.Prefix + in.Record.Export.ID + "/"
	export, err := manifest.Read(ctx, h.S3, h.Bucket, folder)
	if err != nil {
		return workflow.Views{}, err
	}
	p.root = "s3://" + h.Bucket + "/" + folder
	if p.crawled, err = h.crawledTables(ctx); err != nil {
		return workflow.Views{}, err
	}
	if p.entries, err = h.entries(ctx, source.Database()); err != nil {
		return workflow.Views{}, err
	}
	order, err := p.make(export.Tables)
	if err != nil {
		return workflow.Views{}, err
	}
	published, err := h.publish(ctx, source.Database(), order)
	if err != nil {
		return workflow.Views{}, err
	}
	h.Metrics.Emit(source.Name, in.Execution.Name,
		metrics.Seconds(workflow.MetricViewsSeconds, h.Metrics.Now().Sub(began)),
		metrics.Time(workflow.MetricSnapshotTime, in.Record.Snapshot.CreatedAt))
	return workflow.Views{Database: source.Database(), Published: published, Warnings: append([]string{}, brief.List(p.warnings)...)}, nil
}

func isMySQL(engine string) bool {
	switch engine {
	case "mysql", "mariadb", "aurora-mysql", "aurora": // Aurora MySQL 1 was called aurora
		return true
	}
	return false
}

// publish makes the views wave by wave and returns how many there are. A view is not tried when one that it reads failed.
func (h *Handler) publish(ctx context.Context, database string, order [][]view) (int, error) {
	total, made := 0, 0
	for _, wave := range order {
		total += len(wave)
	}
	failed := map[string]bool{}
	var lines []string
	for _, wave := range order {
		var ready []view
		for _, v := range wave {
			if need := firstOf(v.needs, failed); need != "" {
				failed[v.name] = true
				lines = append(lines, fmt.Sprintf("view %s.%s (%s): not tried, since it reads %s", quote(database), quote(v.name), v.of, quote(need)))
				continue
			}
			ready = append(ready, v)
		}
		refused, err := h.makeViews(ctx, database, ready)
		if errors.Is(err, context.DeadlineExceeded) {
			return 0, workflow.Errorf[workflow.ViewsFailed](
				"the function's time was over before all %d views of database %q were made: redrive this execution: %w", total, database, err)
		}
		if err != nil {
			return 0, err
		}
		for _, v := range ready {
			if reason, ok := refused[v.name]; ok {
				failed[v.name] = true
				lines = append(lines, describe(database, v, reason))
			} else {
				made++
			}
		}
	}
	if len(lines) > 0 {
		return 0, workflow.Errorf[workflow.ViewsFailed](
			"%d of %d views of database %q could not be made, the others were:\n%s\nCorrect this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution",
			len(lines), total, database, list(lines))
	}
	return made, nil
}

func firstOf(names []string, in map[string]bool) string {
	for _, name := range names {
		if in[name] {
			return name
		}
	}
	return ""
}
