package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// statements are those of the policy of a role.
type statements = []awsiam.PolicyStatement

// findSnapshotPolicy allows describing the configured databases and all snapshots of their kind. RDS authorizes a list of one database's
// snapshots on the database and on snapshot:*.
func (s *stack) findSnapshotPolicy() statements {
	policy := statements{describeExportTasks()}
	instances, clusters := s.rdsARNs()
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

// rdsARNs returns the ARNs of the sources' databases.
func (s *stack) rdsARNs() (instances, clusters []*string) {
	for _, source := range s.config.Sources {
		if source.Cluster != "" {
			clusters = append(clusters, s.arn("rds", "cluster:"+source.Cluster))
		} else {
			instances = append(instances, s.arn("rds", "db:"+source.Instance))
		}
	}
	return instances, clusters
}

func (s *stack) startExportPolicy() statements {
	return statements{
		describeExportTasks(),
		s.listing(workflow.ExportsPrefix),
		actions{"rds:StartExportTask"}.on(s.exportable()...),
		passing(s.exportRole, "export.rds.amazonaws.com", "rds.amazonaws.com"), // AWS does not document which of the two RDS uses
		actions{"kms:DescribeKey"}.on(s.key.KeyArn()),
		// RDS creates grants for itself on behalf of the caller. The condition excludes grants for anyone but AWS services.
		actions{"kms:CreateGrant"}.when(conditions{"Bool": {"kms:GrantIsForAWSResource": "true"}}, s.key.KeyArn()),
	}
}

// exportable returns the ARNs of what StartExport may export: all snapshots of the configured kinds, because a run may use a manual one,
// whose name does not contain that of its database; and the clusters that are exported live.
func (s *stack) exportable() []*string {
	var arns []*string
	instances, clusters := s.rdsARNs()
	if len(instances) > 0 {
		arns = append(arns, s.arn("rds", "snapshot:*"))
	}
	if len(clusters) > 0 {
		arns = append(arns, s.arn("rds", "cluster-snapshot:*"))
	}
	for _, source := range s.config.Sources {
		if source.Snapshots == workflow.SnapshotsLive {
			arns = append(arns, s.arn("rds", "cluster:"+source.Cluster))
		}
	}
	return arns
}

func (s *stack) checkExportPolicy() statements {
	return append(s.readExports(), describeExportTasks())
}

// startCrawlerPolicy allows reading publications and running crawlers. AWS documents iam:PassRole for CreateCrawler, but not whether
// UpdateCrawler needs it.
func (s *stack) startCrawlerPolicy() statements {
	return statements{
		s.listing(workflow.ExportsPrefix),
		actions{"s3:GetObject"}.on(s.publicationARNs()),
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

// createViewsPolicy allows what the function calls, and what Athena calls on its behalf: reading tables and views of all sources, which
// user-defined views may use, writing views and results, and deleting views.
func (s *stack) createViewsPolicy() statements {
	return append(s.readExports(),
		actions{"s3:PutObject"}.on(s.publicationARNs(), s.bucket.ArnForObjects(jsii.String(announcements))),
		actions{"kms:GenerateDataKey"}.on(s.key.KeyArn()),
		actions{"glue:GetDatabase"}.on(s.databaseARNs(s.allDatabases()...)...),
		actions{"glue:GetTable", "glue:GetTables"}.on(s.tableARNs(s.allDatabases()...)...),
		s.readPartitions(),
		actions{"glue:CreateTable", "glue:UpdateTable", "glue:BatchDeleteTable"}.on(s.tableARNs(s.viewDatabases()...)...),
		// To rename a partition key that has the name of a column.
		actions{"glue:UpdateTable"}.on(s.tableARNs(s.config.CrawledDatabase())...),
		// Athena requires the database default for any query (Athena guide, "Configure access to databases and tables in the AWS Glue Data
		// Catalog").
		actions{"glue:GetDatabase", "glue:GetDatabases"}.on(s.databaseARNs("default")...),
		actions{"athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"}.on(s.workGroupARN(s.config.Name)),
		actions{"s3:GetBucketLocation"}.on(s.bucket.BucketArn()),
		s.listing(workflow.PipelineResults),
		actions{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"}.on(s.objects(workflow.PipelineResults)),
	)
}

func (s *stack) prunePolicy() statements {
	return append(s.readExports(),
		describeExportTasks(),
		actions{"glue:GetTables"}.on(s.tableARNs(s.allDatabases()...)...),
		actions{"glue:BatchDeleteTable"}.on(s.tableARNs(s.config.CrawledDatabase())...),
		actions{"glue:GetTableVersions", "glue:BatchDeleteTableVersion"}.on(s.tableARNs(s.viewDatabases()...)...),
		actions{"s3:DeleteObject"}.on(s.objects(workflow.ExportsPrefix)),
	)
}

func (s *stack) notifyPolicy() statements {
	return statements{
		actions{"states:DescribeExecution", "states:GetExecutionHistory"}.on(s.arn("states", "execution:"+s.config.Name+":*")),
		actions{"sns:Publish"}.on(s.topic.TopicArn()),
		actions{"sqs:SendMessage"}.on(s.deadLetters.QueueArn()), // used by Lambda when the function has failed
	}
}

// readExports allows listing and reading exports and their manifests.
func (s *stack) readExports() statements {
	return statements{
		s.listing(workflow.ExportsPrefix),
		actions{"s3:GetObject"}.on(s.objects(workflow.ExportsPrefix)),
		actions{"kms:Decrypt"}.on(s.key.KeyArn()),
	}
}

// listing allows listing the bucket below a prefix.
func (s *stack) listing(prefix string) awsiam.PolicyStatement {
	return actions{"s3:ListBucket"}.when(below(prefix), s.bucket.BucketArn())
}

// below is the condition of a listing below a prefix.
func below(prefix string) conditions {
	return conditions{"StringLike": {"s3:prefix": prefix + "*"}}
}

// readPartitions allows what a query of a crawled table needs. Views have no partitions.
func (s *stack) readPartitions() awsiam.PolicyStatement {
	return actions{"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"}.on(s.tableARNs(s.config.CrawledDatabase())...)
}

// describeExportTasks allows it on "*", because export tasks have no ARNs.
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
