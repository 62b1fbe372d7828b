package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

func (s *stack) addCrawledDatabase() {
	s.addDatabase(s.cdk, "CrawledTables", s.config.CrawledDatabase(), "Tables crawled from the exports. Query the views instead.")
}

func (s *stack) addViewDatabase(scope constructs.Construct, source workflow.Source) {
	s.addDatabase(scope, "ViewDatabase", source.Database(), "Views over the latest snapshot of "+source.Identifier()+".")
}

// addDatabase adds a database that leaves its tables to IAM, whatever the account's default: nobody could grant Lake Formation permissions
// on the tables that the crawler creates in each run. The database itself follows the account's default.
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

// newCrawlerRole creates the role of all crawlers: AWSGlueServiceRole, scoped down to exports and crawled tables, and permission to pass
// itself (Glue guide, "Crawler prerequisites"). AWS does not document which calls a crawler makes, so the role allows all that read
// databases and tables, and all that create and update tables and partitions.
func (s *stack) newCrawlerRole() awsiam.Role {
	// No condition on aws:SourceAccount: AWS does not document that Glue passes it when a crawler assumes its role.
	principal := awsiam.NewServicePrincipal(jsii.String("glue.amazonaws.com"), nil)
	role := s.newRole("CrawlerRole", "Role of the crawlers, which read exports and write crawled tables.", principal,
		s.listing(workflow.ExportsPrefix),
		actions{"s3:GetBucketLocation"}.on(s.bucket.BucketArn()),
		actions{"s3:GetObject"}.on(s.objects(workflow.ExportsPrefix)),
		actions{"kms:Decrypt"}.on(s.key.KeyArn()),
		actions{"glue:GetDatabase"}.on(s.databaseARNs(s.config.CrawledDatabase(), "default")...),
		actions{
			"glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable",
			"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition",
			"glue:CreatePartition", "glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchUpdatePartition",
		}.on(s.tableARNs(s.config.CrawledDatabase())...),
		// All crawlers of an account share one log group, which the first crawl creates. AWS's pages disagree on whether its ARN ends in :*.
		actions{"logs:CreateLogGroup"}.on(s.arn("logs", "log-group:/aws-glue/crawlers"), s.arn("logs", "log-group:/aws-glue/crawlers:*")),
		actions{"logs:CreateLogStream", "logs:PutLogEvents"}.on(s.arn("logs", "log-group:/aws-glue/crawlers:*")),
	)
	role.AddToPolicy(passing(role, "glue.amazonaws.com"))
	return role
}

// addCrawler adds the source's crawler. StartCrawler sets its target and table prefix to those of the export before each crawl.
func (s *stack) addCrawler(scope constructs.Construct, source workflow.Source) {
	crawler := awsglue.NewCfnCrawler(scope, jsii.String("Crawler"), &awsglue.CfnCrawlerProps{
		Name:         jsii.String(s.config.Crawler(source.Name)),
		Description:  jsii.String("Crawls the latest export of " + source.Identifier() + ". The state machine sets its target and starts it."),
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
	crawler.Node().AddDependency(s.crawlerRole) // and its policy, because Glue validates the role
}

// databaseARNs returns the resources of a call on Glue databases: the catalog and the databases.
func (s *stack) databaseARNs(databases ...string) []*string {
	arns := []*string{s.arn("glue", "catalog")}
	for _, database := range databases {
		arns = append(arns, s.arn("glue", "database/"+database))
	}
	return arns
}

// tableARNs returns the resources of a call on their tables: the catalog, the databases and the tables.
func (s *stack) tableARNs(databases ...string) []*string {
	arns := s.databaseARNs(databases...)
	for _, database := range databases {
		arns = append(arns, s.arn("glue", "table/"+database+"/*"))
	}
	return arns
}

// viewDatabases returns the names of the databases with the sources' views.
func (s *stack) viewDatabases() []string {
	names := make([]string, len(s.config.Sources))
	for i, source := range s.config.Sources {
		names[i] = source.Database()
	}
	return names
}

// allDatabases returns the view databases and that of the crawled tables.
func (s *stack) allDatabases() []string { return append(s.viewDatabases(), s.config.CrawledDatabase()) }
