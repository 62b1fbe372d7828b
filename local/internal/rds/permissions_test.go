package rds_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/export"
	"snaplake/local/internal/iam/iamtest"
)

// startRole returns the role of the caller who starts exports.
func startRole() cloudformation.Resource {
	return iamtest.Role("start", "lambda.amazonaws.com",
		"rds:StartExportTask snapshot:*",
		"rds:DescribeExportTasks *",
		"iam:PassRole "+roleARN+" if StringEquals iam:PassedToService export.rds.amazonaws.com",
		"iam:PassRole "+roleARN+" if StringEquals iam:PassedToService rds.amazonaws.com",
		"kms:DescribeKey "+keyARN+" if StringEquals kms:ViaService rds.ap-northeast-1.amazonaws.com",
		"kms:CreateGrant "+keyARN+" if Bool kms:GrantIsForAWSResource true and StringEquals kms:ViaService rds.ap-northeast-1.amazonaws.com",
	)
}

// exportRole returns the role with which RDS writes exports.
func exportRole(trusted string, more ...string) cloudformation.Resource {
	const lake, objects = " arn:aws:s3:::lake", " arn:aws:s3:::lake/exports/shop/*"
	return iamtest.Role("export", trusted, append(more,
		"s3:ListBucket"+lake+" if StringLike s3:prefix exports/shop/*", "s3:GetBucketLocation"+lake,
		"s3:PutObject*"+objects, "s3:GetObject*"+objects, "s3:DeleteObject*"+objects,
		"kms:DescribeKey "+keyARN, "kms:Encrypt "+keyARN, "kms:Decrypt "+keyARN, "kms:GenerateDataKey "+keyARN,
	)...)
}

// exportService is the service principal that the export role must trust.
const exportService = "export.rds.amazonaws.com"

// oneFile returns a snapshot whose export writes one file.
func oneFile(t *testing.T) fakeSnapshot {
	t.Helper()
	file := filepath.Join(t.TempDir(), "part")
	if err := os.WriteFile(file, []byte("PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	snap := emptySnapshot()
	snap.export = func(_ context.Context, _ export.Task, put export.Put) (export.Result, error) {
		return export.Result{}, put("shop/shop.users/1/part-00000.gz.parquet", file)
	}
	return snap
}

func TestExport_SucceedsWithRequiredPermissions(t *testing.T) {
	w := newEnv(t, databaseOf(oneFile(t)), guardedBy(iamtest.NewGuard(t, nil, startRole(), exportRole(exportService))))
	w.start(t, "shop-0", w.backup(t))
	w.clock.Advance(time.Hour)
	w.waitFor(t, "shop-0", "COMPLETE")
	if objects, err := w.store.List(bucket, "exports/shop/shop-0/"); err != nil || len(objects) != 1 {
		t.Errorf("got %v, %v", objects, err)
	}
}

func TestStartExportTask_RequiresEachPermission(t *testing.T) {
	const noKey = "The specified KMS key " + keyARN + " does not exist, is not enabled, or you do not have permission to use it: "
	guard := iamtest.NewGuard(t, nil, startRole(), exportRole(exportService))
	for _, p := range guard.Allowed() {
		if p.Action == "rds:DescribeExportTasks" {
			continue // StartExportTask does not need it, only w.waitFor does
		}
		t.Run(p.Action, func(t *testing.T) {
			w := newEnv(t, databaseOf(oneFile(t)), guardedBy(guard.Without(p)))
			_, err := w.client.StartExportTask(t.Context(), request("shop-0", w.backup(t)))
			on := strings.NewReplacer("snapshot:*", "snapshot:rds:shop-prod-2026-11-21-17-05", "shop/*",
				"shop/shop-0/access-check").Replace(p.Resource)
			switch {
			case p.Role == roleARN:
				wantError(t, err, 400, "IamRoleMissingPermissions", "The IAM role "+roleARN+" isn't authorized to call "+p.Action+" on "+on+
					": no identity-based policy allows the "+p.Action+" action")
			case strings.HasPrefix(p.Action, "kms:"):
				wantError(t, err, 400, "KMSKeyNotAccessibleFault", noKey+iamtest.Refusal(starter, p.Action, on))
			default:
				wantError(t, err, 403, "AccessDenied", iamtest.Refusal(starter, p.Action, on))
			}
		})
	}
}

func TestExport_FailsIfRoleDoesNotTrustRDS(t *testing.T) {
	for name, trusted := range map[string]string{
		"another service":                      "rds.amazonaws.com",
		"condition key that RDS does not send": "export.rds.amazonaws.com if StringEquals aws:SourceAccount 123456789012",
	} {
		t.Run(name, func(t *testing.T) {
			w := newEnv(t, databaseOf(oneFile(t)), guardedBy(iamtest.NewGuard(t, nil, startRole(), exportRole(trusted))))
			w.start(t, "shop-0", w.backup(t))
			w.clock.Advance(4 * time.Minute)
			task := w.waitFor(t, "shop-0", "FAILED")
			want := "The RDS export failed to write the export task's metadata because it can't assume the IAM role " + roleARN +
				". User: export.rds.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " +
				roleARN + " because no role trust policy allows the sts:AssumeRole action"
			if *task.FailureCause != want {
				t.Errorf("got  %s\nwant %s", *task.FailureCause, want)
			}
		})
	}
}

func TestExport_FailsIfRoleMayNotWriteObject(t *testing.T) {
	w := newEnv(t, databaseOf(oneFile(t)), guardedBy(iamtest.NewGuard(t, nil, startRole(), exportRole(exportService,
		"deny s3:PutObject arn:aws:s3:::*.parquet"))))
	w.start(t, "shop-0", w.backup(t))
	w.clock.Advance(4 * time.Minute)
	task := w.waitFor(t, "shop-0", "FAILED")
	want := "The IAM role " + roleARN + " isn't authorized to call s3:PutObject on the S3 bucket lake. Review your permissions and retry " +
		"the export. " +
		"s3:PutObject on arn:aws:s3:::lake/exports/shop/shop-0/shop/shop.users/1/part-00000.gz.parquet: an explicit deny in an identity-based " +
		"policy"
	if *task.FailureCause != want {
		t.Errorf("got  %s\nwant %s", *task.FailureCause, want)
	}
	if objects, err := w.store.List(bucket, ""); err != nil || len(objects) != 0 {
		t.Errorf("got %v, %v", objects, err)
	}
}
