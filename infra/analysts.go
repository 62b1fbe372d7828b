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

// addAnalysts adds what Redash uses, a role or policies, and its output.
func (s *stack) addAnalysts() {
	const description = "Queries the views, for Redash, Grafana and analysts."
	if s.config.Analysts.Access == workflow.AccessPolicy {
		var arns []string
		for i, allowed := range policies(s.analystsPolicy()) {
			id := fmt.Sprint("RedashPolicy", i+1)
			props := awsiam.ManagedPolicyProps{Description: jsii.String(description), Statements: &allowed}
			policy := awsiam.NewManagedPolicy(s.cdk, &id, &props)
			arns = append(arns, *policy.ManagedPolicyArn())
		}
		s.output("RedashPolicyArn", "IAM policies to attach to the role or user of Redash, all of them.", strings.Join(arns, ","))
		return
	}
	role := s.newRole("RedashRole", description, s.analystsPrincipal(), s.analystsPolicy()...)
	s.output("RedashRoleArn", "IAM role for Redash to assume.", *role.RoleArn())
}

// analystsPrincipal returns who may assume the role, by default the account, whose IAM policies then decide.
func (s *stack) analystsPrincipal() awsiam.IPrincipal {
	var trusted []awsiam.IPrincipal
	for _, arn := range s.config.Analysts.Trusted {
		trusted = append(trusted, awsiam.NewArnPrincipal(&arn))
		if s.config.Analysts.ExternalID == "" && !strings.Contains(arn, ":"+s.config.Account+":") {
			awscdk.Annotations_Of(s.cdk).AddWarningV2(jsii.String("snaplake:noExternalID"), jsii.String(fmt.Sprintf(
				"analysts.trusted has %s of another account without external_id; set external_id to prevent the confused deputy problem", arn)))
		}
	}
	if len(trusted) == 0 {
		trusted = append(trusted, awsiam.NewAccountRootPrincipal())
	}
	var principal awsiam.IPrincipal = awsiam.NewCompositePrincipal(trusted...)
	if id := s.config.Analysts.ExternalID; id != "" {
		principal = awsiam.NewPrincipalWithConditions(principal, conditions{"StringEquals": {"sts:ExternalId": id}}.jsii())
	}
	return principal
}

// analystsPolicy allows what the Athena data sources of Redash and Grafana call, and what Athena calls on behalf of the caller. A view
// grants nothing on the tables it reads, so the crawled tables and the exports must be readable, too. The exports are readable only through
// Athena: columns that a view leaves out must not be readable as a file. Redash and Grafana list Glue's tables themselves.
func (s *stack) analystsPolicy() statements {
	listing := below(workflow.ExportsPrefix)
	maps.Copy(listing, viaAthena())
	return statements{
		actions{
			"athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StopQueryExecution",
			"athena:GetWorkGroup",
		}.on(s.workGroupARN(s.config.AnalystsWorkGroup())),
		actions{"glue:GetDatabase"}.on(s.databaseARNs(append(s.allDatabases(), "default")...)...),
		// SHOW DATABASES lists all databases (Athena guide, "Configure access to databases and tables in the AWS Glue Data Catalog").
		actions{"glue:GetDatabases"}.on(s.databaseARNs("*")...),
		actions{"glue:GetTable", "glue:GetTables"}.on(s.tableARNs(s.allDatabases()...)...),
		s.readPartitions(),
		actions{"s3:GetBucketLocation"}.on(s.bucket.BucketArn()),
		actions{"s3:ListBucket"}.when(listing, s.bucket.BucketArn()),
		actions{"s3:GetObject"}.when(viaAthena(), s.objects(workflow.ExportsPrefix)),
		s.listing(workflow.AnalystsResults),
		// Clients read results themselves. Only Athena writes them, so that no analyst can replace the results of another.
		actions{"s3:GetObject"}.on(s.objects(workflow.AnalystsResults)),
		actions{"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}.when(viaAthena(), s.objects(workflow.AnalystsResults)),
		actions{"kms:Decrypt", "kms:GenerateDataKey"}.when(
			conditions{"StringLike": {"kms:ViaService": "s3." + s.config.Region + ".amazonaws.com*"}}, s.key.KeyArn()),
	}
}

// viaAthena is the condition of a call that Athena makes on behalf of the caller (Athena guide, "Use CalledVia context keys for Athena").
// ForAnyValue is false for a direct call; ForAllValues would be true.
func viaAthena() conditions {
	return conditions{"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}
}
