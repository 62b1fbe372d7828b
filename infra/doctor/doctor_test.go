package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestReport_HealthyAccount(t *testing.T) {
	a := newAccount()
	var out bytes.Buffer
	if !report(&out, defaultConfig, a.config, a.doctor().examine(t.Context())) {
		t.Error("report found problems")
	}
	want := `Stack lake in account 123456789012, eu-west-1

ok  credentials            arn:aws:iam::123456789012:user/ann
ok  stack                  lake is UPDATE_COMPLETE
ok  database billing       instance billing-prod, postgres 16.4
ok  backup window billing  17:00-17:30 UTC, at most 10h30m before a run
ok  database shop          cluster shop-prod, aurora-mysql 8.0, encrypted with arn:aws:kms:eu-west-1:123456789012:key/4567
ok  backup window shop     17:55-18:25 UTC, at most 0h05m before a run
ok  bucket                 company-lake in eu-west-1
ok  bucket access          company-lake blocks all public access
ok  bucket versions        company-lake does not have versioning enabled
ok  key                    arn:aws:kms:eu-west-1:123456789012:key/0123 is enabled and symmetric, and its policy has the required statements
ok  Athena databases       3 databases, including lake_crawled for the crawled tables
ok  Lake Formation         new databases use only IAM access control
ok  catalog encryption     callers of the Data Catalog do not need a key
ok  export tasks           0 of 5 in use
ok  crawlers               2 of 1000 in use
ok  running crawlers       none
ok  notifications          failures are emailed to ann@example.com

No problems found.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestReport_NamesConfigurationInCommands(t *testing.T) {
	var out bytes.Buffer
	report(&out, "prod.yaml", workflow.Config{}, subject("stack").note("lake is not deployed yet; run make deploy"))
	if want := "run make deploy CONFIG=prod.yaml\n"; !strings.Contains(out.String(), want) {
		t.Errorf("got %s, want %s in it", &out, want)
	}
}

// problems returns the subject and text of each problem.
func problems(findings []finding) []string {
	var found []string
	for _, f := range findings {
		if f.level == problem {
			found = append(found, string(f.subject)+": "+f.text)
		}
	}
	return found
}

func TestExamine_ReportsEachProblemOnce(t *testing.T) {
	for want, breaks := range map[string]func(*account){
		"credentials: arn:aws:iam::210987654321:user/ann belongs to account 210987654321": func(a *account) { a.number = "210987654321" },
		"credentials: no valid credentials (AccessDenied: not authorized); log in":        func(a *account) { a.denied = "GetCallerIdentity" },

		"stack: lake is UPDATE_ROLLBACK_COMPLETE; see its events": func(a *account) { a.status = "UPDATE_ROLLBACK_COMPLETE" },
		"stack: lake is ROLLBACK_COMPLETE and cannot be updated":  func(a *account) { a.status = "ROLLBACK_COMPLETE" },
		"stack: lake is UPDATE_IN_PROGRESS; wait":                 func(a *account) { a.status = "UPDATE_IN_PROGRESS" },

		"database billing: no instance billing-prod in account 123456789012, eu-west-1;": func(a *account) { a.instance = nil },
		"database shop: no cluster shop-prod in account 123456789012, eu-west-1;":        func(a *account) { a.cluster = nil },
		"database billing: instance billing-prod belongs to a cluster": func(a *account) {
			a.instance.DBClusterIdentifier = aws.String("billing")
		},
		"database billing: instance billing-prod has magnetic storage": func(a *account) { a.instance.StorageType = aws.String("standard") },
		"database shop: cluster shop-prod is Aurora Serverless v1":     func(a *account) { a.cluster.EngineMode = aws.String("serverless") },
		"database shop: cluster shop-prod is a Multi-AZ DB cluster": func(a *account) {
			a.cluster.Engine, a.config.Sources[1].Snapshots = aws.String("mysql"), workflow.SnapshotsLive
		},
		"database shop: cluster shop-prod has no automated backups": func(a *account) { a.cluster.BackupRetentionPeriod = aws.Int32(0) },
		"database shop: snapshots cannot be exported because their key " + rdsKeyARN + " is Disabled": func(a *account) {
			a.databaseKey = kmstypes.KeyStateDisabled
		},

		"bucket: company-lake does not exist;":           func(a *account) { a.bucketRegion = "" },
		"bucket: company-lake is in us-east-1, but RDS":  func(a *account) { a.bucketRegion = "us-east-1" },
		"bucket access: company-lake does not block all": func(a *account) { a.isPublic = true },
		"key: " + keyARN + " is disabled; enable it":     func(a *account) { a.key.KeyState = kmstypes.KeyStateDisabled },
		"key: " + keyARN + " is PendingDeletion; cancel": func(a *account) { a.key.KeyState = kmstypes.KeyStatePendingDeletion },
		"key: " + keyARN + " has the key spec RSA_2048 and the usage ENCRYPT_DECRYPT; use": func(a *account) {
			a.key.KeySpec = kmstypes.KeySpecRsa2048
		},
		`key: the policy of ` + keyARN + ` does not have all required statements; add these: [{"Sid":"SnaplakeLogs",`: func(a *account) {
			a.keyPolicy = strings.Replace(a.keyPolicy, "kms:ReEncrypt*", "kms:ReEncryptFrom", 1)
		},

		"export tasks: 5 of 5 in use; wait":                       func(a *account) { a.exports = 5 },
		"crawlers: 1000 of 1000 in use; delete":                   func(a *account) { a.crawlers = 1000 },
		"notifications: ann@example.com has not confirmed":        func(a *account) { a.subscription = "PendingConfirmation" },
		"notifications: bob@example.com is not subscribed; run":   func(a *account) { a.config.Notify = []string{"bob@example.com"} },
		"database shop: not checked: missing permission rds:Desc": func(a *account) { a.denied = "DescribeDBClusters" },
		"bucket: not checked: missing permission s3:ListBucket":   func(a *account) { a.denied = "HeadBucket" },
		"crawlers: not checked: missing permission servicequotas:GetServiceQuota; grant it to arn": func(a *account) {
			a.denied = "GetServiceQuota"
		},
	} {
		t.Run(want, func(t *testing.T) {
			a := newAccount()
			breaks(a)
			if got := problems(a.doctor().examine(t.Context())); len(got) != 1 || !strings.HasPrefix(got[0], want) {
				t.Errorf("problems %q", got)
			}
		})
	}
}

func TestExamine_BeforeFirstDeployment(t *testing.T) {
	for _, status := range []cftypes.StackStatus{"", cftypes.StackStatusReviewInProgress} {
		a := newAccount()
		a.status, a.databases, a.config.Bucket, a.config.Key = status, nil, "", ""
		findings := a.doctor().examine(t.Context())
		var subjects []subject
		for _, f := range findings {
			subjects = append(subjects, f.subject)
		}
		want := []subject{
			"credentials", "stack", "database billing", "backup window billing", "database shop", "backup window shop",
			"Athena databases", "Lake Formation", "catalog encryption", "export tasks", "crawlers",
		}
		if diff := cmp.Diff(want, subjects); diff != "" {
			t.Errorf("%s: subjects (-want +got):\n%s", status, diff)
		}
		if findings[1].level != note || !healthy(findings) {
			t.Errorf("%s: got %v", status, findings)
		}
	}
}

func TestExamine_ListsStatementsForOwnersOfExternalBucketAndKey(t *testing.T) {
	a := newAccount()
	a.bucketError, a.config.Key = "MethodNotAllowed", strings.Replace(keyARN, a.number, "210987654321", 1)
	notes := map[subject]string{}
	for _, f := range a.doctor().examine(t.Context()) {
		if f.level == note {
			notes[f.subject] = f.text
		}
	}
	bucket, key := notes["bucket"], notes["key"]
	if !strings.Contains(bucket, `"arn:aws:s3:::company-lake/exports/*"`) || !strings.Contains(bucket, `"ExpiredObjectDeleteMarker":true`) {
		t.Errorf("bucket: %s", bucket)
	}
	if len(notes) != 2 || !strings.Contains(key, `"Action":["kms:CreateGrant"]`) {
		t.Errorf("key: %s; all notes: %v", key, notes)
	}
}

func TestCheckRunningCrawlers_ListsCrawlersThatAreNotReady(t *testing.T) {
	for _, state := range []gluetypes.CrawlerState{gluetypes.CrawlerStateRunning, gluetypes.CrawlerStateStopping} {
		a := newAccount()
		a.crawling = state
		got := a.doctor().checkRunningCrawlers(t.Context())
		if len(got) != 1 || got[0].level != note || !strings.HasPrefix(got[0].text, "lake-shop; wait for them to finish before you deploy") {
			t.Errorf("%s: got %v", state, got)
		}
	}
}

func TestRun_RefusesPlaceholderAccount(t *testing.T) {
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	const file = "../../workflow/pipeline.yaml"
	_, err := command{Config: file}.run(t.Context(), t.Output())
	const want = file + `: 123456789012 under "account" is a placeholder; enter the ID of your AWS account`
	if err == nil || err.Error() != want {
		t.Errorf("run: %v, want %s", err, want)
	}
}
