package main

import (
	"fmt"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// Codes of RDS that are not refusals. The second is not in the API model.
const (
	alreadyExists = "ExportTaskAlreadyExists"
	limitReached  = "ExportTaskLimitReachedFault"
)

// refusal returns the named error for an answer of StartExportTask. An unknown answer gets its name like the errors of other calls.
func classify(sc scope, id string, err error) error {
	code := awserr.Code(err)
	if code == limitReached {
		return workflow.Errorf[workflow.ExportSlotsBusy]("source %q: the account already runs the 5 exports that RDS allows: %w",
			sc.source.Name, awserr.Summarize(err))
	}
	if cause := causeOf(code); cause != "" {
		return workflow.Errorf[workflow.ExportRefused]("source %q: RDS refuses to export %s as %s: %w. %s",
			sc.source.Name, sc.snapshot.ID, id, awserr.Summarize(err), cause)
	}
	return fmt.Errorf("source %q: start export task %s: %w", sc.source.Name, id, err)
}

// causeOf returns what to change so that RDS no longer refuses an export, or "" for a code that is not a refusal.
func causeOf(code string) string {
	switch code {
	case "AccessDenied":
		return "Allow this function the action that RDS names: deploy again, or look for policies that deny it"
	case "IamRoleNotFound":
		return "The export role was deleted, and a deployment does not restore it: create it like the template does"
	case "IamRoleMissingPermissions":
		return "Allow the export role to write to the bucket, and export.rds.amazonaws.com to assume it: " +
			"deploy again, or look for policies that deny it"
	case "KMSKeyNotAccessibleFault":
		return "Enable the KMS key, and allow this function kms:CreateGrant and kms:DescribeKey: deploy again, or correct the key's policy"
	case "InvalidS3BucketFault":
		return "Create the bucket in the snapshot's Region"
	case "InvalidExportOnly":
		return "Correct the source's tables and deploy"
	case "InvalidExportSourceState":
		return "Wait until the snapshot is available and no other export of it runs"
	case "DBSnapshotNotFound", "DBClusterSnapshotNotFoundFault":
		return "The snapshot was deleted; " + workflow.NoRedrive + " for another snapshot"
	case "DBClusterNotFoundFault":
		return "The cluster was deleted: correct the source's cluster and deploy; " + workflow.NoRedrive
	default:
		return ""
	}
}
