package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

type statements = []awsiam.PolicyStatement

// mayFindSnapshot allows to read the descriptions, not the contents, of the configured databases and of the snapshots there are
// of their kind. RDS checks a list of one database's snapshots against all that it could hold (snapshot:*), and against the
// database.
func (l *lake) mayFindSnapshot() statements {
	may := statements{describeExportTasks()}
	if instances := l.instances(); len(instances) > 0 {
		may = append(may,
			actions{"rds:DescribeDBInstances"}.on(instances...),
			actions{"rds:DescribeDBSnapshots"}.on(append(instances, l.arn("rds", "snapshot:*"))...))
	}
	if clusters := l.clusters(); len(clusters) > 0 {
		may = append(may,
			actions{"rds:DescribeDBClusters"}.on(clusters...),
			actions{"rds:DescribeDBClusterSnapshots"}.on(append(clusters, l.arn("rds", "cluster-snapshot:*"))...))
	}
	return may
}

// instances are the ARNs of the sources that are instances.
func (l *lake) instances() []*string {
	var arns []*string
	for _, source := range l.config.Sources {
		if source.Instance != "" {
			arns = append(arns, l.arn("rds", "db:"+source.Instance))
		}
	}
	return arns
}

// clusters are the ARNs of the sources that are clusters.
func (l *lake) clusters() []*string {
	var arns []*string
	for _, source := range l.config.Sources {
		if source.Cluster != "" {
			arns = append(arns, l.arn("rds", "cluster:"+source.Cluster))
		}
	}
	return arns
}

func (l *lake) mayStartExport() statements {
	return statements{
		describeExportTasks(),
		l.listing(workflow.ExportsPrefix),
		actions{"rds:StartExportTask"}.on(l.exportable()...),
		passing(l.exportRole, "export.rds.amazonaws.com", "rds.amazonaws.com"), // which of the two RDS goes by is not documented
		actions{"kms:DescribeKey"}.on(l.key.KeyArn()),
		// RDS makes itself grants in our name. Grants for anybody but an AWS service stay out of reach.
		actions{"kms:CreateGrant"}.when(conditions{"Bool": {"kms:GrantIsForAWSResource": "true"}}, l.key.KeyArn()),
	}
}

// exportable are the ARNs of what StartExport may export: all snapshots of a kind that is configured, and the clusters that
// are exported live. A snapshot's name tells its database only if RDS made it, and an execution may be started for any other
// snapshot of its source, as one that a person made.
func (l *lake) exportable() []*string {
	var arns []*string
	if len(l.instances()) > 0 {
		arns = append(arns, l.arn("rds", "snapshot:*"))
	}
	if len(l.clusters()) > 0 {
		arns = append(arns, l.arn("rds", "cluster-snapshot:*"))
	}
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

// mayStartCrawler allows to see whether the views of an export were made, and to crawl one. Whether UpdateCrawler needs
// iam:PassRole is not documented; CreateCrawler does.
func (l *lake) mayStartCrawler() statements {
	return statements{
		l.listing(workflow.ExportsPrefix),
		actions{"s3:GetObject"}.on(l.publicationARNs()),
		actions{"kms:Decrypt"}.on(l.key.KeyArn()),
		actions{"glue:GetCrawler", "glue:UpdateCrawler", "glue:StartCrawler"}.on(l.crawlerARNs()...),
		passing(l.crawlerRole, "glue.amazonaws.com"),
	}
}

func (l *lake) mayCheckCrawler() statements {
	return statements{
		actions{"glue:GetCrawler"}.on(l.crawlerARNs()...),
		actions{"glue:GetTables"}.on(l.tableARNs(l.config.CrawledDatabase())...),
	}
}

// mayCreateViews allows what the function calls and what Athena does in its name: look at the tables and views, also those of
// other sources, which the user's own views may read; query them; write views and results. What it deletes is views only.
func (l *lake) mayCreateViews() statements {
	return append(l.readExports(),
		actions{"s3:PutObject"}.on(l.publicationARNs(), l.bucket.ArnForObjects(jsii.String(announcements))),
		actions{"kms:GenerateDataKey"}.on(l.key.KeyArn()),
		actions{"glue:GetDatabase"}.on(l.databaseARNs(l.allDatabases()...)...),
		actions{"glue:GetTable", "glue:GetTables"}.on(l.tableARNs(l.allDatabases()...)...),
		l.seePartitions(),
		actions{"glue:CreateTable", "glue:UpdateTable", "glue:BatchDeleteTable"}.on(l.tableARNs(l.viewDatabases()...)...),
		// A partition key that a column is called like gets another name.
		actions{"glue:UpdateTable"}.on(l.tableARNs(l.config.CrawledDatabase())...),
		l.seeDefaultDatabase(),
		actions{"athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"}.on(l.workGroupARN(l.config.Name)),
		actions{"s3:GetBucketLocation"}.on(l.bucket.BucketArn()),
		l.listing(workflow.PipelineResults),
		actions{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"}.on(l.objects(workflow.PipelineResults)),
	)
}

func (l *lake) mayPrune() statements {
	return append(l.readExports(),
		describeExportTasks(),
		actions{"glue:GetTables"}.on(l.tableARNs(l.allDatabases()...)...),
		actions{"glue:BatchDeleteTable"}.on(l.tableARNs(l.config.CrawledDatabase())...),
		actions{"glue:GetTableVersions", "glue:BatchDeleteTableVersion"}.on(l.tableARNs(l.viewDatabases()...)...),
		actions{"s3:DeleteObject"}.on(l.objects(workflow.ExportsPrefix)),
	)
}

// mayNotify allows to ask what became of an execution, and to tell it.
func (l *lake) mayNotify() statements {
	return statements{
		actions{"states:DescribeExecution", "states:GetExecutionHistory"}.on(l.arn("states", "execution:"+l.config.Name+":*")),
		actions{"sns:Publish"}.on(l.topic.TopicArn()),
		actions{"sqs:SendMessage"}.on(l.deadLetters.QueueArn()), // Lambda does it with this role, for what the function failed on
	}
}

// readExports allows to list and read exports and their manifests.
func (l *lake) readExports() statements {
	return statements{
		l.listing(workflow.ExportsPrefix),
		actions{"s3:GetObject"}.on(l.objects(workflow.ExportsPrefix)),
		actions{"kms:Decrypt"}.on(l.key.KeyArn()),
	}
}

// listing allows to list the bucket below a prefix.
func (l *lake) listing(prefix string) awsiam.PolicyStatement {
	return actions{"s3:ListBucket"}.when(below(prefix), l.bucket.BucketArn())
}

// below is the condition of a listing of what is below a prefix.
func below(prefix string) conditions {
	return conditions{"StringLike": {"s3:prefix": prefix + "*"}}
}

// seeDefaultDatabase allows what Athena wants whatever a query reads: to see the database default (Athena guide, "Configure
// access to databases and tables in the AWS Glue Data Catalog").
func (l *lake) seeDefaultDatabase() awsiam.PolicyStatement {
	return actions{"glue:GetDatabase", "glue:GetDatabases"}.on(l.databaseARNs("default")...)
}

// seePartitions allows what a query of a crawled table wants. Views have no partitions.
func (l *lake) seePartitions() awsiam.PolicyStatement {
	return actions{"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"}.on(l.tableARNs(l.config.CrawledDatabase())...)
}

// describeExportTasks is allowed on "*": an export task has no ARN, and tasks are asked for by their identifiers and by
// filters, which a policy cannot name.
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
