package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

func (l *lake) addCrawledDatabase() {
	l.addDatabase(l.stack, "CrawledTables", l.config.CrawledDatabase(), "What the crawlers found in the exports. Query the views instead.")
}

func (l *lake) addViewDatabase(scope constructs.Construct, source workflow.Source) {
	l.addDatabase(scope, "ViewDatabase", source.Database(), "Views over the newest snapshot of "+source.Identifier()+".")
}

// addDatabase makes a database whose tables IAM alone governs, whatever the account's default is: the crawler makes tables in each
// run, and nobody could grant Lake Formation's permissions on them. The database itself follows the account's default.
func (l *lake) addDatabase(scope constructs.Construct, id, name, description string) {
	awsglue.NewCfnDatabase(scope, &id, &awsglue.CfnDatabaseProps{
		CatalogId: &l.config.Account,
		DatabaseInput: &awsglue.CfnDatabase_DatabaseInputProperty{
			Name: &name, Description: &description,
			CreateTableDefaultPermissions: []*awsglue.CfnDatabase_PrincipalPrivilegesProperty{{
				Permissions: jsii.Strings("ALL"),
				Principal:   &awsglue.CfnDatabase_DataLakePrincipalProperty{DataLakePrincipalIdentifier: jsii.String("IAM_ALLOWED_PRINCIPALS")},
			}},
		},
	})
}

// newCrawlerRole makes the role of all crawlers: AWSGlueServiceRole, scoped down to exports and crawled tables, and the right to
// pass itself (Glue guide, "Crawler prerequisites"). Which calls a crawler makes is not documented, so that it may make all that
// read databases and tables, and that create and update tables and partitions.
func (l *lake) newCrawlerRole() awsiam.Role {
	// Glue does not document that it passes aws:SourceAccount when a crawler assumes its role, so that this cannot be asked.
	principal := awsiam.NewServicePrincipal(jsii.String("glue.amazonaws.com"), nil)
	role := l.newRole("CrawlerRole", "The crawlers read exports and write crawled tables with it.", principal,
		l.listing(workflow.ExportsPrefix),
		actions{"s3:GetBucketLocation"}.on(l.bucket.BucketArn()),
		actions{"s3:GetObject"}.on(l.objects(workflow.ExportsPrefix)),
		actions{"kms:Decrypt"}.on(l.key.KeyArn()),
		actions{"glue:GetDatabase"}.on(l.databaseARNs(l.config.CrawledDatabase(), "default")...),
		actions{
			"glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable",
			"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition",
			"glue:CreatePartition", "glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchUpdatePartition",
		}.on(l.tableARNs(l.config.CrawledDatabase())...),
		// All crawlers of an account share one log group, which the first of them makes. Whether its ARN is checked with the
		// ending that those of its streams have, AWS's pages do not agree.
		actions{"logs:CreateLogGroup"}.on(l.arn("logs", "log-group:/aws-glue/crawlers"), l.arn("logs", "log-group:/aws-glue/crawlers:*")),
		actions{"logs:CreateLogStream", "logs:PutLogEvents"}.on(l.arn("logs", "log-group:/aws-glue/crawlers:*")),
	)
	role.AddToPolicy(passing(role, "glue.amazonaws.com"))
	return role
}

// addCrawler makes the source's crawler. Its target and table prefix are those of no export: StartCrawler gives it tonight's
// before each crawl, and nothing else ever starts it.
func (l *lake) addCrawler(scope constructs.Construct, source workflow.Source) {
	crawler := awsglue.NewCfnCrawler(scope, jsii.String("Crawler"), &awsglue.CfnCrawlerProps{
		Name:         jsii.String(l.config.Crawler(source.Name)),
		Description:  jsii.String("Crawls the newest export of " + source.Identifier() + ". The state machine sets its target and starts it."),
		Role:         l.crawlerRole.RoleArn(),
		DatabaseName: jsii.String(l.config.CrawledDatabase()),
		TablePrefix:  jsii.String(source.Name + "_"),
		Targets: &awsglue.CfnCrawler_TargetsProperty{S3Targets: []*awsglue.CfnCrawler_S3TargetProperty{{
			Path:       l.location(workflow.ExportPrefix(source.Name)),
			Exclusions: jsii.Strings(workflow.CrawlerExclusions()...),
		}}},
		Configuration: jsii.String(workflow.CrawlerConfiguration),
		RecrawlPolicy: &awsglue.CfnCrawler_RecrawlPolicyProperty{RecrawlBehavior: jsii.String("CRAWL_EVERYTHING")},
		SchemaChangePolicy: &awsglue.CfnCrawler_SchemaChangePolicyProperty{
			UpdateBehavior: jsii.String("LOG"),
			DeleteBehavior: jsii.String("LOG"),
		},
	})
	crawler.Node().AddDependency(l.crawlerRole) // and on its policy: Glue looks whether the role works
}

// databaseARNs names what a call on Glue databases is checked against: the catalog and the database, both.
func (l *lake) databaseARNs(databases ...string) []*string {
	arns := []*string{l.arn("glue", "catalog")}
	for _, database := range databases {
		arns = append(arns, l.arn("glue", "database/"+database))
	}
	return arns
}

// tableARNs names what a call on their tables is checked against: the catalog, the database and the table, all three.
func (l *lake) tableARNs(databases ...string) []*string {
	arns := l.databaseARNs(databases...)
	for _, database := range databases {
		arns = append(arns, l.arn("glue", "table/"+database+"/*"))
	}
	return arns
}

// viewDatabases are the names of the databases that hold the sources' views.
func (l *lake) viewDatabases() []string {
	names := make([]string, len(l.config.Sources))
	for i, source := range l.config.Sources {
		names[i] = source.Database()
	}
	return names
}

// allDatabases are the view databases and the one of the crawled tables.
func (l *lake) allDatabases() []string { return append(l.viewDatabases(), l.config.CrawledDatabase()) }
