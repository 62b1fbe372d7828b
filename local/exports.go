package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"snaplake/workflow"
)

// lakeExport is an export in the local data lake.
type lakeExport struct {
	id workflow.ExportID
	// objects is the number of the export's objects, and bytes is their total size.
	objects int
	bytes   int64
	// sourceARN is the ARN of the snapshot or the cluster, from the export's info file. It is "" until RDS has written the file.
	sourceARN string
	// published holds some fields from the export's published.json. It is nil if the export was never published.
	published *struct {
		SnapshotAt    time.Time `json:"snapshotAt"`
		PublishedAt   time.Time `json:"publishedAt"`
		Engine        string    `json:"engine"`
		CrawledTables int       `json:"crawledTables"`
	}
}

// exports returns the exports of a source, newest first.
func (l *lake) exports(source string) ([]*lakeExport, error) {
	root := workflow.ExportPrefix(source)
	objects, err := l.aws.Store.List(l.aws.Bucket, root)
	if err != nil {
		return nil, fmt.Errorf("list the exports of source %q: %w", source, err)
	}
	var exports []*lakeExport
	for _, o := range objects { // sorted by key, so the objects of an export are adjacent
		name, _, _ := strings.Cut(strings.TrimPrefix(o.Key, root), "/")
		id, ours := workflow.ParseExportID(name)
		if !ours || id.Source != source {
			continue
		}
		if len(exports) == 0 || exports[len(exports)-1].id != id {
			exports = append(exports, &lakeExport{id: id})
		}
		e := exports[len(exports)-1]
		e.objects, e.bytes = e.objects+1, e.bytes+o.Size
		switch file := strings.TrimPrefix(o.Key, id.Folder()); {
		case file == workflow.PublishedFile:
			err = l.read(o.Key, &e.published)
		case strings.HasPrefix(file, workflow.InfoManifest):
			var info struct{ SourceARN string }
			err = l.read(o.Key, &info)
			e.sourceARN = info.SourceARN
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(exports, func(a, b *lakeExport) int { return b.id.SnapshotTime.Compare(a.id.SnapshotTime) })
	return exports, nil
}

func (l *lake) read(key string, into any) error {
	b, err := os.ReadFile(l.aws.Store.Path(l.aws.Bucket, key))
	if err != nil {
		return fmt.Errorf("read %s: %w", key, err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return hint(fmt.Errorf("%s is damaged: %w; delete the data lake", key, err), l.dir)
	}
	return nil
}

// newestPublished returns the newest published export, or nil if none has been published.
func newestPublished(exports []*lakeExport) *lakeExport {
	i := slices.IndexFunc(exports, func(e *lakeExport) bool { return e.published != nil })
	if i < 0 {
		return nil
	}
	return exports[i]
}

// request returns the input that CreateViews receives when an execution rolls back to the export. The times in the input are those of the
// run that created the export.
func (e *lakeExport) request(config workflow.Config, source workflow.Source) workflow.Request {
	p := e.published
	return workflow.Request{
		State: workflow.State{
			Source: source.Name, ExportID: e.id.String(),
			Snapshot: &workflow.Snapshot{ARN: e.sourceARN, CreatedAt: p.SnapshotAt, Engine: p.Engine, Version: workflow.StateVersion},
			Export:   &workflow.Export{ID: e.id.String(), Prefix: workflow.ExportPrefix(source.Name), Skipped: source.AllowSkipped},
			Crawl: &workflow.Crawl{
				Crawler: config.Crawler(source.Name), TablePrefix: e.id.TablePrefix(), Status: workflow.Succeeded, Tables: p.CrawledTables,
				StartedAt: p.PublishedAt,
			},
		},
		Input:     &workflow.Input{Source: source.Name, ExportID: e.id.String()},
		Execution: workflow.Execution{Name: e.id.String(), StartedAt: p.PublishedAt, EnteredAt: p.PublishedAt},
	}
}
