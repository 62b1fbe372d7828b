package rds_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
	"snaplake/local/internal/rds"
)

// starter is the caller of the API. Its role is not the export role.
var starter = iam.Caller{Role: "arn:aws:iam::123456789012:role/start", Session: "start"}

func guardedBy(g *iam.Guard) func(*rds.Options) {
	return func(o *rds.Options) { o.Guard = g }
}

func TestServeHTTP_RequiresOnlyThePermissionsOfTheOperation(t *testing.T) {
	instance, cluster := aws.String("Shop-Prod"), aws.String(arns+"cluster:cart-prod")
	for name, test := range map[string]struct {
		call  func(context.Context, *awsrds.Client) error
		needs string // the resources on which the caller needs the permission
	}{
		"DescribeDBInstances": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBInstances(ctx, &awsrds.DescribeDBInstancesInput{DBInstanceIdentifier: instance})
			return err
		}, "db:shop-prod"},
		"DescribeDBInstances of all": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBInstances(ctx, &awsrds.DescribeDBInstancesInput{})
			return err
		}, "db:*"},
		"DescribeDBClusters": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBClusters(ctx, &awsrds.DescribeDBClustersInput{DBClusterIdentifier: cluster})
			return err
		}, "cluster:cart-prod"},
		"DescribeDBSnapshots": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBSnapshots(ctx, &awsrds.DescribeDBSnapshotsInput{DBInstanceIdentifier: instance})
			return err
		}, "db:shop-prod snapshot:*"},
		"DescribeDBClusterSnapshots": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBClusterSnapshots(ctx, &awsrds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: cluster})
			return err
		}, "cluster:cart-prod cluster-snapshot:*"},
		"DescribeExportTasks": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeExportTasks(ctx, &awsrds.DescribeExportTasksInput{SourceArn: aws.String(arns + "snapshot:before")})
			return err
		}, "*"},
		"CancelExportTask": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.CancelExportTask(ctx, &awsrds.CancelExportTaskInput{ExportTaskIdentifier: aws.String("shop-0")})
			if _, ok := errors.AsType[*types.ExportTaskNotFoundFault](err); ok {
				return nil // only a caller with the permission learns that the task does not exist
			}
			return err
		}, "*"},
	} {
		action, _, _ := strings.Cut(name, " ")
		call := func(t *testing.T, guard *iam.Guard) error {
			return test.call(t.Context(), newEnv(t, databaseOf(emptySnapshot()), guardedBy(guard)).client)
		}
		t.Run(name, func(t *testing.T) {
			guard := iamtest.NewGuard(t, nil, iamtest.Role("start", "lambda.amazonaws.com", "rds:"+action+" "+test.needs))
			if err := call(t, guard); err != nil {
				t.Errorf("with all permissions: %v", err)
			}
			for _, p := range guard.Allowed() {
				wantError(t, call(t, guard.Without(p)), 403, "AccessDenied", iamtest.Refusal(starter, p.Action, p.Resource))
			}
		})
	}
}
