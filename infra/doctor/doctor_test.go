package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/infra/internal/owner"
	"snaplake/workflow"
	"snaplake/workflow/config"
)

func TestCleanBill(t *testing.T) {
	a := newAccount()
	var out bytes.Buffer
	if !write(&out, a.config, a.doctor().examine(t.Context())) {
		t.Error("something is wrong")
	}
	want := `Stack lake in account 123456789012, eu-west-1

ok  credentials            arn:aws:iam::123456789012:user/ann
ok  stack                  lake is UPDATE_COMPLETE
ok  CDK bootstrap          version 33
ok  database billing       instance billing-prod, postgres 16.4, newest automated snapshot rds:billing-prod-2026-11-21-17-05 is 10h00m old
ok  backup window billing  17:00-17:30 UTC, up to 10h30m before a run
ok  tables billing         everything
ok  database shop          cluster shop-prod, aurora-mysql 8.0.mysql_aurora.3.08.2, newest automated snapshot rds:shop-prod-2026-11-21-20-18 is 7h12m old, encrypted with arn:aws:kms:eu-west-1:123456789012:key/4567, which is enabled
ok  backup window shop     17:55-18:25 UTC, up to 0h05m before a run
ok  tables shop            everything
ok  bucket                 lake-bucket in eu-west-1, its policy keeps none of the stack's roles out
ok  key                    arn:aws:kms:eu-west-1:123456789012:key/0123 is enabled and symmetric, usable by 8 roles
ok  Athena databases       3, lake_crawled for the crawled tables
ok  Lake Formation         it leaves new databases to IAM
ok  catalog encryption     callers of the catalog need no key
ok  export tasks           0 of 5 in use
ok  crawlers               2 of 1000 in use
ok  Athena DDL             0 of 2 in use
ok  functions              8, each with its role and the layer arn:aws:lambda:eu-west-1:123456789012:layer:ConfigurationLayer:3
ok  state machine          arn:aws:states:eu-west-1:123456789012:stateMachine:lake, its definition is workflow/pipeline.asl.json
ok  crawler settings       2 crawlers as deployed
ok  workgroups             lake, and lake-analysts with a scan limit of 100 GB
ok  schedule billing       cron(0 4 * * ? *) UTC
ok  schedule shop          cron(30 3 * * ? *) Asia/Tokyo
ok  mail                   failures are told to ann@example.com

Nothing is wrong.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// faults are the lines that are not ok, as they are printed.
func faults(lines []line) []string {
	var found []string
	for _, l := range lines {
		if l.kind == fault {
			found = append(found, l.part+": "+l.text)
		}
	}
	return found
}

func TestOneThingWrongIsOneLine(t *testing.T) {
	query := func(kind athenatypes.StatementType) athenatypes.QueryExecution {
		return athenatypes.QueryExecution{StatementType: kind, Status: &athenatypes.QueryExecutionStatus{State: athenatypes.QueryExecutionStateRunning}}
	}
	for _, test := range []struct {
		breaks func(*account)
		want   string
	}{
		{func(a *account) { a.number = "210987654321" },
			"credentials: arn:aws:iam::210987654321:user/ann is of account 210987654321, and the configuration is for 123456789012; set AWS_PROFILE to a profile of that account, or correct account"},
		{func(a *account) { a.refuses = "GetCallerIdentity" },
			"credentials: there are none that work (AccessDenied: not authorized); log in, or set AWS_PROFILE to a profile of account 123456789012"},

		{func(a *account) { a.status = cftypes.StackStatusUpdateRollbackComplete },
			"stack: lake is UPDATE_ROLLBACK_COMPLETE: its last update failed, and the one before it is in force; see the stack's events for the reason, then run make deploy"},
		{func(a *account) { a.status = cftypes.StackStatusRollbackComplete },
			"stack: lake is ROLLBACK_COMPLETE, and cannot be updated; see the stack's events for the reason, run make destroy, then make deploy"},
		{func(a *account) { a.status = cftypes.StackStatusUpdateInProgress }, "stack: lake is UPDATE_IN_PROGRESS; look again when that is over"},
		{func(a *account) { a.bootstrap = "" }, "CDK bootstrap: the account is not bootstrapped in eu-west-1; run npx cdk bootstrap aws://123456789012/eu-west-1"},
		{func(a *account) { a.bootstrap = "5" }, "CDK bootstrap: version 5 is too old, 6 is wanted; run npx cdk bootstrap aws://123456789012/eu-west-1"},

		{func(a *account) { a.instance = nil }, "database billing: there is no instance billing-prod in account 123456789012, eu-west-1; correct the configuration"},
		{func(a *account) { a.cluster = nil }, "database shop: there is no cluster shop-prod in account 123456789012, eu-west-1; correct the configuration"},
		{func(a *account) { a.instance.DBClusterIdentifier = aws.String("billing") },
			"database billing: instance billing-prod belongs to a cluster, and only the cluster has snapshots; write cluster: billing in place of instance"},
		{func(a *account) { a.instance.Engine = aws.String("sqlserver-se") },
			"database billing: instance billing-prod has the engine sqlserver-se, which RDS does not export; it exports mysql, mariadb, postgres, aurora-mysql, aurora-postgresql"},
		{func(a *account) { a.instance.StorageType = aws.String("standard") },
			"database billing: instance billing-prod has magnetic storage, of which RDS exports nothing; change its storage to gp3"},
		{func(a *account) { a.cluster.EngineMode = aws.String("serverless") },
			"database shop: cluster shop-prod is Aurora Serverless v1, which RDS does not export; move it to Serverless v2 or to provisioned instances"},
		{func(a *account) {
			a.cluster.Engine, a.config.Sources[1].Snapshots = aws.String("mysql"), workflow.SnapshotsLive
		}, "database shop: cluster shop-prod is a Multi-AZ DB cluster, and only Aurora can be exported live; write snapshots: automated"},
		{func(a *account) { a.cluster.BackupRetentionPeriod = aws.Int32(0) },
			"database shop: cluster shop-prod has no automated backups; set its backup retention period to 1 day or more"},
		{func(a *account) { a.clusterSnapshots = a.clusterSnapshots[:1] },
			"database shop: cluster shop-prod has no automated snapshot that is available; wait for its first one, or take one, or change snapshots in the configuration"},
		{func(a *account) { a.snapshots[1].SnapshotCreateTime = aws.Time(today.Add(-30 * time.Hour)) },
			"database billing: the newest automated snapshot of instance billing-prod, rds:billing-prod-2026-11-21-17-05, is 30h00m old, and max_snapshot_age is 26h00m; see in RDS's events why there is no newer one, or raise max_snapshot_age"},
		{func(a *account) { a.config.Sources[1].Tables = []string{"shop.users", "shop.public.orders"} },
			"tables shop: shop.public.orders has three parts, and aurora-mysql knows two; write database.table"},
		{func(a *account) {
			tables := []string{"audit.log.*"} // RDS is asked for audit.log
			for i := range 8000 {
				tables = append(tables, fmt.Sprintf("db.public.letters_%08d", i))
			}
			a.config.Sources[0].Tables = append(tables, tables...)
		},
			"tables billing: the names have 208009 bytes together, and RDS takes 204800; name whole databases, or export everything"},

		{func(a *account) { a.snapshotKey = kmstypes.KeyStateDisabled },
			"database shop: rds:shop-prod-2026-11-21-20-18 cannot be exported: " + rdsKeyARN + ", with which it is encrypted, is Disabled; enable the key, or cancel its deletion"},

		{func(a *account) { a.bucketRegion = "" }, "bucket: there is no bucket lake-bucket; correct bucket in the configuration, or leave it out and run make deploy"},
		{func(a *account) { a.bucketRegion = "us-east-1" },
			"bucket: lake-bucket is in us-east-1, and must be in eu-west-1: RDS exports into the Region of the snapshot only; give another bucket"},
		{func(a *account) {
			a.bucketPolicy = `{"Statement": [{"Effect": "Deny", "Principal": {"AWS": ["arn:aws:iam::123456789012:role/lake-ExportRole-X"]}, "Action": ["s3:Put*"]}]}`
		}, "bucket: the policy of lake-bucket denies s3:PutObject to lake-ExportRole-X; take the role out of that statement"},

		{func(a *account) { a.key.KeyState = kmstypes.KeyStateDisabled }, "key: " + keyARN + " is disabled; enable it"},
		{func(a *account) { a.key.KeyState = kmstypes.KeyStatePendingDeletion }, "key: " + keyARN + " is PendingDeletion; cancel its deletion, or give another key"},
		{func(a *account) { a.key.KeySpec = kmstypes.KeySpecRsa2048 },
			"key: " + keyARN + " is a key of RSA_2048 for ENCRYPT_DECRYPT, and must be a symmetric one that encrypts; give another key"},
		{func(a *account) { a.keyPolicy = strings.Replace(a.keyPolicy, "kms:ReEncrypt*", "kms:ReEncryptFrom", 1) },
			"key: the policy of " + keyARN + " lacks statements; run make deploy, or add these: " + owner.JSON([]owner.Statement{owner.Logs(newConfig())})},
		{func(a *account) {
			a.keyPolicy = strings.Replace(a.keyPolicy, `{"Statement": [`, `{"Statement": [{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:role/lake-CrawlerRole-X"}, "Action": "kms:Decrypt"}, `, 1)
		}, "key: the key's policy denies kms:Decrypt to lake-CrawlerRole-X; take the role out of that statement"},
		{func(a *account) { a.denied = "lake-StartExportFunctionRole-X kms:CreateGrant" },
			"key: lake-StartExportFunctionRole-X may not call kms:CreateGrant on the key; give the role back the policy that it was deployed with, or take away what denies it"},

		{func(a *account) { a.exports = 5 }, "export tasks: all 5 of 5 are in use; wait until one is over; a night waits by itself, for 12 hours"},
		{func(a *account) { a.crawlers = 1000 }, "crawlers: all 1000 of 1000 are in use; delete some, or ask Service Quotas for more"},
		{func(a *account) {
			a.queries = []athenatypes.QueryExecution{query(athenatypes.StatementTypeDdl), query(athenatypes.StatementTypeDml), query(athenatypes.StatementTypeDdl)}
		}, "Athena DDL: all 2 of 2 are in use; wait until some are over, or ask Service Quotas for more"},

		{func(a *account) { a.function.Role = aws.String("arn:aws:iam::123456789012:role/admin") },
			"functions: lake-PruneFunction has the role admin, and was deployed with lake-PruneFunctionRole-X; give it that one back"},
		{func(a *account) { a.function.Layers = []lambdatypes.Layer{{Arn: aws.String("other")}} },
			"functions: lake-PruneFunction does not have the layer " + layer + " with its configuration; give it that one back"},
		{func(a *account) { delete(a.resources, "NotifyFunction89ABCDEF") }, "functions: the stack has no NotifyFunction; run make deploy"},
		{func(a *account) {
			a.definition = strings.Replace(a.definition, `"TimeoutSeconds": 172800`, `"TimeoutSeconds": 60`, 1)
		},
			"state machine: the definition of lake is not workflow/pipeline.asl.json of this folder; run make deploy"},
		{func(a *account) {
			a.crawler.SchemaChangePolicy.DeleteBehavior = gluetypes.DeleteBehaviorDeleteFromDatabase
		},
			"crawler settings: lake-shop has the delete behavior DELETE_FROM_DATABASE, and was deployed with LOG; set it back"},
		{func(a *account) { a.crawler.Configuration = aws.String(`{"Version":1.0}`) },
			`crawler settings: lake-shop has the configuration {"Version":1.0}, and was deployed with ` + workflow.CrawlerConfiguration + `; set it back`},
		{func(a *account) { a.databases = []string{"lake_crawled", "billing"} }, "Athena databases: there is no database shop; create it with that name, and run a night"},
		{func(a *account) { a.group.Configuration.EnforceWorkGroupConfiguration = aws.Bool(false) },
			"workgroups: lake-analysts lets clients choose where results go and how much they scan; turn on Override client-side settings"},
		{func(a *account) { a.group.Configuration.BytesScannedCutoffPerQuery = nil },
			"workgroups: lake-analysts has another scan limit than the configuration; run make deploy, or set it back"},
		{func(a *account) {
			a.schedule = &scheduler.GetScheduleOutput{State: schedulertypes.ScheduleStateDisabled}
		},
			"schedule shop: lake-shop is disabled, so that no night begins by itself; enable it"},
		{func(a *account) { a.config.Sources[1].Schedule = "cron(0 5 * * ? *)" },
			"schedule shop: lake-shop is cron(30 3 * * ? *) Asia/Tokyo, and the configuration has cron(0 5 * * ? *) Asia/Tokyo; run make deploy"},
		{func(a *account) { a.subscription = "PendingConfirmation" }, "mail: ann@example.com has not confirmed; open the mail from AWS and confirm"},
		{func(a *account) { a.config.Notify = []string{"ann@example.com", "bob@example.com"} }, "mail: bob@example.com is not subscribed to failures; run make deploy"},
	} {
		t.Run(test.want, func(t *testing.T) {
			a := newAccount()
			test.breaks(a)
			if diff := cmp.Diff([]string{test.want}, faults(a.doctor().examine(t.Context()))); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPermissionThatTheDoctorLacksIsNamed(t *testing.T) {
	for operation, want := range map[string]string{
		"GetParameter":             "CDK bootstrap: %s ssm:GetParameter",
		"DescribeDBClusters":       "database shop: %s rds:DescribeDBClusters",
		"DescribeDBSnapshots":      "database billing: %s rds:DescribeDBSnapshots",
		"HeadBucket":               "bucket: %s s3:ListBucket",
		"GetKeyPolicy":             "key: %s kms:GetKeyPolicy",
		"SimulatePrincipalPolicy":  "key: %s iam:SimulatePrincipalPolicy",
		"GetServiceQuota":          "Athena DDL: %s servicequotas:GetServiceQuota",
		"GetFunctionConfiguration": "functions: %s lambda:GetFunctionConfiguration",
		"DescribeStateMachine":     "state machine: %s states:DescribeStateMachine",
		"GetDatabase":              "Athena databases: %s glue:GetDatabase",
		"GetDataLakeSettings":      "Lake Formation: %s lakeformation:GetDataLakeSettings",
		"GetCrawler":               "crawler settings: %s glue:GetCrawler",
		"GetSchedule":              "schedule billing: %s scheduler:GetSchedule",
		"ListSubscriptionsByTopic": "mail: %s sns:ListSubscriptionsByTopic",
	} {
		t.Run(operation, func(t *testing.T) {
			a := newAccount()
			a.refuses = operation
			got := faults(a.doctor().examine(t.Context()))
			want := fmt.Sprintf(want, "could not be looked at: these credentials may not call") + "; allow it to arn:aws:iam::123456789012:user/ann"
			if len(got) == 0 || got[0] != want {
				t.Errorf("got %q, want %s", got, want)
			}
		})
	}
}

func TestBeforeTheFirstDeploymentOnlyWhatIsThereIsLookedAt(t *testing.T) {
	for _, status := range []cftypes.StackStatus{"", cftypes.StackStatusReviewInProgress} {
		a := newAccount()
		a.status, a.databases = status, nil
		lines := a.doctor().examine(t.Context())
		var parts []string
		for _, l := range lines {
			parts = append(parts, l.part)
		}
		want := []string{
			"credentials", "stack", "CDK bootstrap", "database billing", "backup window billing", "tables billing", "database shop", "backup window shop", "tables shop",
			"Athena databases", "Lake Formation", "catalog encryption", "export tasks", "crawlers", "Athena DDL",
		}
		if diff := cmp.Diff(want, parts); diff != "" {
			t.Errorf("%s: parts (-want +got):\n%s", status, diff)
		}
		if got := lines[1]; got != note.says("stack", "lake is not deployed yet: run make deploy") || !well(lines) {
			t.Errorf("%s: got %v", status, lines)
		}
	}
}

func TestABucketAndAKeyThatExistAreLookedAtBeforeTheFirstDeployment(t *testing.T) {
	a := newAccount()
	a.status = ""
	a.config.Bucket, a.config.Key = "arn:aws:s3:::company-lake", keyARN
	var got []string
	for _, l := range a.doctor().examine(t.Context()) {
		if strings.HasPrefix(l.part, "bucket") || l.part == "key" {
			got = append(got, string(l.kind)+" "+l.text)
		}
	}
	want := []string{
		"ok company-lake in eu-west-1, its policy keeps none of the stack's roles out",
		"ok company-lake blocks all public access",
		"ok company-lake keeps none",
		"ok " + keyARN + " is enabled and symmetric, nobody uses it yet",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestTheOwnerOfAnotherAccountsBucketOrKeyIsTold(t *testing.T) {
	a := newAccount()
	a.bucketError = "MethodNotAllowed"
	a.config.Bucket, a.config.Key = "arn:aws:s3:::company-lake", strings.Replace(keyARN, a.number, "210987654321", 1)
	for _, l := range a.doctor().examine(t.Context()) {
		switch l.part {
		case "bucket":
			if l.kind != note || !strings.Contains(l.text, `"Resource":["arn:aws:s3:::company-lake/exports/*"]`) || !strings.HasSuffix(l.text, owner.Lifecycle) {
				t.Errorf("got %v", l)
			}
		case "bucket versions":
			t.Errorf("got %v", l)
		case "key":
			if l.kind != note || !strings.Contains(l.text, `"Action":["kms:CreateGrant"]`) {
				t.Errorf("got %v", l)
			}
		}
	}
}

func TestSnapshotsOfTheWantedKindCount(t *testing.T) {
	hour := func(n int) *time.Time { return aws.Time(today.Add(-time.Duration(n) * time.Hour)) }
	a := newAccount()
	a.snapshots = []rdstypes.DBSnapshot{
		{DBSnapshotIdentifier: aws.String("rds:a"), SnapshotType: aws.String("automated"), Status: aws.String("available"), SnapshotCreateTime: hour(3)},
		{DBSnapshotIdentifier: aws.String("by-hand"), SnapshotType: aws.String("manual"), Status: aws.String("available"), SnapshotCreateTime: hour(2)},
		{DBSnapshotIdentifier: aws.String("awsbackup:job-1"), SnapshotType: aws.String("manual"), Status: aws.String("available"), SnapshotCreateTime: hour(1)},
	}
	for kind, want := range map[string]string{
		workflow.SnapshotsAutomated: "newest automated snapshot rds:a is 3h00m old",
		workflow.SnapshotsManual:    "newest manual snapshot by-hand is 2h00m old",
		workflow.SnapshotsAWSBackup: "newest awsbackup snapshot awsbackup:job-1 is 1h00m old",
		workflow.SnapshotsAny:       "newest snapshot awsbackup:job-1 is 1h00m old",
	} {
		a.config.Sources[0].Snapshots = kind
		got := a.doctor().checkSource(t.Context(), a.config.Sources[0])[0]
		if got.kind != ok || !strings.HasSuffix(got.text, want) {
			t.Errorf("%s: got %v, want %s", kind, got, want)
		}
	}
}

func TestMistakesInTheConfigurationAreAllThatIsTold(t *testing.T) {
	const file = "../testdata/mistaken.yaml"
	var out bytes.Buffer
	_, err := command{Config: file}.run(t.Context(), &out)
	_, want := config.Load(file)
	if err == nil || err.Error() != want.Error() || out.Len() > 0 {
		t.Errorf("got %v, and printed %q", err, &out)
	}
}
