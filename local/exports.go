package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"snaplake/workflow"
)

// lakeExport is an export in the local data lake.
type lakeExport struct {
	id workflow.ExportID
	// folder is the key prefix of the export, with a trailing slash.
	folder string
	// objects is the number of the export's objects, and bytes is their total size.
	objects int
	bytes   int64
	// info holds some fields from the export's info file, export_info_*.json. They are "" until RDS has written the file.
	info struct {
		SourceARN string `json:"sourceArn"`
		Status    string `json:"status"`
	}
	// published is nil if the export was never published.
	published *publication
}

// publication holds some fields from an export's published.json.
type publication struct {
	SnapshotAt    time.Time `json:"snapshotAt"`
	PublishedAt   time.Time `json:"publishedAt"`
	Engine        string    `json:"engine"`
	CrawledTables int       `json:"crawledTables"`
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
			exports = append(exports, &lakeExport{id: id, folder: id.Folder()})
		}
		e := exports[len(exports)-1]
		e.objects, e.bytes = e.objects+1, e.bytes+o.Size
		switch file := strings.TrimPrefix(o.Key, e.folder); {
		case file == workflow.PublishedFile:
			err = l.read(o.Key, &e.published)
		case strings.HasPrefix(file, workflow.InfoManifest):
			err = l.read(o.Key, &e.info)
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
			Snapshot: &workflow.Snapshot{
				ARN: e.info.SourceARN, ID: snapshotID(e.info.SourceARN), CreatedAt: p.SnapshotAt, Engine: p.Engine, Version: workflow.StateVersion,
			},
			Export: &workflow.Export{
				ID: e.id.String(), Status: e.info.Status, Prefix: workflow.ExportPrefix(source.Name), Percent: 100, Skipped: source.AllowSkipped,
			},
			Crawl: &workflow.Crawl{
				Crawler: config.Crawler(source.Name), TablePrefix: e.id.TablePrefix(), Status: workflow.Succeeded, Tables: p.CrawledTables,
				StartedAt: p.PublishedAt,
			},
		},
		Input:     &workflow.Input{Source: source.Name, ExportID: e.id.String()},
		Execution: workflow.Execution{Name: path.Base(e.folder), StartedAt: p.PublishedAt, EnteredAt: p.PublishedAt},
	}
}

// snapshotID extracts a snapshot's identifier from its ARN. For an automated snapshot, the identifier starts with "rds:". For the ARN of
// a cluster that is exported without a snapshot, snapshotID returns the cluster's identifier.
func snapshotID(arn string) string {
	if _, id, isSnapshot := strings.Cut(arn, "snapshot:"); isSnapshot {
		return id
	}
	return arn[strings.LastIndexByte(arn, ':')+1:]
}
