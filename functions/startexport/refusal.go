package main

import (
	"fmt"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// classify maps an error from StartExportTask to a named error. It leaves unknown codes to package setup.
func classify(sc scope, id string, err error) error {
	code := awserr.Code(err)
	if code == "ExportTaskLimitReachedFault" { // not in the API model
		return workflow.Errorf[workflow.ExportSlotsBusy]("source %q: the account is already running 5 exports, the most that RDS allows: %w",
			sc.source.Name, awserr.Summarize(err))
	}
	if remedy := remedies[code]; remedy != "" {
		return workflow.Errorf[workflow.ExportRefused]("source %q: RDS refuses to export %s as %s: %w. %s",
			sc.source.Name, sc.snapshot.ID, id, awserr.Summarize(err), remedy)
	}
	return fmt.Errorf("source %q: start export task %s: %w", sc.source.Name, id, err)
}

// remedies maps the error code of a refusal to its remedy.
var remedies = map[string]string{
	"AccessDenied":    "Allow this function to perform the action in the message: deploy again, or look for policies that deny it",
	"IamRoleNotFound": "The export role was deleted, and a deployment does not restore it; create it as defined in the template",
	"IamRoleMissingPermissions": "Allow the export role to write to the bucket, and export.rds.amazonaws.com to assume the role: " +
		"deploy again, or look for policies that deny it",
	"KMSKeyNotAccessibleFault": "Enable the KMS key, and allow this function kms:CreateGrant and kms:DescribeKey: " +
		"deploy again, or correct the key's policy",
	"InvalidS3BucketFault":           "Create the bucket in the snapshot's Region",
	"InvalidExportOnly":              "Correct the source's setting \"tables\" and deploy",
	"InvalidExportSourceState":       "Wait until the snapshot is available and no other export of it is running",
	"DBSnapshotNotFound":             "The snapshot was deleted; " + workflow.NoRedrive + " for another snapshot",
	"DBClusterSnapshotNotFoundFault": "The snapshot was deleted; " + workflow.NoRedrive + " for another snapshot",
	"DBClusterNotFoundFault":         "The cluster was deleted: set \"cluster\" to an existing cluster and deploy; " + workflow.NoRedrive,
}
