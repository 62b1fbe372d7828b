// Package inventory reads what a run of CreateViews finds: the files of its export, the tables that were crawled, the views that exist,
// and what was published before. It makes no decisions about views; package viewplan does. It is tested through package createviews.
package inventory

import (
	"context"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/projection"
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
	// Bucket contains the exports, CrawledDatabase the crawled tables.
	Bucket, CrawledDatabase string
}

// Inventory is what there is before a run changes views.
type Inventory struct {
	Input
	// Tables are those of the export.
	Tables []manifest.Table
	// Crawled are the crawled tables of all exports, by location.
	Crawled map[string]*projection.CrawledTable
	// Entries are the entries of the view database, by name.
	Entries Entries
	// Exports are those of the source that have a folder, the newest first.
	Exports []exports.Export
	// Publications are those of earlier runs, by export.
	Publications map[workflow.ExportID]exports.Publication
	// Last is the newest publication; its Views are nil if there is none.
	Last exports.Publication
}

// Read reads what there is. The error is a [workflow.ObjectsMissing] or a [workflow.TablesMissing] if the export or its crawled tables
// are incomplete.
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

// readPublications reads what was published before.
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
		if isNewest && !p.PublishedAt.After(i.StartedAt()) { // any writer of the bucket can forge a future time
			i.Last = p
		}
	}
	return nil
}
