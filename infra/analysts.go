package main

import (
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// addAnalysts makes what Redash gets, a role or policies, and its output.
func (l *lake) addAnalysts() {
	const description = "Queries the views: for Redash, Grafana and people."
	if l.config.Analysts.Access == workflow.AccessPolicy {
		var arns []string
		for i, allowed := range policies(l.analystsMay()) {
			id := fmt.Sprint("RedashPolicy", i+1)
			policy := awsiam.NewManagedPolicy(l.stack, &id, &awsiam.ManagedPolicyProps{Description: jsii.String(description), Statements: &allowed})
			arns = append(arns, *policy.ManagedPolicyArn())
		}
		l.output("RedashPolicyArn", "IAM policies to attach to what Redash has, all of them: it may query the views and what is under them.", strings.Join(arns, ","))
		return
	}
	role := l.newRole("RedashRole", description, l.analysts(), l.analystsMay()...)
	l.output("RedashRoleArn", "IAM role for Redash to assume: it may query the views and what is under them.", *role.RoleArn())
}

// analysts are those who may assume the role: the account itself leaves that to the IAM policies of who wants to.
func (l *lake) analysts() awsiam.IPrincipal {
	var trusted []awsiam.IPrincipal
	for _, arn := range l.config.Analysts.Trusted {
		trusted = append(trusted, awsiam.NewArnPrincipal(&arn))
		if l.config.Analysts.ExternalID == "" && !strings.Contains(arn, ":"+l.config.Account+":") {
			awscdk.Annotations_Of(l.stack).AddWarningV2(jsii.String("snaplake:noExternalID"), jsii.String(fmt.Sprintf(
				"analysts.trusted has %s of another account, and no external_id: whoever makes that role act for them reads the views; set external_id", arn)))
		}
	}
	if len(trusted) == 0 {
		trusted = append(trusted, awsiam.NewAccountRootPrincipal())
	}
	var principal awsiam.IPrincipal = awsiam.NewCompositePrincipal(trusted...)
	if id := l.config.Analysts.ExternalID; id != "" {
		principal = awsiam.NewPrincipalWithConditions(principal, conditions{"StringEquals": {"sts:ExternalId": id}}.jsii())
	}
	return principal
}

// analystsMay allows what Redash's and Grafana's Athena data sources call, and what Athena does in the name of who queries: a
// view gives no right on what is under it, so that the crawled tables and the exports have to be readable as well. The exports
// are readable by way of Athena only, so that what a view leaves out does not lie open as a file. Glue's tables cannot be closed
// like that: Redash and Grafana list them by themselves.
func (l *lake) analystsMay() statements {
	listing := below(workflow.ExportsPrefix)
	maps.Copy(listing, byWayOfAthena())
	return statements{
		actions{
			"athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StopQueryExecution",
			"athena:GetWorkGroup",
		}.on(l.workGroupARN(l.config.AnalystsWorkGroup())),
		actions{"glue:GetDatabase"}.on(l.databaseARNs(append(l.allDatabases(), "default")...)...),
		// The names of all databases: a list knows nothing narrower (Athena guide, "Configure access to databases and tables in
		// the AWS Glue Data Catalog", SHOW DATABASES).
		actions{"glue:GetDatabases"}.on(l.databaseARNs("*")...),
		actions{"glue:GetTable", "glue:GetTables"}.on(l.tableARNs(l.allDatabases()...)...),
		l.seePartitions(),
		actions{"s3:GetBucketLocation"}.on(l.bucket.BucketArn()),
		actions{"s3:ListBucket"}.when(listing, l.bucket.BucketArn()),
		actions{"s3:GetObject"}.when(byWayOfAthena(), l.objects(workflow.ExportsPrefix)),
		l.listing(workflow.AnalystsResults),
		// Clients read results by themselves, and Athena writes them: nobody replaces another one's results.
		actions{"s3:GetObject"}.on(l.objects(workflow.AnalystsResults)),
		actions{"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}.when(byWayOfAthena(), l.objects(workflow.AnalystsResults)),
		// The key opens only what S3 holds, and that has to be readable as well.
		actions{"kms:Decrypt", "kms:GenerateDataKey"}.when(conditions{"StringLike": {"kms:ViaService": "s3." + l.config.Region + ".amazonaws.com*"}}, l.key.KeyArn()),
	}
}

// byWayOfAthena is the condition of a call that Athena makes in the name of who queries (Athena guide, "Use CalledVia context keys
// for Athena"). ForAnyValue is false, and ForAllValues would be true, for a call that somebody makes directly.
func byWayOfAthena() conditions {
	return conditions{"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}
}
