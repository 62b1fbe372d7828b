package main

import (
	"context"
	"errors"
	"fmt"

	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// objects reads the manifests of an export that CheckExport found complete. What is missing has gone since; the error is a
// [workflow.ObjectsMissing] then.
func (h *Handler) objects(ctx context.Context, b basis) (manifest.Export, error) {
	export, err := manifest.Read(ctx, h.S3, h.Bucket, b.folder)
	switch {
	case errors.Is(err, manifest.ErrMissing), errors.Is(err, manifest.ErrDamaged):
	case err != nil:
		return manifest.Export{}, err
	default:
		err = gone(b, export)
	}
	if err != nil {
		return manifest.Export{}, workflow.Errorf[workflow.ObjectsMissing](
			"the views of source %q stay as they are: export %s was complete, and is so no more: %w. %s", b.source.Name, b.export.ID, err, b.exportAgain())
	}
	return export, nil
}

// gone says what an export lacks that it had before.
func gone(b basis, export manifest.Export) error {
	for _, t := range export.Tables {
		if t.Complete() && t.Objects == 0 && b.wants(t) {
			return fmt.Errorf("nothing of table %s lies in %s%s", t, b.root, t.Folder)
		}
	}
	if export.Objects < b.export.Objects {
		return fmt.Errorf("of %d objects in %s there are %d left", b.export.Objects, b.root, export.Objects)
	}
	return nil
}
