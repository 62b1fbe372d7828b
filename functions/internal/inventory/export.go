package inventory

import (
	"context"
	"errors"
	"fmt"

	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// readExport reads the manifests of an export that CheckExport found complete. The error is a [workflow.ObjectsMissing] if objects have
// been deleted since.
func (r Reader) readExport(ctx context.Context, in Input) (manifest.Export, error) {
	export, err := manifest.Read(ctx, r.S3, r.Bucket, in.Export.Folder())
	switch {
	case errors.Is(err, manifest.ErrMissing), errors.Is(err, manifest.ErrDamaged):
	case err != nil:
		return manifest.Export{}, err
	default:
		err = verify(in, export)
	}
	if err != nil {
		advice := "Redrive to export again"
		if in.Request.State.ExportID != "" {
			advice = "Start a new execution without exportId to export again"
		}
		return manifest.Export{}, workflow.Errorf[workflow.ObjectsMissing](
			"the views of source %q stay as they are: export %s is no longer complete: %w. %s", in.Source.Name, in.Export.ID, err, advice)
	}
	return export, nil
}

// verify returns an error about objects of the export that are missing.
func verify(in Input, export manifest.Export) error {
	for _, t := range export.Tables {
		if t.Complete() && t.Objects == 0 && in.Selects(t) {
			return fmt.Errorf("%s%s, the folder of table %s, is empty", in.Root, t.Folder, t)
		}
	}
	if export.Objects < in.Export.Objects {
		return fmt.Errorf("%s has %d of %d objects left", in.Root, export.Objects, in.Export.Objects)
	}
	return nil
}
