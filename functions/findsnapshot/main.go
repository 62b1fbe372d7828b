// Command findsnapshot is the Lambda function that finds the snapshot of a run.
package main

import (
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler) }

func newHandler(s setup.Setup) setup.Handler[workflow.SnapshotRequest, workflow.Snapshot] {
	return (&Handler{Config: s.Config, RDS: rds.NewFromConfig(s.AWS)}).Handle
}
