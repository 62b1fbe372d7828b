package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// Input is what the state machine asks CreateViews to publish.
type Input struct {
	Source workflow.Source
	// Engine is RDS's name of the database engine.
	Engine string
	ID     workflow.ExportID
	Export workflow.Export
	// Root is the location of the export: "s3://lake/exports/shop/shop-20261121-1705-0/".
	Root string
	// SnapshotAt is the time of the snapshot.
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
			"source %q: the state has no input, snapshot, export or crawl. A redrive does not help: start a new execution", r.Source)
	}
	id, ours := workflow.ParseExportID(r.Export.ID)
	if !ours {
		return Input{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: %q is not an export identifier of Snaplake. A redrive does not help: start a new execution", r.Source, r.Export.ID)
	}
	return Input{
		Source: source, Engine: r.Snapshot.Engine, ID: id, Export: *r.Export, Root: workflow.S3URI(bucket, r.Export.Folder()),
		SnapshotAt: r.Snapshot.CreatedAt, Request: in,
	}, nil
}

// setLiveTime sets SnapshotAt of a live export, which has no snapshot, to when RDS began it. That may be hours after the start of the
// execution.
func (in *Input) setLiveTime(info manifest.Info) {
	began := cmp.Or(info.SnapshotTime, info.TaskStartTime)
	if strings.Contains(in.Request.State.Snapshot.ARN, ":cluster:") && !began.IsZero() {
		in.SnapshotAt = began
	}
}

// Selects reports whether a table gets a view of this export: the source selects it, and RDS did not skip it.
func (in Input) Selects(t manifest.Table) bool {
	return in.Source.Selects(t.TableName) && !slices.Contains(in.Export.Skipped, t.String())
}

// IsRollback reports whether the execution was started for a certain snapshot or export.
func (in Input) IsRollback() bool {
	return in.Request.State.ExportID != "" || in.Request.Input.Snapshot != ""
}

// StartedAt is when the execution entered CreateViews, or was redriven in it.
func (in Input) StartedAt() time.Time {
	if at := in.Request.Redrive.At; at.After(in.Request.Execution.EnteredAt) {
		return at
	}
	return in.Request.Execution.EnteredAt
}
