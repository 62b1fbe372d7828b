package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

type statements = []awsiam.PolicyStatement

// findSnapshotPolicy allows FindSnapshot to describe the configured databases and their snapshots. To list a database's snapshots,
// RDS requires permission on the database and on snapshot:*.
func (s *stack) findSnapshotPolicy() statements {
	var instances, clusters []*string
	for _, source := range s.config.Sources {
		if source.Cluster != "" {
			clusters = append(clusters, s.arn("rds", "cluster:"+source.Cluster))
		} else {
			instances = append(instances, s.arn("rds", "db:"+source.Instance))
		}
	}
	policy := statements{describeExportTasks()}
	if len(instances) > 0 {
		policy = append(policy,
			actions{"rds:DescribeDBInstances"}.on(instances...),
			actions{"rds:DescribeDBSnapshots"}.on(append(instances, s.arn("rds", "snapshot:*"))...))
	}
	if len(clusters) > 0 {
		policy = append(policy,
			actions{"rds:DescribeDBClusters"}.on(clusters...),
			actions{"rds:DescribeDBClusterSnapshots"}.on(append(clusters, s.arn("rds", "cluster-snapshot:*"))...))
	}
	return policy
}

func (s *stack) startExportPolicy() statements {
	return statements{
		describeExportTasks(),
		s.listing(workflow.ExportsPrefix),
		actions{"rds:StartExportTask"}.on(s.exportable()...),
		passing(s.exportRole, "export.rds.amazonaws.com", "rds.amazonaws.com"), // AWS does not document which of the two it requires
		actions{"kms:DescribeKey"}.on(s.key.KeyArn()),
		// RDS creates grants for itself on behalf of the caller. The condition limits the permission to grants for AWS services.
		actions{"kms:CreateGrant"}.when(conditions{"Bool": {"kms:GrantIsForAWSResource": "true"}}, s.key.KeyArn()),
	}
}

// exportable returns the ARNs of the snapshots that StartExport may export, and of the clusters that it exports live. It returns a pattern
// for all snapshots, because the names of manual snapshots do not contain the name of the database.
func (s *stack) exportable() []*string {
	var arns []*string
	for _, source := range s.config.Sources {
		if source.Cluster == "" {
			arns = append(arns, s.arn("rds", "snapshot:*"))
			continue
		}
		arns = append(arns, s.arn("rds", "cluster-snapshot:*"))
		if source.Snapshots == workflow.SnapshotsLive {
			arns = append(arns, s.arn("rds", "cluster:"+source.Cluster))
		}
	}
	return arns
}

func (s *stack) checkExportPolicy() statements {
	return append(s.readExports(), describeExportTasks())
}

// startCrawlerPolicy allows StartCrawler to run crawlers and to read each workflow.PublishedFile. The AWS documentation says that
// CreateCrawler requires iam:PassRole, but does not say whether UpdateCrawler requires it.
func (s *stack) startCrawlerPolicy() statements {
	return statements{
		s.listing(workflow.ExportsPrefix),
		actions{"s3:GetObject"}.on(s.objects(publications)),
		actions{"kms:Decrypt"}.on(s.key.KeyArn()),
		actions{"glue:GetCrawler", "glue:UpdateCrawler", "glue:StartCrawler"}.on(s.crawlerARNs()...),
		passing(s.crawlerRole, "glue.amazonaws.com"),
	}
}

func (s *stack) checkCrawlerPolicy() statements {
	return statements{
		actions{"glue:GetCrawler"}.on(s.crawlerARNs()...),
		actions{"glue:GetTables"}.on(s.tableARNs(s.config.CrawledDatabase())...),
	}
}

// createViewsPolicy allows the calls that CreateViews makes, and the calls that Athena makes for it. The calls read the tables and views of
// all sources, because a user-defined view may use any of them. They also create, update and delete views, and write query results.
func (s *stack) createViewsPolicy() statements {
	return append(s.readExports(),
		actions{"s3:PutObject"}.on(s.objects(publications), s.objects(announcements)),
		actions{"kms:GenerateDataKey"}.on(s.key.KeyArn()),
		actions{"glue:GetDatabase"}.on(s.databaseARNs(s.allDatabases()...)...),
		actions{"glue:GetTable", "glue:GetTables"}.on(s.tableARNs(s.allDatabases()...)...),
		s.readPartitions(),
		actions{"glue:CreateTable", "glue:UpdateTable", "glue:BatchDeleteTable"}.on(s.tableARNs(s.viewDatabases()...)...),
		// CreateViews renames a partition key that has the same name as a column.
		actions{"glue:UpdateTable"}.on(s.tableARNs(s.config.CrawledDatabase())...),
		// Every query accesses the default database (Athena guide, "Configure access to databases and tables in the AWS Glue Data Catalog").
		actions{"glue:GetDatabase", "glue:GetDatabases"}.on(s.databaseARNs("default")...),
		actions{"athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"}.on(s.workGroupARN(s.config.Name)),
		actions{"s3:GetBucketLocation"}.on(s.bucket.BucketArn()),
		s.listing(workflow.PipelineResults),
		actions{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"}.on(s.objects(workflow.PipelineResults+"*")),
	)
}

func (s *stack) prunePolicy() statements {
	return append(s.readExports(),
		describeExportTasks(),
		actions{"glue:GetTables"}.on(s.tableARNs(s.allDatabases()...)...),
		actions{"glue:BatchDeleteTable"}.on(s.tableARNs(s.config.CrawledDatabase())...),
		actions{"glue:GetTableVersions", "glue:BatchDeleteTableVersion"}.on(s.tableARNs(s.viewDatabases()...)...),
		actions{"s3:DeleteObject"}.on(s.objects(workflow.ExportsPrefix+"*")),
	)
}

func (s *stack) notifyPolicy() statements {
	return statements{
		actions{"states:DescribeExecution", "states:GetExecutionHistory"}.on(s.arn("states", "execution:"+s.config.Name+":*")),
		actions{"sns:Publish"}.on(s.topic.TopicArn()),
		actions{"sqs:SendMessage"}.on(s.deadLetters.QueueArn()), // Lambda sends the event if the function fails
	}
}

func (s *stack) readExports() statements {
	return statements{
		s.listing(workflow.ExportsPrefix),
		actions{"s3:GetObject"}.on(s.objects(workflow.ExportsPrefix + "*")),
		actions{"kms:Decrypt"}.on(s.key.KeyArn()),
	}
}

// listing returns a statement that allows listing the objects under a prefix.
func (s *stack) listing(prefix string) awsiam.PolicyStatement {
	return actions{"s3:ListBucket"}.when(below(prefix), s.bucket.BucketArn())
}

// below(prefix) returns a condition that allows list requests only for keys under the prefix.
func below(prefix string) conditions { return conditions{"StringLike": {"s3:prefix": prefix + "*"}} }

// readPartitions returns a statement that allows queries to read the partitions of crawled tables. Views have no partitions.
func (s *stack) readPartitions() awsiam.PolicyStatement {
	return actions{"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"}.on(s.tableARNs(s.config.CrawledDatabase())...)
}

// describeExportTasks returns a statement that allows describing all export tasks, because a task has no ARN.
func describeExportTasks() awsiam.PolicyStatement {
	return actions{"rds:DescribeExportTasks"}.on(jsii.String("*"))
}

func (s *stack) crawlerARNs() []*string {
	arns := make([]*string, len(s.config.Sources))
	for i, source := range s.config.Sources {
		arns[i] = s.arn("glue", "crawler/"+s.config.Crawler(source.Name))
	}
	return arns
}
