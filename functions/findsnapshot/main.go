// Command findsnapshot is the Lambda that finds the snapshot of a run.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler) }

func newHandler(s setup.Setup) func(context.Context, workflow.SnapshotRequest) (workflow.Snapshot, error) {
	h := &Handler{Config: s.Config, RDS: rds.NewFromConfig(s.AWS)}
	return h.Handle
}
