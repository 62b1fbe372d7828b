package main

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/workflow"
)

// failed returns the error about an export that RDS gave up.
func failed(r workflow.State, task types.ExportTask) error {
	cause := aws.ToString(task.FailureCause)
	if cause == "" {
		cause = "RDS gives no cause"
	}
	return workflow.Errorf[workflow.ExportFailed]("source %q: export %s failed: %s; %s%s",
		r.Source, aws.ToString(task.ExportTaskIdentifier), strings.TrimRight(cause, ". "), advice(cause), retryHint(r))
}

// advice returns what to do about a cause, by the words in the documented ones (RDS guide, "Failure messages for Amazon S3 export tasks").
// The order matters: a cause that mentions the role, the bucket and the key is about any of the three.
func advice(cause string) string {
	cause = strings.ToLower(cause)
	mentions := func(words ...string) bool {
		for _, w := range words {
			if !strings.Contains(cause, w) {
				return false
			}
		}
		return true
	}
	switch {
	case mentions("assume"):
		return "allow export.rds.amazonaws.com to assume the export role (deploy again)"
	case mentions("iam role", "kms"):
		return "check that the export role may write to the bucket and use the KMS key, and that neither's policy denies it"
	case mentions("isn't authorized"), mentions("not authorized"):
		return "allow the export role this action on the bucket (deploy again), and look for a bucket policy that denies it"
	case mentions("kms"):
		return "check that the KMS key is enabled and that the export role may use it"
	case mentions("region"), mentions("isn't valid"):
		return "check that the bucket exists in the database's Region"
	case mentions("s3 credential"):
		return "check the bucket's policy and the export role's"
	case mentions("internal error"):
		return "try again"
	default:
		return "the RDS console shows the task under Exports in Amazon S3"
	}
}
