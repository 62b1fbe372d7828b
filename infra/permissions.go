package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

type statements = []awsiam.PolicyStatement

// mayFindSnapshot allows to read the descriptions, not the contents, of the account's databases and snapshots. Not narrower:
// a list that is filtered instead of asked for by name is checked against all that it could hold (db:*).
func (l *lake) mayFindSnapshot() statements {
	return statements{
		actions{"rds:DescribeDBInstances"}.on(l.arn("rds", "db:*")),
		actions{"rds:DescribeDBClusters"}.on(l.arn("rds", "cluster:*")),
		actions{"rds:DescribeDBSnapshots"}.on(l.arn("rds", "db:*"), l.arn("rds", "snapshot:*")),
		actions{"rds:DescribeDBClusterSnapshots"}.on(l.arn("rds", "cluster:*"), l.arn("rds", "cluster-snapshot:*")),
		describeExportTasks(),
	}
}

func (l *lake) mayStartExport() statements {
	return statements{
		describeExportTasks(),
		actions{"rds:StartExportTask"}.on(l.exportable()...),
		actions{"iam:PassRole"}.when(conditions{"StringEquals": {"iam:PassedToService": "export.rds.amazonaws.com"}}, l.exportRole.RoleArn()),
		actions{"kms:DescribeKey"}.on(l.key.KeyArn()),
		// RDS makes itself grants in our name. Grants for anybody but an AWS service stay out of reach.
		actions{"kms:CreateGrant"}.when(conditions{"Bool": {"kms:GrantIsForAWSResource": "true"}}, l.key.KeyArn()),
	}
}

// exportable are the ARNs of what StartExport may export: snapshots, of which the name does not tell the database, and the
// clusters that are exported live.
func (l *lake) exportable() []*string {
	arns := []*string{l.arn("rds", "snapshot:*"), l.arn("rds", "cluster-snapshot:*")}
	for _, source := range l.config.Sources {
		if source.Snapshots == workflow.SnapshotsLive {
			arns = append(arns, l.arn("rds", "cluster:"+source.Cluster))
		}
	}
	return arns
}

func (l *lake) mayCheckExport() statements {
	return append(l.readExports(), describeExportTasks())
}

func (l *lake) mayStartCrawler() statements {
	return statements{actions{"glue:GetCrawler", "glue:UpdateCrawler", "glue:StartCrawler"}.on(l.crawlerARNs()...)}
}

func (l *lake) mayCheckCrawler() statements {
	return statements{
		actions{"glue:GetCrawler"}.on(l.crawlerARNs()...),
		actions{"glue:GetTables"}.on(l.catalogARNs(l.config.CrawledDatabase())...),
	}
}

// mayCreateViews allows what the function calls and what Athena does in its name: look at the tables, write the views and
// the results.
func (l *lake) mayCreateViews() statements {
	return append(l.readExports(),
		actions{"kms:GenerateDataKey"}.on(l.key.KeyArn()),
		actions{"glue:GetDatabase", "glue:GetTable", "glue:GetTables"}.on(l.catalogARNs(l.allDatabases()...)...),
		actions{"glue:CreateTable", "glue:UpdateTable"}.on(l.catalogARNs(l.viewDatabases()...)...),
		// Athena wants to see the database default, whatever the query reads (Athena guide, "Configure access to databases and
		// tables in the AWS Glue Data Catalog").
		actions{"glue:GetDatabase", "glue:GetDatabases"}.on(l.arn("glue", "catalog"), l.arn("glue", "database/default")),
		actions{"athena:StartQueryExecution", "athena:GetQueryExecution"}.on(l.workGroupARN()),
		actions{"s3:GetBucketLocation"}.on(l.bucket.BucketArn()),
		l.listing(resultsPrefix),
		actions{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"}.on(l.resultObjects()),
	)
}

func (l *lake) mayPrune() statements {
	return append(l.readExports(),
		describeExportTasks(),
		actions{"glue:GetTables"}.on(l.catalogARNs(l.allDatabases()...)...),
		actions{"glue:BatchDeleteTable"}.on(l.catalogARNs(l.config.CrawledDatabase())...),
		actions{"s3:DeleteObject"}.on(l.exportObjects()),
	)
}

// readExports allows to list and read exports and their manifests.
func (l *lake) readExports() statements {
	return statements{
		l.listing(exportsPrefix),
		actions{"s3:GetObject"}.on(l.exportObjects()),
		actions{"kms:Decrypt"}.on(l.key.KeyArn()),
	}
}

// listing allows to list the bucket below a prefix.
func (l *lake) listing(prefix string) awsiam.PolicyStatement {
	return actions{"s3:ListBucket"}.when(conditions{"StringLike": {"s3:prefix": prefix + "*"}}, l.bucket.BucketArn())
}

// describeExportTasks is allowed on "*" because the action knows no resource.
func describeExportTasks() awsiam.PolicyStatement {
	return actions{"rds:DescribeExportTasks"}.on(jsii.String("*"))
}

func (l *lake) crawlerARNs() []*string {
	arns := make([]*string, len(l.config.Sources))
	for i, source := range l.config.Sources {
		arns[i] = l.arn("glue", "crawler/"+l.config.Crawler(source.Name))
	}
	return arns
}
