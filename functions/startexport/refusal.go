package main

import (
	"fmt"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// Codes of RDS that need no person. The second is in no API model.
const (
	alreadyExists = "ExportTaskAlreadyExists"
	limitReached  = "ExportTaskLimitReachedFault"
)

// refusal names the error that StartExportTask answered with. What is not known here gets its name as other calls' errors do.
func refusal(sc scope, id string, err error) error {
	code := awserr.Code(err)
	if code == limitReached {
		return workflow.Errorf[workflow.ExportSlotsBusy]("source %q: the account runs as many exports as RDS lets it (5): %w. Wait until one is over, or cancel one, then redrive",
			sc.source.Name, awserr.Brief(err))
	}
	if advice := adviceFor(code); advice != "" {
		return workflow.Errorf[workflow.ExportRefused]("source %q: RDS refuses to export %s as %s: %w. %s",
			sc.source.Name, sc.snapshot.ID, id, awserr.Brief(err), advice)
	}
	return fmt.Errorf("source %q: start export task %s: %w", sc.source.Name, id, err)
}

// adviceFor is what to do about a refusal that will be repeated until something is changed, or "".
func adviceFor(code string) string {
	switch code {
	case "AccessDenied":
		return "This function must be allowed the action that RDS names: deploy again, look for policies that deny it, then redrive"
	case "IamRoleNotFound":
		return "The export role is gone, and deploying again does not bring back what was deleted by hand: create it as the template has it, then redrive"
	case "IamRoleMissingPermissions":
		return "The export role must be allowed to write to the bucket and to be assumed by export.rds.amazonaws.com: deploy again, look for policies that deny it, then redrive"
	case "KMSKeyNotAccessibleFault":
		return "The KMS key must be enabled, and its policy and this function's role must allow kms:CreateGrant and kms:DescribeKey: enable it, deploy again or correct its policy, then redrive"
	case "InvalidS3BucketFault":
		return "The bucket must exist in the snapshot's Region: create it there, then redrive"
	case "InvalidExportOnly":
		return "Correct the source's tables, deploy, then redrive"
	case "InvalidExportSourceState":
		return "Look at the snapshot's status, and whether another export of it runs; when it can be exported, redrive"
	case "DBSnapshotNotFound", "DBClusterSnapshotNotFoundFault":
		return "The snapshot was deleted. A redrive does not help: start a new execution for another snapshot"
	case "DBClusterNotFoundFault":
		return "The cluster was deleted. A redrive does not help: correct the source's cluster, deploy and start a new execution"
	default:
		return ""
	}
}
