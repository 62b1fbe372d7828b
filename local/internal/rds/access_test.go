package rds_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/rds"
)

// startARN is the role of who calls RDS; that of the exports is roleARN.
const startARN = "arn:aws:iam::123456789012:role/start"

// statement is one of a policy: its Action, Resource, Principal, Condition.
type statement = map[string]any

func allow(action, resource string) statement {
	return statement{"Effect": "Allow", "Action": action, "Resource": resource}
}

// when adds conditions, each an operator, a key and a value.
func when(s statement, conditions ...string) statement {
	all := map[string]map[string]string{}
	for c := range slices.Chunk(conditions, 3) {
		all[c[0]] = map[string]string{c[1]: c[2]}
	}
	s["Condition"] = all
	return s
}

// trust lets a service assume a role, for the account.
func trust(service, account string) statement {
	return when(statement{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": service}},
		"StringEquals", "aws:SourceAccount", account)
}

func roleOf(arn string, trust statement, may []statement) cloudformation.Resource {
	name := arn[strings.LastIndex(arn, "/")+1:]
	r := cloudformation.Resource{
		LogicalID: name, Type: "AWS::IAM::Role", PhysicalID: name, Attributes: map[string]string{"Arn": arn},
		Properties: map[string]any{"AssumeRolePolicyDocument": statement{"Statement": []statement{trust}}},
	}
	if len(may) > 0 {
		r.Properties["Policies"] = []any{statement{"PolicyName": "test", "PolicyDocument": statement{"Statement": may}}}
	}
	return r
}

func guardOf(t *testing.T, roles ...cloudformation.Resource) *iam.Guard {
	t.Helper()
	stack := &cloudformation.Stack{Resources: map[string]cloudformation.Resource{}}
	stack.Account, stack.Region = "123456789012", "ap-northeast-1"
	for _, r := range roles {
		stack.Resources[r.LogicalID] = r
	}
	guard, err := iam.New(stack, nil)
	if err != nil {
		t.Fatal(err)
	}
	return guard
}

func guardedBy(g *iam.Guard) func(*rds.Options) {
	return func(o *rds.Options) { o.Guard = g }
}

func TestEachOperationNeedsItsPermissionsAndNoMore(t *testing.T) {
	lambda := trust("lambda.amazonaws.com", "123456789012")
	instance, cluster, snapshot := aws.String("Shop-Prod"), aws.String(arns+"cluster:cart-prod"), aws.String("before")
	for name, test := range map[string]struct {
		call  func(context.Context, *awsrds.Client) error
		needs []string
	}{
		"DescribeDBInstances": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBInstances(ctx, &awsrds.DescribeDBInstancesInput{DBInstanceIdentifier: instance})
			return err
		}, []string{"db:shop-prod"}},
		"DescribeDBInstances of all": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBInstances(ctx, &awsrds.DescribeDBInstancesInput{})
			return err
		}, []string{"db:*"}},
		"DescribeDBClusters": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBClusters(ctx, &awsrds.DescribeDBClustersInput{DBClusterIdentifier: cluster})
			return err
		}, []string{"cluster:cart-prod"}},
		"DescribeDBSnapshots": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBSnapshots(ctx, &awsrds.DescribeDBSnapshotsInput{DBInstanceIdentifier: instance})
			return err
		}, []string{"db:shop-prod", "snapshot:*"}},
		"DescribeDBClusterSnapshots": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeDBClusterSnapshots(ctx, &awsrds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: cluster})
			return err
		}, []string{"cluster:cart-prod", "cluster-snapshot:*"}},
		"CreateDBSnapshot": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.CreateDBSnapshot(ctx, &awsrds.CreateDBSnapshotInput{DBInstanceIdentifier: instance, DBSnapshotIdentifier: snapshot})
			return err
		}, []string{"db:shop-prod", "snapshot:before"}},
		"CreateDBClusterSnapshot": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.CreateDBClusterSnapshot(ctx, &awsrds.CreateDBClusterSnapshotInput{DBClusterIdentifier: cluster, DBClusterSnapshotIdentifier: snapshot})
			return err
		}, []string{"cluster:cart-prod", "cluster-snapshot:before"}},
		"DescribeExportTasks": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.DescribeExportTasks(ctx, &awsrds.DescribeExportTasksInput{SourceArn: aws.String(arns + "snapshot:before")})
			return err
		}, []string{"*"}},
		"CancelExportTask": {func(ctx context.Context, c *awsrds.Client) error {
			_, err := c.CancelExportTask(ctx, &awsrds.CancelExportTaskInput{ExportTaskIdentifier: aws.String("shop-0")})
			if _, ok := errors.AsType[*types.ExportTaskNotFoundFault](err); ok {
				return nil // who may cancel hears that there is no such task
			}
			return err
		}, []string{"*"}},
	} {
		action, _, _ := strings.Cut(name, " ")
		call := func(t *testing.T, needs []string) error {
			var may []statement
			for _, resource := range needs {
				may = append(may, allow("rds:"+action, onRDS(resource)))
			}
			w := newWorld(t, of(nothing()), guardedBy(guardOf(t, roleOf(startARN, lambda, may))))
			return test.call(t.Context(), w.client)
		}
		t.Run(name, func(t *testing.T) {
			if err := call(t, test.needs); err != nil {
				t.Errorf("with all it needs: %v", err)
			}
			for i, missing := range test.needs {
				err := call(t, slices.Delete(slices.Clone(test.needs), i, i+1))
				wantError(t, err, 403, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/start/start is not authorized to perform: rds:"+action+
					" on resource: "+onRDS(missing)+" because no identity-based policy allows the rds:"+action+" action")
			}
		})
	}
}

// onRDS is an RDS resource's ARN, or "*".
func onRDS(resource string) string {
	if resource == "*" {
		return resource
	}
	return arns + resource
}
