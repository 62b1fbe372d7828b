package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// addDatabase adds a database whose tables use only IAM access control. If Lake Formation governed the tables, each table that the crawler
// creates would need new grants. The database itself uses the account's default permissions.
func (s *stack) addDatabase(scope constructs.Construct, id, name, description string) {
	awsglue.NewCfnDatabase(scope, &id, &awsglue.CfnDatabaseProps{
		CatalogId: &s.config.Account,
		DatabaseInput: &awsglue.CfnDatabase_DatabaseInputProperty{
			Name: &name, Description: &description,
			CreateTableDefaultPermissions: []*awsglue.CfnDatabase_PrincipalPrivilegesProperty{{
				Permissions: jsii.Strings("ALL"),
				Principal:   &awsglue.CfnDatabase_DataLakePrincipalProperty{DataLakePrincipalIdentifier: jsii.String("IAM_ALLOWED_PRINCIPALS")},
			}},
		},
	})
}

// newCrawlerRole creates the role that all crawlers use. It has the permissions in AWSGlueServiceRole, limited to exports and crawled
// tables (Glue guide, "Crawler prerequisites"). AWS does not document which calls a crawler makes, so the role allows every likely call.
func (s *stack) newCrawlerRole() awsiam.Role {
	// The role trusts Glue without checking aws:SourceAccount. AWS does not document whether Glue sends it when a crawler assumes its role.
	principal := awsiam.NewServicePrincipal(jsii.String("glue.amazonaws.com"), nil)
	role := s.newRole("CrawlerRole", "Allows the crawlers to read exports and to write crawled tables.", principal,
		s.listing(workflow.ExportsPrefix),
		actions{"s3:GetBucketLocation"}.on(s.bucket.BucketArn()),
		actions{"s3:GetObject"}.on(s.objects(workflow.ExportsPrefix+"*")),
		actions{"kms:Decrypt"}.on(s.key.KeyArn()),
		actions{"glue:GetDatabase"}.on(s.databaseARNs(s.config.CrawledDatabase(), "default")...),
		actions{
			"glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable",
			"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition",
			"glue:CreatePartition", "glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchUpdatePartition",
		}.on(s.tableARNs(s.config.CrawledDatabase())...),
		// The first crawl creates the log group that all crawlers share. AWS documents the ARN of a log group both with and without ":*".
		actions{"logs:CreateLogGroup"}.on(s.arn("logs", "log-group:/aws-glue/crawlers"), s.arn("logs", "log-group:/aws-glue/crawlers:*")),
		actions{"logs:CreateLogStream", "logs:PutLogEvents"}.on(s.arn("logs", "log-group:/aws-glue/crawlers:*")),
	)
	role.AddToPolicy(passing(role, "glue.amazonaws.com"))
	return role
}

// addCrawler adds the source's crawler. Before each crawl, StartCrawler sets the crawler's target and table prefix.
func (s *stack) addCrawler(scope constructs.Construct, source workflow.Source) {
	crawler := awsglue.NewCfnCrawler(scope, jsii.String("Crawler"), &awsglue.CfnCrawlerProps{
		Name:         jsii.String(s.config.Crawler(source.Name)),
		Description:  jsii.String("Crawls the latest export of " + source.Identifier() + ". The state machine starts the crawler."),
		Role:         s.crawlerRole.RoleArn(),
		DatabaseName: jsii.String(s.config.CrawledDatabase()),
		TablePrefix:  jsii.String(source.Name + "_"),
		Targets: &awsglue.CfnCrawler_TargetsProperty{S3Targets: []*awsglue.CfnCrawler_S3TargetProperty{{
			Path:       s.location(workflow.ExportPrefix(source.Name)),
			Exclusions: jsii.Strings(workflow.CrawlerExclusions()...),
		}}},
		Configuration: jsii.String(workflow.CrawlerConfiguration),
		RecrawlPolicy: &awsglue.CfnCrawler_RecrawlPolicyProperty{RecrawlBehavior: jsii.String("CRAWL_EVERYTHING")},
		SchemaChangePolicy: &awsglue.CfnCrawler_SchemaChangePolicyProperty{
			UpdateBehavior: jsii.String("LOG"),
			DeleteBehavior: jsii.String("LOG"),
		},
	})
	crawler.Node().AddDependency(s.crawlerRole) // Glue validates the role and its policy
}

// databaseARNs returns the ARNs that a policy must list to allow Glue calls on the databases. One of them is the catalog's ARN.
func (s *stack) databaseARNs(databases ...string) []*string {
	arns := []*string{s.arn("glue", "catalog")}
	for _, database := range databases {
		arns = append(arns, s.arn("glue", "database/"+database))
	}
	return arns
}

// tableARNs returns the ARNs that a policy must list to allow Glue calls on all tables in the databases.
func (s *stack) tableARNs(databases ...string) []*string {
	arns := s.databaseARNs(databases...)
	for _, database := range databases {
		arns = append(arns, s.arn("glue", "table/"+database+"/*"))
	}
	return arns
}

func (s *stack) viewDatabases() []string {
	names := make([]string, len(s.config.Sources))
	for i, source := range s.config.Sources {
		names[i] = source.Database()
	}
	return names
}

// allDatabases returns the names of the databases that contain views or crawled tables.
func (s *stack) allDatabases() []string { return append(s.viewDatabases(), s.config.CrawledDatabase()) }
