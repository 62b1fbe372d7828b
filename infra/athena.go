package main

import (
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// addWorkGroups adds a workgroup for CreateViews and one for analysts.
func (s *stack) addWorkGroups() {
	s.addWorkGroup("PipelineWorkGroup", s.config.Name, "Used only by the pipeline, to create the views.", workflow.PipelineResults, nil)
	limit := jsii.Number(float64(s.config.Analysts.ScanLimitGB) * 1e9)
	s.addWorkGroup("RedashWorkGroup", s.config.AnalystsWorkGroup(), "Used by Redash, Grafana and analysts to query the views.",
		workflow.AnalystsResults, limit)
}

// addWorkGroup adds a workgroup. Each query may scan at most scanLimit bytes. If scanLimit is nil, there is no limit.
func (s *stack) addWorkGroup(id, name, description, results string, scanLimit *float64) {
	awsathena.NewCfnWorkGroup(s.cdk, &id, &awsathena.CfnWorkGroupProps{
		Name:        &name,
		Description: &description,
		State:       jsii.String("ENABLED"),
		// Without this option, a workgroup with a query history would prevent the deletion of the stack.
		RecursiveDeleteOption: jsii.Bool(true),
		WorkGroupConfiguration: &awsathena.CfnWorkGroup_WorkGroupConfigurationProperty{
			EnforceWorkGroupConfiguration:   jsii.Bool(true),
			PublishCloudWatchMetricsEnabled: jsii.Bool(true),
			BytesScannedCutoffPerQuery:      scanLimit,
			EngineVersion: &awsathena.CfnWorkGroup_EngineVersionProperty{
				SelectedEngineVersion: jsii.String("Athena engine version 3"),
			},
			ResultConfiguration: &awsathena.CfnWorkGroup_ResultConfigurationProperty{
				OutputLocation: s.location(results),
				EncryptionConfiguration: &awsathena.CfnWorkGroup_EncryptionConfigurationProperty{
					EncryptionOption: jsii.String("SSE_KMS"),
					KmsKey:           s.key.KeyArn(),
				},
			},
		},
	})
}

func (s *stack) workGroupARN(name string) *string { return s.arn("athena", "workgroup/"+name) }

// addAnalysts adds a role that Redash can assume, or policies for an existing role or user. It also adds an output with the ARNs.
func (s *stack) addAnalysts() {
	const description = "Allows Redash, Grafana and analysts to query the views."
	if s.config.Analysts.Access == workflow.AccessPolicy {
		var arns []string
		for i, allowed := range policies(s.analystsPolicy()) {
			props := awsiam.ManagedPolicyProps{Description: jsii.String(description), Statements: &allowed}
			policy := awsiam.NewManagedPolicy(s.cdk, jsii.String(fmt.Sprint("RedashPolicy", i+1)), &props)
			arns = append(arns, *policy.ManagedPolicyArn())
		}
		s.output("RedashPolicyArn", "IAM policies. Attach all of them to the role or user that Redash uses.", strings.Join(arns, ","))
		return
	}
	role := s.newRole("RedashRole", description, s.analystsPrincipal(), s.analystsPolicy()...)
	s.output("RedashRoleArn", "IAM role for Redash to assume. The External ID is analysts.external_id or, if that is not set, any text.",
		*role.RoleArn())
}

// analystsPrincipal returns the principals that may assume the role. By default, the account's IAM policies decide who may assume it.
// Redash always sends an external ID. A role without a condition on sts:ExternalId accepts any external ID, so the condition is optional.
func (s *stack) analystsPrincipal() awsiam.IPrincipal {
	var trusted []awsiam.IPrincipal
	for _, arn := range s.config.Analysts.Trusted {
		trusted = append(trusted, awsiam.NewArnPrincipal(&arn))
		if s.config.Analysts.ExternalID == "" && !strings.Contains(arn, ":"+s.config.Account+":") {
			awscdk.Annotations_Of(s.cdk).AddWarningV2(jsii.String("snaplake:noExternalID"), jsii.String(fmt.Sprintf(
				"analysts.trusted contains %s, which belongs to another account; set external_id to prevent the confused deputy problem", arn)))
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

// analystsPolicy allows the calls that analysts' clients make, and the calls that Athena makes for them; docs/redash.md names the clients.
// An analyst who queries a view needs permission to read the tables behind the view, and their files. The policy allows reading exports
// only through Athena, because the files contain columns that the views leave out.
func (s *stack) analystsPolicy() statements {
	listing := below(workflow.ExportsPrefix)
	maps.Copy(listing, viaAthena())
	results := s.objects(workflow.AnalystsResults + "*")
	policy := statements{
		actions{
			"athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StopQueryExecution",
			"athena:GetWorkGroup",
			// The JDBC and ODBC drivers read results with this action, which is not part of the public API (Athena guide, "Athena JDBC 2.x driver").
			"athena:GetQueryResultsStream",
		}.on(s.workGroupARN(s.config.AnalystsWorkGroup())),
		// Grafana's form offers only names from these lists. The actions support only the resource *.
		actions{"athena:ListDataCatalogs", "athena:ListWorkGroups"}.on(jsii.String("*")),
		// For these actions, Athena calls Glue with the permissions of the caller. PyAthena writes the catalog's name in lower case.
		actions{"athena:ListDatabases", "athena:ListTableMetadata", "athena:GetTableMetadata"}.on(
			s.arn("athena", "datacatalog/AwsDataCatalog"), s.arn("athena", "datacatalog/awsdatacatalog")),
		actions{"glue:GetDatabase"}.on(s.databaseARNs(append(s.allDatabases(), "default")...)...),
		// SHOW DATABASES lists all databases (Athena guide, "Configure access to databases and tables in the AWS Glue Data Catalog").
		actions{"glue:GetDatabases"}.on(s.databaseARNs("*")...),
		actions{"glue:GetTable", "glue:GetTables"}.on(s.tableARNs(s.allDatabases()...)...),
		s.readPartitions(),
		actions{"s3:GetBucketLocation"}.on(s.bucket.BucketArn()),
		actions{"s3:ListBucket"}.when(listing, s.bucket.BucketArn()),
		actions{"s3:GetObject"}.when(viaAthena(), s.objects(workflow.ExportsPrefix+"*")),
		s.listing(workflow.AnalystsResults),
		// Clients read results directly. Only Athena may write them, so that no analyst can replace the results of another analyst.
		actions{"s3:GetObject"}.on(results),
		actions{"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}.when(viaAthena(), results),
		actions{"kms:Decrypt", "kms:GenerateDataKey"}.when(
			conditions{"StringLike": {"kms:ViaService": "s3." + s.config.Region + ".amazonaws.com*"}}, s.key.KeyArn()),
	}
	if s.config.Analysts.ListAllTables {
		policy = append(policy, actions{"glue:GetTables"}.on(s.tableARNs("*")...))
	}
	return policy
}

// viaAthena returns a condition that allows only calls that Athena makes on the caller's behalf (Athena guide, "Use CalledVia context keys
// for Athena"). The condition uses ForAnyValue, because ForAllValues would also allow direct calls.
func viaAthena() conditions {
	return conditions{"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}
}
