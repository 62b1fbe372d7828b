package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/reugn/go-quartz/quartz"

	"snaplake/workflow"
)

const (
	day = 24 * time.Hour
	// snapshotWait is the maximum time that FindSnapshot waits for a recent snapshot (workflow/pipeline.asl.json).
	snapshotWait = 3 * time.Hour
)

// database describes an instance or a cluster. For a cluster, only the fields that instances and clusters share are set.
type database struct {
	rdstypes.DBInstance
	name string // for example "instance billing-prod"
	mode string // a cluster's engine mode: "serverless" for Serverless v1, "provisioned" for all others
}

// checkSource checks the source's database, its key and its backup window. FindSnapshot checks the engine and the snapshots.
func (d *doctor) checkSource(ctx context.Context, source workflow.Source) []finding {
	s := subject("database " + source.Name)
	db, err := d.database(ctx, source)
	switch {
	case codeOf(err) == "DBInstanceNotFound" || codeOf(err) == "DBClusterNotFoundFault":
		return s.problem("no %s in account %s, %s; correct the configuration", db.name, d.config.Account, d.config.Region)
	case err != nil:
		return d.checkFailed(s, err)
	}
	if obstacle := db.obstacle(source); obstacle != "" {
		return s.problem("%s %s", db.name, obstacle)
	}
	return append(d.checkDatabaseKey(ctx, s, db), d.checkBackupWindow(source, aws.ToString(db.PreferredBackupWindow))...)
}

// checkDatabaseKey checks the key that encrypts the database and its snapshots (RDS guide, "Encrypting Amazon RDS resources"). RDS needs
// the key to restore the snapshot for the export (RDS guide, "Exporting DB snapshot data to Amazon S3").
func (d *doctor) checkDatabaseKey(ctx context.Context, s subject, db database) []finding {
	facts := fmt.Sprintf("%s, %s %s", db.name, aws.ToString(db.Engine), aws.ToString(db.EngineVersion))
	if aws.ToString(db.KmsKeyId) == "" {
		return s.ok("%s", facts)
	}
	out, err := kms.NewFromConfig(d.aws).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: db.KmsKeyId})
	if err != nil {
		return d.checkFailed(s, err)
	}
	if state := out.KeyMetadata.KeyState; state != kmstypes.KeyStateEnabled {
		return s.problem("snapshots cannot be exported because their key %s is %s; enable the key, or cancel its deletion",
			*db.KmsKeyId, state)
	}
	return s.ok("%s, encrypted with %s", facts, *db.KmsKeyId)
}

// database reads the description of the source's database from RDS. If the call fails, only the name is set.
func (d *doctor) database(ctx context.Context, source workflow.Source) (database, error) {
	if source.Cluster != "" {
		db := database{name: "cluster " + source.Cluster}
		out, err := rds.NewFromConfig(d.aws).DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &source.Cluster})
		if err != nil {
			return db, err
		}
		c := out.DBClusters[0]
		db.mode, db.DBInstance = aws.ToString(c.EngineMode), rdstypes.DBInstance{
			Engine: c.Engine, EngineVersion: c.EngineVersion, KmsKeyId: c.KmsKeyId,
			BackupRetentionPeriod: c.BackupRetentionPeriod, PreferredBackupWindow: c.PreferredBackupWindow,
		}
		return db, nil
	}
	db := database{name: "instance " + source.Instance}
	out, err := rds.NewFromConfig(d.aws).DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &source.Instance})
	if err != nil {
		return db, err
	}
	db.DBInstance = out.DBInstances[0]
	return db, nil
}

// obstacle returns the reason why RDS cannot export the database, or "" if it can (RDS guide, "Exporting DB snapshot data to Amazon S3";
// Aurora guide, "Exporting DB cluster data to Amazon S3").
func (db database) obstacle(source workflow.Source) string {
	switch {
	case aws.ToString(db.DBClusterIdentifier) != "":
		return "belongs to a cluster, and only the cluster has snapshots; replace \"instance\" with \"cluster: " + *db.DBClusterIdentifier + "\""
	case db.mode == "serverless":
		return "is Aurora Serverless v1, which RDS does not export; migrate it to Serverless v2 or to provisioned instances"
	case aws.ToString(db.StorageType) == "standard":
		return "has magnetic storage, which RDS does not export; change its storage to gp3"
	case source.Snapshots == workflow.SnapshotsLive && !strings.HasPrefix(aws.ToString(db.Engine), "aurora-"):
		return "is a Multi-AZ DB cluster, but RDS exports only Aurora clusters live; set \"snapshots\" to \"automated\""
	case source.Snapshots == workflow.SnapshotsAutomated && aws.ToInt32(db.BackupRetentionPeriod) == 0: // days
		return "has no automated backups; set its backup retention period to 1 day or more"
	}
	return ""
}

// checkBackupWindow checks that runs start after the daily backup. A run that starts earlier uses the snapshot of the previous day.
func (d *doctor) checkBackupWindow(source workflow.Source, window string) []finding {
	s := subject("backup window " + source.Name)
	_, end, _ := strings.Cut(window, "-") // for example 17:00-17:30, in UTC
	windowEnd, err := time.ParseDuration(strings.Replace(end, ":", "h", 1) + "m")
	if err != nil || source.Snapshots != workflow.SnapshotsAutomated || source.OnSnapshot {
		return nil
	}
	run, age := oldest(source, windowEnd, d.now())
	starts, limit, next := run.Format("2006-01-02 15:04 MST"), time.Duration(source.MaxSnapshotAge), day-age
	switch {
	case age > limit && next > snapshotWait:
		return s.problem("the run of %s starts %s after the backup window %s UTC, waits up to %s, and finds no snapshot within "+
			"max_snapshot_age (%s); schedule the run soon after %s UTC, or raise max_snapshot_age",
			starts, hours(age), window, hours(snapshotWait), hours(limit), end)
	case age <= limit && next < age:
		return s.note("the run of %s uses a snapshot that is %s old, and the next snapshot is ready %s later, by %s UTC; "+
			"schedule the run after that time, or set on_snapshot: true", starts, hours(age), hours(next), end)
	}
	return s.ok("%s UTC, at most %s before a run", window, hours(age))
}

// oldest finds the run within the next year that uses the oldest snapshot. It returns the start time of the run and the age of the
// snapshot. windowEnd is the end of the daily backup window, as a duration since midnight UTC. Only the first run after each window is
// considered, because later runs find no newer snapshot.
func oldest(source workflow.Source, windowEnd time.Duration, now time.Time) (run time.Time, age time.Duration) {
	zone, _ := time.LoadLocation(source.TimeZone)
	cron, err := quartz.NewCronTriggerWithLoc("0 "+strings.TrimSuffix(strings.TrimPrefix(source.Schedule, "cron("), ")"), zone)
	if err != nil {
		return run, 0 // config.Load validates the time zone and the expression
	}
	for end := now.UTC().Truncate(day).Add(windowEnd); end.Before(now.AddDate(1, 0, 0)); end = end.Add(day) {
		next, err := cron.NextFireTime(end.Add(-time.Second).UnixNano())
		if err != nil {
			break // no later run
		}
		starts := time.Unix(0, next).In(zone)
		end = end.Add(starts.Sub(end).Truncate(day))
		if starts.Sub(end) > age || run.IsZero() {
			run, age = starts, starts.Sub(end)
		}
	}
	return run, age
}

// hours formats a duration without seconds, for example 7h12m.
func hours(d time.Duration) string {
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}
