package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/workflow"
)

// dropBatch is the limit of BatchDeleteTable.
const dropBatch = 100

// dropViews drops views. The error is a [workflow.ViewsFailed] about those that Glue refuses to delete.
func (h *Handler) dropViews(ctx context.Context, database string, names []string) error {
	var failures []string
	for batch := range slices.Chunk(names, dropBatch) {
		out, err := h.Glue.BatchDeleteTable(ctx, &glue.BatchDeleteTableInput{DatabaseName: &database, TablesToDelete: batch})
		if err != nil {
			return fmt.Errorf("drop views %s of database %q: %w", strings.Join(batch, ", "), database, err)
		}
		for _, e := range out.Errors {
			if d := e.ErrorDetail; d != nil && aws.ToString(d.ErrorCode) != "EntityNotFoundException" {
				failures = append(failures,
					fmt.Sprintf("view %q: %s: %s", aws.ToString(e.TableName), aws.ToString(d.ErrorCode), aws.ToString(d.ErrorMessage)))
			}
		}
	}
	if len(failures) > 0 {
		return workflow.Errorf[workflow.ViewsFailed](
			"the views of database %q are created, but %d could not be dropped:\n%s\nRedrive to try again",
			database, len(failures), strings.Join(workflow.Summarize(failures, workflow.MaxListed), "\n"))
	}
	return nil
}
