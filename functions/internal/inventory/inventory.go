// Package inventory reads what exists before a run of CreateViews: the files of its export, the crawled tables, the existing views, and
// the publications of earlier runs. Package viewplan then decides which views to create. The tests are in package createviews.
package inventory

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// Glue is the part of the Glue client that reads the catalog and repairs crawled tables.
type Glue interface {
	glue.GetTablesAPIClient
	UpdateTable(context.Context, *glue.UpdateTableInput, ...func(*glue.Options)) (*glue.UpdateTableOutput, error)
}

// Reader reads an inventory.
type Reader struct {
	S3   manifest.Client
	Glue Glue
	Log  *slog.Logger
	// Bucket contains the exports, and CrawledDatabase contains the crawled tables.
	Bucket, CrawledDatabase string
}

// Input is a request to publish the views of an export.
type Input struct {
	Source workflow.Source
	// Engine is RDS's name for the database engine.
	Engine string
	ID     workflow.ExportID
	Export workflow.Export
	// Root is the location of the export: "s3://lake/exports/shop/shop-20261121-1705-0/".
	Root       string
	SnapshotAt time.Time
	Request    workflow.Request
}

// NewInput validates a request. The error is a [workflow.InvalidInput].
func NewInput(config workflow.Config, bucket string, in workflow.Request) (Input, error) {
	r := in.State
	source, err := setup.Source(config, r.Source)
	if err != nil {
		return Input{}, err
	}
	if in.Input == nil || r.Snapshot == nil || r.Export == nil || r.Crawl == nil {
		return Input{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: the input, the snapshot, the export or the crawl is missing from the state", r.Source)
	}
	id, ours := workflow.ParseExportID(r.Export.ID)
	if !ours {
		return Input{}, workflow.Errorf[workflow.InvalidInput]("source %q: %q is not an export of Snaplake", r.Source, r.Export.ID)
	}
	return Input{
		Source: source, Engine: r.Snapshot.Engine, ID: id, Export: *r.Export, Root: workflow.S3URI(bucket, r.Export.Folder()),
		SnapshotAt: r.Snapshot.CreatedAt, Request: in,
	}, nil
}

// setLiveTime sets SnapshotAt for an export of a live cluster, which has no snapshot. SnapshotAt is then the time at which RDS started the
// export, which may be hours after the start of the execution.
func (in *Input) setLiveTime(info manifest.Info) {
	began := cmp.Or(info.SnapshotTime, info.TaskStartTime)
	if strings.Contains(in.Request.State.Snapshot.ARN, ":cluster:") && !began.IsZero() {
		in.SnapshotAt = began
	}
}

// Selects reports whether a table should have a view that reads this export: the source selects the table, and RDS did not skip it.
func (in Input) Selects(t manifest.Table) bool {
	return in.Source.Selects(t.TableName) && !slices.Contains(in.Export.Skipped, t.String())
}

// IsRollback reports whether the execution was started with a snapshot or an export.
func (in Input) IsRollback() bool {
	return in.Request.State.ExportID != "" || in.Request.Input.Snapshot != ""
}

// StartedAt returns the time at which the execution entered CreateViews, or was last redriven from CreateViews.
func (in Input) StartedAt() time.Time {
	return slices.MaxFunc([]time.Time{in.Request.Execution.EnteredAt, in.Request.Redrive.At}, time.Time.Compare)
}

// Inventory is what exists before a run changes views.
type Inventory struct {
	Input
	// Tables holds the tables of the export.
	Tables []manifest.Table
	// Crawled maps locations to the crawled tables of all exports.
	Crawled map[string]*projection.CrawledTable
	Entries Entries
	// Exports holds the source's exports that have a folder, newest first.
	Exports []exports.Export
	// Publications holds the publications of earlier runs.
	Publications map[workflow.ExportID]exports.Publication
	// Last is the newest publication. Its field Views is nil if there is no publication.
	Last exports.Publication
}

// Read reads an inventory. The error is a [workflow.ObjectsMissing] or a [workflow.TablesMissing] if the export or its crawled tables are
// incomplete.
func (r Reader) Read(ctx context.Context, in Input, entries Entries) (*Inventory, error) {
	export, err := r.readExport(ctx, in)
	if err != nil {
		return nil, err
	}
	in.setLiveTime(export.Info)
	i := &Inventory{Input: in, Tables: export.Tables, Entries: entries, Publications: map[workflow.ExportID]exports.Publication{}}
	if err := r.readPublications(ctx, i); err != nil {
		return nil, err
	}
	return i, r.readCrawled(ctx, i)
}

// readExport reads the manifests of an export. CheckExport found it complete, but objects may have been deleted since.
func (r Reader) readExport(ctx context.Context, in Input) (manifest.Export, error) {
	export, err := manifest.Read(ctx, r.S3, r.Bucket, in.Export.Folder())
	empty := slices.IndexFunc(export.Tables, func(t manifest.Table) bool { return t.Complete() && t.Objects == 0 && in.Selects(t) })
	switch {
	case manifest.IsUnreadable(err):
	case err != nil:
		return export, err
	case empty >= 0:
		err = fmt.Errorf("%s%s, the folder of table %s, is empty", in.Root, export.Tables[empty].Folder, export.Tables[empty])
	case export.Objects < in.Export.Objects:
		err = fmt.Errorf("only %d of %d objects are left in %s", export.Objects, in.Export.Objects, in.Root)
	default:
		return export, nil
	}
	advice := ""
	if in.Request.State.ExportID != "" {
		advice = "; " + workflow.NoRedrive + " without exportId"
	}
	return export, workflow.Errorf[workflow.ObjectsMissing](
		"the views of source %q were not changed, because export %s is no longer complete: %w%s", in.Source.Name, in.Export.ID, err, advice)
}

func (r Reader) readPublications(ctx context.Context, i *Inventory) (err error) {
	if i.Exports, err = exports.Exports(ctx, r.S3, r.Bucket, i.Source.Name); err != nil {
		return err
	}
	for _, e := range i.Exports {
		if !e.Published {
			continue
		}
		p, there, err := exports.ReadPublication(ctx, r.S3, r.Bucket, e.Folder)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		i.Publications[e.ID] = p
		isNewest := i.Last.Views == nil || p.PublishedAt.After(i.Last.PublishedAt)
		if isNewest && !p.PublishedAt.After(i.StartedAt()) { // anyone who can write to the bucket can forge a future time
			i.Last = p
		}
	}
	return nil
}
