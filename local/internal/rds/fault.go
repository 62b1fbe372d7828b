package rds

import (
	"fmt"
	"strings"
	"time"

	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
)

// outcome is the effect of a fault on an export task.
type outcome struct {
	// cause is the FailureCause as printed in the RDS guide, including placeholders. It is "" if the task does not fail.
	cause string
	// damage is the function that changes the export's files. If nil, the files are complete.
	damage export.Damage
}

// If a task fails without an injected fault, its FailureCause is unknownError, followed by the actual error.
const unknownError = "An unknown internal error occurred."

// outcomes returns the outcome of each kind of export fault (RDS guide, "Failure messages for Amazon S3 export tasks"). AWS does not
// document which files a failed task leaves. Here, a failed check leaves none, and a later failure leaves those written before it.
func outcomes() map[fault.Kind]outcome {
	return map[fault.Kind]outcome{
		fault.None:   {},
		fault.Failed: {unknownError, export.FirstTable},
		fault.FailedAssume: {"The RDS export failed to write the export task's metadata because it can't assume the IAM role [role ARN].",
			export.Nothing},
		fault.FailedMetadata: {"The RDS export failed to write the export task's metadata to the S3 bucket [bucket name] " +
			"using the IAM role [role ARN] with the KMS key [key ID]. Error code: AccessDenied", export.Tables},
		fault.FailedPermission: {"The IAM role [role ARN] isn't authorized to call s3:PutObject on the S3 bucket [bucket name]. " +
			"Review your permissions and retry the export.", export.FirstTable},
		fault.FailedKey:         {"KMS key check failed. Check the credentials on your KMS key and try again.", export.Nothing},
		fault.FailedCredentials: {"S3 credential check failed. Check the permissions on your S3 bucket and IAM policy.", export.Nothing},
		fault.FailedBucket: {"The S3 bucket [bucket name] isn't valid. Either it isn't located in the current AWS Region or it doesn't exist. " +
			"Review your S3 bucket name and retry the export.", export.Nothing},
		fault.FailedRegion: {"The S3 bucket [bucket name] isn't located in the current AWS Region. " +
			"Review your S3 bucket name and retry the export.", export.Nothing},
		fault.Canceled:    {"", export.FirstTable},
		fault.Stuck:       {"", export.Nothing},
		fault.Skipped:     {"", export.SkipTable},
		fault.NoManifest:  {"", export.LoseTableManifests},
		fault.CutManifest: {"", export.CutTableManifest},
		fault.LostParts:   {"", export.LoseParts},
	}
}

// never is a duration that exceeds any run or test.
const never = 100 * 365 * 24 * time.Hour

// applyFault applies a fault to a task before the task starts.
func (t *task) applyFault(kind fault.Kind) error {
	o, known := outcomes()[kind]
	if !known {
		return fmt.Errorf("export task %s: fault %q does not apply to exports", t.ID, kind)
	}
	t.damage = o.damage
	switch {
	case kind == fault.Canceled:
		t.CanceledAt = t.StartTime.Add(t.Profile.Extracting / 2)
	case kind == fault.Stuck:
		t.StartTime, t.EndTime = t.StartTime.Add(never), t.EndTime.Add(never)
	case o.cause != "":
		t.PlannedFailure = causeOf(kind, t.Task)
	}
	return nil
}

// cause is the FailureCause of a task, as an error.
type cause string

func (c cause) Error() string { return string(c) }

// causeOf returns the FailureCause of a task that fails because of the given fault.
func causeOf(kind fault.Kind, t export.Task) string {
	names := strings.NewReplacer("[role ARN]", t.IAMRoleARN, "[bucket name]", t.Bucket, "[key ID]", t.KMSKeyID)
	return names.Replace(outcomes()[kind].cause)
}
