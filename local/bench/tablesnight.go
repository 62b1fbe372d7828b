package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"snaplake/local/internal/lambda"
	"snaplake/workflow"
)

// tablesNight takes the state machine's place over a source of so many tables: two exports of it, the views, and the end of the
// older export.
type tablesNight struct {
	*world
	tables int
	// used is what each function has needed, by its name.
	used map[string]*usage
	// record is the account so far, and largest the bytes that it ever had.
	record  workflow.Record
	largest int
	// pages is how many calls of GetTables would have been enough.
	pages int
}

// usage is what one function has needed.
type usage struct {
	deployed    lambda.Function
	invocations int
	// longest is of one invocation, see [usage.add], cpu its processor time, memory the most that a process ever had.
	longest, cpu time.Duration
	memory       int64
	// calls are those of services, by the operation.
	calls map[string]int
}

// add adds an invocation. It counts as long as it would take on Lambda, with a part of a processor; but CreateViews hands over by the
// clock, and its time is as it was here.
func (u *usage) add(function string, r lambda.Report) {
	took := onLambda(r, r.MemorySize)
	if function == "createviews" {
		took = r.Init + r.Duration
	}
	u.invocations++
	u.longest = max(u.longest, took)
	u.cpu = max(u.cpu, r.CPU)
	u.memory = max(u.memory, r.MaxMemory)
}

func (u *usage) allCalls() (n int) {
	for _, count := range u.calls {
		n += count
	}
	return n
}

// createViewsTime is the time-out that CreateViews gets here: it hands over after two fifths of it.
const createViewsTime = 30 * time.Second

// runTablesNight does all of it.
func runTablesNight(ctx context.Context, tables int) (_ *tablesNight, err error) {
	w, err := openWorld(company{tables: tables, rows: 2})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	n := &tablesNight{world: w, tables: tables, used: map[string]*usage{}}
	if err := w.startNoNights(); err != nil {
		return nil, err
	}
	for range 2 {
		if err := n.export(ctx); err != nil {
			return nil, err
		}
	}
	if err := n.createViews(ctx); err != nil {
		return nil, err
	}
	return n, n.prune(ctx)
}

// invoke lets a function do its part of the record, and counts what it needs.
func (n *tablesNight) invoke(ctx context.Context, function string, out any) error {
	var in any = workflow.Request{Record: n.record, Input: &workflow.Input{Source: source}, Execution: n.execution()}
	if function == "findsnapshot" {
		in = workflow.SnapshotRequest{Input: workflow.Input{Source: source}, Execution: n.execution()}
	}
	u := n.used[function]
	if u == nil {
		f, err := n.Lambda.Function(n.config.Name + "-" + function)
		if err != nil {
			return err
		}
		u = &usage{deployed: f, calls: map[string]int{}}
		n.used[function] = u
	}
	n.forget()
	if err := n.world.invoke(ctx, function, in, out); err != nil {
		return err
	}
	calls, reports := n.counted()
	for _, c := range calls {
		u.calls[c.Operation]++
	}
	for _, r := range reports {
		u.add(function, r)
	}
	text, err := json.Marshal(n.record)
	n.largest = max(n.largest, len(text))
	return err
}

func (n *tablesNight) execution() workflow.Execution {
	now := n.clock.Now()
	return workflow.Execution{Name: "tables", StartedAt: now, EnteredAt: now}
}

// export makes the next snapshot into crawled tables.
func (n *tablesNight) export(ctx context.Context) error {
	n.clock.Advance(24 * time.Hour)
	if err := n.RDS.Backup(ctx, instance); err != nil {
		return err
	}
	n.record = workflow.Record{Source: source}
	if err := n.invoke(ctx, "findsnapshot", &n.record.Snapshot); err != nil {
		return err
	}
	n.record.Snapshot.Version = workflow.StateVersion // as the definition does
	if err := n.invoke(ctx, "startexport", &n.record.Export); err != nil {
		return err
	}
	for n.record.Export.Status != workflow.Complete {
		if err := n.wait(ctx, n.record.Export.WaitSeconds); err != nil {
			return err
		}
		if err := n.invoke(ctx, "checkexport", &n.record.Export); err != nil {
			return err
		}
	}
	if err := n.invoke(ctx, "startcrawler", &n.record.Crawl); err != nil {
		return err
	}
	for n.record.Crawl.Status != workflow.Succeeded {
		if err := n.wait(ctx, n.record.Crawl.WaitSeconds); err != nil {
			return err
		}
		if err := n.invoke(ctx, "checkcrawler", &n.record.Crawl); err != nil {
			return err
		}
	}
	n.pages += pagesOf(n.record.Crawl.Tables)
	if n.record.Crawl.Tables != n.tables {
		return fmt.Errorf("%d of %d tables were crawled", n.record.Crawl.Tables, n.tables)
	}
	return nil
}

func (n *tablesNight) wait(ctx context.Context, seconds int) error {
	return n.clock.Sleep(ctx, time.Duration(seconds)*time.Second)
}

// createViews lets CreateViews begin. At the larger sizes it hands over what is left, which is not made here.
func (n *tablesNight) createViews(ctx context.Context) error {
	f, err := n.Lambda.Function(n.config.Name + "-createviews")
	if err != nil {
		return err
	}
	f.Timeout = createViewsTime
	if err := n.Lambda.Create(f); err != nil {
		return err
	}
	pages, err := n.catalogPages(ctx, source)
	if err != nil {
		return err
	}
	n.pages += pages
	return n.invoke(ctx, "createviews", &n.record.Views)
}

// prune deletes the older export, after a deployment that keeps only one. What reads the older one as well is gone by then.
func (n *tablesNight) prune(ctx context.Context) error {
	database := ""
	for i := range n.config.Sources {
		if s := &n.config.Sources[i]; s.Name == source {
			database = s.Database()
			s.Keep, s.History, s.Changes, s.Checks = 1, nil, nil, nil
		}
	}
	views, err := n.Glue.Tables(ctx, database)
	if err != nil {
		return err
	}
	for _, v := range views {
		if strings.HasSuffix(v.Name, "_history") || strings.HasSuffix(v.Name, "_changes") {
			if err := n.Glue.DeleteTable(ctx, database, v.Name); err != nil {
				return err
			}
		}
	}
	if err := n.reconfigure("prune"); err != nil {
		return err
	}
	var names []string
	for _, s := range n.config.Sources {
		names = append(names, s.Name)
	}
	pages, err := n.catalogPages(ctx, names...)
	if err != nil {
		return err
	}
	n.pages += pages
	if err := n.invoke(ctx, "prune", &n.record.Pruned); err != nil {
		return err
	}
	if p := n.record.Pruned; p.Exports != 1 || p.Tables != n.tables {
		return fmt.Errorf("prune deleted %d exports and %d tables, and should have deleted the older export with its %d tables", p.Exports, p.Tables, n.tables)
	}
	return nil
}

// reconfigure gives a function the configuration as it is now.
func (n *tablesNight) reconfigure(function string) error {
	dir, err := filepath.Abs(filepath.Join(n.dir, "layer"))
	if err != nil {
		return err
	}
	if err := workflow.WriteLayer(dir, n.config); err != nil {
		return err
	}
	f, err := n.Lambda.Function(n.config.Name + "-" + function)
	if err != nil {
		return err
	}
	f.Layers = []string{n.Lambda.AddLayer(n.config.Name+"-tables", dir)}
	return n.Lambda.Create(f)
}

// catalogPages is how many calls list the crawled tables and the views of some sources once.
func (n *tablesNight) catalogPages(ctx context.Context, sources ...string) (int, error) {
	databases := []string{n.config.CrawledDatabase()}
	for _, s := range n.config.Sources {
		for _, name := range sources {
			if s.Name == name {
				databases = append(databases, s.Database())
			}
		}
	}
	pages := 0
	for _, database := range databases {
		tables, err := n.Glue.Tables(ctx, database)
		if err != nil {
			return 0, err
		}
		pages += pagesOf(len(tables))
	}
	return pages, nil
}

// pagesOf is how many calls list so many tables, of which a page of GetTables has 100. That there is none takes a call, too.
func pagesOf(tables int) int { return max(1, (tables+99)/100) }
