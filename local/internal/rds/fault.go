package rds

import (
	"fmt"
	"strings"
	"time"

	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
)

// fate is what a fault makes of an export task.
type fate struct {
	// cause is the FailureCause, with the guide's placeholders; "" when the task does not fail.
	cause string
	// damage is done to the files; nil is none.
	damage export.Damage
}

// fates are those of all faults of exports. The causes are RDS's own words (RDS guide, "Failure messages for Amazon S3 export
// tasks"). What each leaves in the bucket is not documented: here, what RDS finds out by a check leaves nothing, and what it meets
// on its way leaves what was written before.
func fates() map[fault.Kind]fate {
	return map[fault.Kind]fate{
		fault.None:         {},
		fault.Failed:       {"An unknown internal error occurred.", export.FirstTable},
		fault.FailedAssume: {"The RDS export failed to write the export task's metadata because it can't assume the IAM role [role ARN].", export.Nothing},
		fault.FailedMetadata: {"The RDS export failed to write the export task's metadata to the S3 bucket [bucket name] using the IAM role [role ARN] " +
			"with the KMS key [key ID]. Error code: AccessDenied", export.Tables},
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

// never is later than anybody waits.
const never = 100 * 365 * 24 * time.Hour

// strike plans what goes wrong with a task that is about to start: it fails at the end of its time, or somebody cancels it half-way
// through the extraction, or it stays in STARTING.
func (t *task) strike(kind fault.Kind) error {
	f, known := fates()[kind]
	if !known {
		return fmt.Errorf("the fault plan has %q for export task %s, which is no fault of exports", kind, t.ID)
	}
	t.damage = f.damage
	switch {
	case kind == fault.Canceled:
		t.canceledAt = t.StartTime.Add(t.course.Extracting / 2)
	case kind == fault.Stuck:
		t.StartTime, t.EndTime = t.StartTime.Add(never), t.EndTime.Add(never)
	case f.cause != "":
		t.failure = causeOf(kind, t.Task)
	}
	return nil
}

// cause is why RDS gives a task up, as its FailureCause tells.
type cause string

func (c cause) Error() string { return string(c) }

// causeOf is what RDS says of a task that fails in this way.
func causeOf(kind fault.Kind, t export.Task) cause {
	names := strings.NewReplacer("[role ARN]", t.IAMRoleARN, "[bucket name]", t.Bucket, "[key ID]", t.KMSKeyID)
	return cause(names.Replace(fates()[kind].cause))
}
