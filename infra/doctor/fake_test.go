package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	laketypes "github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"snaplake/workflow"
)

const (
	keyARN     = "arn:aws:kms:eu-west-1:123456789012:key/0123"
	rdsKeyARN  = "arn:aws:kms:eu-west-1:123456789012:key/4567"
	glueKeyARN = "arn:aws:kms:eu-west-1:123456789012:key/89ab"
	layer      = "arn:aws:lambda:eu-west-1:123456789012:layer:ConfigurationLayer:3"
	topic      = "arn:aws:sns:eu-west-1:123456789012:lake"
	rootARN    = "arn:aws:iam::123456789012:root"
)

var today = time.Date(2026, 11, 22, 3, 30, 0, 0, time.UTC)

// newConfig has a cluster and an instance.
func newConfig() workflow.Config {
	day := workflow.Duration(26 * time.Hour)
	return workflow.Config{
		Name: "lake", Account: "123456789012", Region: "eu-west-1", Notify: []string{"ann@example.com"}, Analysts: workflow.Analysts{ScanLimitGB: 100},
		Sources: []workflow.Source{
			{Name: "billing", Instance: "billing-prod", Snapshots: workflow.SnapshotsAutomated, MaxSnapshotAge: day, Schedule: "cron(0 4 * * ? *)", TimeZone: "UTC"},
			{Name: "shop", Cluster: "shop-prod", Snapshots: workflow.SnapshotsAutomated, MaxSnapshotAge: day, Schedule: "cron(30 3 * * ? *)", TimeZone: "Asia/Tokyo"},
		},
	}
}

// account stands for an AWS account in which newConfig is deployed. Tests take something away from it.
type account struct {
	config workflow.Config
	number string
	// refuses is the one operation that the doctor may not call.
	refuses string

	bootstrap        string
	status           cftypes.StackStatus // "" when it is not deployed
	outputs          map[string]string
	resources        map[string]string
	instance         *rdstypes.DBInstance
	cluster          *rdstypes.DBCluster
	snapshots        []rdstypes.DBSnapshot
	clusterSnapshots []rdstypes.DBClusterSnapshot
	exports          int
	crawlers         int
	queries          []athenatypes.QueryExecution
	bucketRegion     string // "" when there is no bucket
	bucketPolicy     string
	bucketError      string
	key              kmstypes.KeyMetadata
	keyPolicy        string
	denied           string // "ROLE ACTION" that a role's own policies do not allow
	function         lambda.GetFunctionConfigurationOutput
	definition       string
	crawler          gluetypes.Crawler
	// databases of the catalog.
	databases []string
	// governed is true where Lake Formation governs new databases. It has administrators, and grants by resource, "" being the catalog,
	// each as "PRINCIPAL PERMISSION PERMISSION".
	governed       bool
	administrators []string
	grants         map[string][]string
	// catalogKey encrypts the catalog, unless it is nil. Its policy is keyPolicy.
	catalogKey *kmstypes.KeyMetadata
	// versioning is the bucket's, and lifecycle its rules.
	versioning s3types.BucketVersioningStatus
	lifecycle  []s3types.LifecycleRule
	// isPublic is that the bucket does not block public access.
	isPublic bool
	// snapshotKey is what DescribeKey says of the key of a snapshot.
	snapshotKey  kmstypes.KeyState
	group        athenatypes.WorkGroup
	schedule     *scheduler.GetScheduleOutput
	subscription string
}

func newAccount() *account {
	c := newConfig()
	a := &account{
		config: c, number: "123456789012", bootstrap: "33", status: cftypes.StackStatusUpdateComplete,
		outputs: map[string]string{"Bucket": "lake-bucket", "Key": keyARN, "TopicArn": topic},
		resources: map[string]string{
			"ConfigurationLayer0A1B2C3D": layer, "StateMachine2E01DFA5": "arn:aws:states:eu-west-1:123456789012:stateMachine:lake",
			"CrawledTables": "lake_crawled", "billingViewDatabase0A1B2C3D": "billing", "shopViewDatabase4E5F6071": "shop",
		},
		databases: []string{"lake_crawled", "billing", "shop"}, snapshotKey: kmstypes.KeyStateEnabled,
		instance: &rdstypes.DBInstance{Engine: aws.String("postgres"), EngineVersion: aws.String("16.4"), StorageType: aws.String("gp3"), BackupRetentionPeriod: aws.Int32(7), PreferredBackupWindow: aws.String("17:00-17:30")},
		cluster: &rdstypes.DBCluster{
			Engine: aws.String("aurora-mysql"), EngineVersion: aws.String("8.0.mysql_aurora.3.08.2"), EngineMode: aws.String("provisioned"), BackupRetentionPeriod: aws.Int32(7),
			PreferredBackupWindow: aws.String("17:55-18:25"),
		},
		snapshots: []rdstypes.DBSnapshot{
			{DBSnapshotIdentifier: aws.String("by-hand"), SnapshotType: aws.String("manual"), Status: aws.String("available"), SnapshotCreateTime: aws.Time(today)},
			{DBSnapshotIdentifier: aws.String("rds:billing-prod-2026-11-21-17-05"), SnapshotType: aws.String("automated"), Status: aws.String("available"), SnapshotCreateTime: aws.Time(today.Add(-10 * time.Hour))},
		},
		clusterSnapshots: []rdstypes.DBClusterSnapshot{
			{DBClusterSnapshotIdentifier: aws.String("rds:shop-prod-2026-11-22-03-29"), SnapshotType: aws.String("automated"), Status: aws.String("creating"), SnapshotCreateTime: aws.Time(today)},
			{DBClusterSnapshotIdentifier: aws.String("rds:shop-prod-2026-11-21-20-18"), SnapshotType: aws.String("automated"), Status: aws.String("available"), SnapshotCreateTime: aws.Time(today.Add(-7*time.Hour - 12*time.Minute)), KmsKeyId: aws.String(rdsKeyARN)},
		},
		crawlers: 2, bucketRegion: "eu-west-1", bucketPolicy: `{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}}`,
		key: kmstypes.KeyMetadata{Arn: aws.String(keyARN), KeyState: kmstypes.KeyStateEnabled, KeySpec: kmstypes.KeySpecSymmetricDefault, KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt},
		keyPolicy: `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "` + rootARN + `"}, "Action": "kms:*"},
			{"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}, "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]}]}`,
		function:     lambda.GetFunctionConfigurationOutput{Layers: []lambdatypes.Layer{{Arn: aws.String(layer)}}},
		crawler:      newCrawler(),
		group:        newGroup(),
		subscription: topic + ":0123",
	}
	for _, role := range append(functions(), "Export", "Crawler", "StateMachine", "Redash") {
		a.resources[role+"Role01234567"] = "lake-" + role + "Role-X"
	}
	for _, f := range functions() {
		a.resources[f+"89ABCDEF"] = "lake-" + f
	}
	a.definition = placeholder.ReplaceAllString(workflow.Definition, "arn:aws:lambda:eu-west-1:123456789012:function:lake-$1")
	return a
}

func newCrawler() gluetypes.Crawler {
	return gluetypes.Crawler{
		Role: aws.String("lake-CrawlerRole-X"), DatabaseName: aws.String("lake_crawled"), Configuration: aws.String(workflow.CrawlerConfiguration),
		RecrawlPolicy:      &gluetypes.RecrawlPolicy{RecrawlBehavior: gluetypes.RecrawlBehaviorCrawlEverything},
		SchemaChangePolicy: &gluetypes.SchemaChangePolicy{UpdateBehavior: gluetypes.UpdateBehaviorLog, DeleteBehavior: gluetypes.DeleteBehaviorLog},
	}
}

// newGroup is the analysts' workgroup.
func newGroup() athenatypes.WorkGroup {
	return athenatypes.WorkGroup{State: athenatypes.WorkGroupStateEnabled, Configuration: &athenatypes.WorkGroupConfiguration{
		EnforceWorkGroupConfiguration: aws.Bool(true), BytesScannedCutoffPerQuery: aws.Int64(100e9),
		ResultConfiguration: &athenatypes.ResultConfiguration{OutputLocation: aws.String("s3://lake-bucket/athena/analysts/")},
	}}
}

func (a *account) doctor() *doctor {
	return &doctor{
		config: a.config, now: func() time.Time { return today },
		aws: clients{athena: a, cloudFormation: a, glue: a, iam: a, kms: a, lakeFormation: a, lambda: a, quotas: a, rds: a, s3: a, scheduler: a, sfn: a, sns: a, ssm: a, sts: a},
	}
}

// answer is out, or AWS's refusal.
func answer[T any](a *account, service, operation string, out *T) (*T, error) {
	if a.refuses == operation {
		return nil, failed(service, operation, "AccessDenied", "not authorized")
	}
	return out, nil
}

func failed(service, operation, code, message string) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

func (a *account) GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return answer(a, "STS", "GetCallerIdentity", &sts.GetCallerIdentityOutput{Account: &a.number, Arn: aws.String("arn:aws:iam::" + a.number + ":user/ann")})
}

func (a *account) GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if a.bootstrap == "" {
		return nil, failed("SSM", "GetParameter", "ParameterNotFound", "")
	}
	return answer(a, "SSM", "GetParameter", &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: &a.bootstrap}})
}

func (a *account) DescribeStacks(_ context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if a.status == "" {
		return nil, failed("CloudFormation", "DescribeStacks", "ValidationError", "Stack with id "+*in.StackName+" does not exist")
	}
	described := cftypes.Stack{StackStatus: a.status}
	for key, value := range a.outputs {
		described.Outputs = append(described.Outputs, cftypes.Output{OutputKey: &key, OutputValue: &value})
	}
	return answer(a, "CloudFormation", "DescribeStacks", &cloudformation.DescribeStacksOutput{Stacks: []cftypes.Stack{described}})
}

func (a *account) ListStackResources(context.Context, *cloudformation.ListStackResourcesInput, ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error) {
	var all []cftypes.StackResourceSummary
	for logical, physical := range a.resources {
		all = append(all, cftypes.StackResourceSummary{LogicalResourceId: &logical, PhysicalResourceId: &physical, ResourceStatus: cftypes.ResourceStatusCreateComplete})
	}
	return answer(a, "CloudFormation", "ListStackResources", &cloudformation.ListStackResourcesOutput{StackResourceSummaries: all})
}

func (a *account) DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error) {
	if a.instance == nil {
		return nil, failed("RDS", "DescribeDBInstances", "DBInstanceNotFound", "")
	}
	return answer(a, "RDS", "DescribeDBInstances", &rds.DescribeDBInstancesOutput{DBInstances: []rdstypes.DBInstance{*a.instance}})
}

func (a *account) DescribeDBClusters(context.Context, *rds.DescribeDBClustersInput, ...func(*rds.Options)) (*rds.DescribeDBClustersOutput, error) {
	if a.cluster == nil {
		return nil, failed("RDS", "DescribeDBClusters", "DBClusterNotFoundFault", "")
	}
	return answer(a, "RDS", "DescribeDBClusters", &rds.DescribeDBClustersOutput{DBClusters: []rdstypes.DBCluster{*a.cluster}})
}

func (a *account) DescribeDBSnapshots(context.Context, *rds.DescribeDBSnapshotsInput, ...func(*rds.Options)) (*rds.DescribeDBSnapshotsOutput, error) {
	return answer(a, "RDS", "DescribeDBSnapshots", &rds.DescribeDBSnapshotsOutput{DBSnapshots: a.snapshots})
}

func (a *account) DescribeDBClusterSnapshots(context.Context, *rds.DescribeDBClusterSnapshotsInput, ...func(*rds.Options)) (*rds.DescribeDBClusterSnapshotsOutput, error) {
	return answer(a, "RDS", "DescribeDBClusterSnapshots", &rds.DescribeDBClusterSnapshotsOutput{DBClusterSnapshots: a.clusterSnapshots})
}

func (a *account) DescribeExportTasks(_ context.Context, in *rds.DescribeExportTasksInput, _ ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error) {
	out := &rds.DescribeExportTasksOutput{}
	if in.Filters[0].Values[0] == "in_progress" {
		out.ExportTasks = make([]rdstypes.ExportTask, a.exports)
	}
	return answer(a, "RDS", "DescribeExportTasks", out)
}

func (a *account) ListCrawlers(context.Context, *glue.ListCrawlersInput, ...func(*glue.Options)) (*glue.ListCrawlersOutput, error) {
	return answer(a, "Glue", "ListCrawlers", &glue.ListCrawlersOutput{CrawlerNames: make([]string, a.crawlers)})
}

func (a *account) GetServiceQuota(_ context.Context, in *servicequotas.GetServiceQuotaInput, _ ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error) {
	if *in.ServiceCode == "glue" { // the default was never changed
		return nil, failed("Service Quotas", "GetServiceQuota", "NoSuchResourceException", "")
	}
	return answer(a, "Service Quotas", "GetServiceQuota", &servicequotas.GetServiceQuotaOutput{Quota: &quotatypes.ServiceQuota{Value: aws.Float64(2)}})
}

func (a *account) ListQueryExecutions(_ context.Context, in *athena.ListQueryExecutionsInput, _ ...func(*athena.Options)) (*athena.ListQueryExecutionsOutput, error) {
	out := &athena.ListQueryExecutionsOutput{}
	if *in.WorkGroup == "lake" {
		out.QueryExecutionIds = make([]string, len(a.queries))
	}
	return answer(a, "Athena", "ListQueryExecutions", out)
}

func (a *account) BatchGetQueryExecution(context.Context, *athena.BatchGetQueryExecutionInput, ...func(*athena.Options)) (*athena.BatchGetQueryExecutionOutput, error) {
	return answer(a, "Athena", "BatchGetQueryExecution", &athena.BatchGetQueryExecutionOutput{QueryExecutions: a.queries})
}

func (a *account) GetWorkGroup(_ context.Context, in *athena.GetWorkGroupInput, _ ...func(*athena.Options)) (*athena.GetWorkGroupOutput, error) {
	if *in.WorkGroup == "lake-analysts" {
		return answer(a, "Athena", "GetWorkGroup", &athena.GetWorkGroupOutput{WorkGroup: &a.group})
	}
	pipeline := newGroup()
	pipeline.Configuration.BytesScannedCutoffPerQuery = nil
	pipeline.Configuration.ResultConfiguration.OutputLocation = aws.String("s3://lake-bucket/athena/pipeline/")
	return answer(a, "Athena", "GetWorkGroup", &athena.GetWorkGroupOutput{WorkGroup: &pipeline})
}

func (a *account) HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	if a.bucketRegion == "" {
		return nil, failed("S3", "HeadBucket", "NotFound", "")
	}
	return answer(a, "S3", "HeadBucket", &s3.HeadBucketOutput{BucketRegion: &a.bucketRegion})
}

func (a *account) GetBucketPolicy(context.Context, *s3.GetBucketPolicyInput, ...func(*s3.Options)) (*s3.GetBucketPolicyOutput, error) {
	if a.bucketError != "" {
		return nil, failed("S3", "GetBucketPolicy", a.bucketError, "")
	}
	return answer(a, "S3", "GetBucketPolicy", &s3.GetBucketPolicyOutput{Policy: &a.bucketPolicy})
}

func (a *account) GetBucketVersioning(context.Context, *s3.GetBucketVersioningInput, ...func(*s3.Options)) (*s3.GetBucketVersioningOutput, error) {
	return answer(a, "S3", "GetBucketVersioning", &s3.GetBucketVersioningOutput{Status: a.versioning})
}

func (a *account) GetBucketLifecycleConfiguration(context.Context, *s3.GetBucketLifecycleConfigurationInput, ...func(*s3.Options)) (*s3.GetBucketLifecycleConfigurationOutput, error) {
	if len(a.lifecycle) == 0 {
		return nil, failed("S3", "GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration", "")
	}
	return answer(a, "S3", "GetBucketLifecycleConfiguration", &s3.GetBucketLifecycleConfigurationOutput{Rules: a.lifecycle})
}

func (a *account) GetPublicAccessBlock(_ context.Context, _ *s3.GetPublicAccessBlockInput, _ ...func(*s3.Options)) (*s3.GetPublicAccessBlockOutput, error) {
	on := aws.Bool(!a.isPublic)
	return answer(a, "S3", "GetPublicAccessBlock", &s3.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), BlockPublicPolicy: on, RestrictPublicBuckets: aws.Bool(true),
	}})
}

func (a *account) DescribeKey(_ context.Context, in *kms.DescribeKeyInput, _ ...func(*kms.Options)) (*kms.DescribeKeyOutput, error) {
	switch *in.KeyId {
	case rdsKeyARN:
		return answer(a, "KMS", "DescribeKey", &kms.DescribeKeyOutput{KeyMetadata: &kmstypes.KeyMetadata{Arn: in.KeyId, KeyState: a.snapshotKey}})
	case glueKeyARN:
		return answer(a, "KMS", "DescribeKey", &kms.DescribeKeyOutput{KeyMetadata: a.catalogKey})
	}
	return answer(a, "KMS", "DescribeKey", &kms.DescribeKeyOutput{KeyMetadata: &a.key})
}

func (a *account) GetKeyPolicy(context.Context, *kms.GetKeyPolicyInput, ...func(*kms.Options)) (*kms.GetKeyPolicyOutput, error) {
	return answer(a, "KMS", "GetKeyPolicy", &kms.GetKeyPolicyOutput{Policy: &a.keyPolicy})
}

func (a *account) SimulatePrincipalPolicy(_ context.Context, in *iam.SimulatePrincipalPolicyInput, _ ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error) {
	out := &iam.SimulatePrincipalPolicyOutput{}
	for _, action := range in.ActionNames {
		decision := iamtypes.PolicyEvaluationDecisionTypeAllowed
		if a.denied == roleName(*in.PolicySourceArn)+" "+action {
			decision = iamtypes.PolicyEvaluationDecisionTypeImplicitDeny
		}
		out.EvaluationResults = append(out.EvaluationResults, iamtypes.EvaluationResult{EvalActionName: &action, EvalDecision: decision})
	}
	return answer(a, "IAM", "SimulatePrincipalPolicy", out)
}

// GetFunctionConfiguration answers for the function in a.function, and for all others that they are well.
func (a *account) GetFunctionConfiguration(_ context.Context, in *lambda.GetFunctionConfigurationInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error) {
	out := lambda.GetFunctionConfigurationOutput{
		Role:   aws.String("arn:aws:iam::123456789012:role/" + *in.FunctionName + "Role-X"),
		Layers: []lambdatypes.Layer{{Arn: aws.String(layer)}},
	}
	if strings.HasSuffix(*in.FunctionName, "PruneFunction") {
		out.Layers = a.function.Layers
		if a.function.Role != nil {
			out.Role = a.function.Role
		}
	}
	return answer(a, "Lambda", "GetFunctionConfiguration", &out)
}

func (a *account) DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	return answer(a, "SFN", "DescribeStateMachine", &sfn.DescribeStateMachineOutput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/lake-StateMachineRole-X"), Definition: &a.definition,
	})
}

// GetCrawler answers for the crawler of shop with a.crawler.
func (a *account) GetCrawler(_ context.Context, in *glue.GetCrawlerInput, _ ...func(*glue.Options)) (*glue.GetCrawlerOutput, error) {
	c := newCrawler()
	if *in.Name == "lake-shop" {
		c = a.crawler
	}
	return answer(a, "Glue", "GetCrawler", &glue.GetCrawlerOutput{Crawler: &c})
}

func (a *account) GetDatabase(_ context.Context, in *glue.GetDatabaseInput, _ ...func(*glue.Options)) (*glue.GetDatabaseOutput, error) {
	if !slices.Contains(a.databases, *in.Name) {
		return nil, failed("Glue", "GetDatabase", "EntityNotFoundException", "")
	}
	return answer(a, "Glue", "GetDatabase", &glue.GetDatabaseOutput{})
}

func (a *account) GetDataCatalogEncryptionSettings(context.Context, *glue.GetDataCatalogEncryptionSettingsInput, ...func(*glue.Options)) (*glue.GetDataCatalogEncryptionSettingsOutput, error) {
	at := &gluetypes.EncryptionAtRest{CatalogEncryptionMode: gluetypes.CatalogEncryptionModeDisabled}
	if a.catalogKey != nil {
		at = &gluetypes.EncryptionAtRest{CatalogEncryptionMode: gluetypes.CatalogEncryptionModeSsekms, SseAwsKmsKeyId: a.catalogKey.Arn}
	}
	return answer(a, "Glue", "GetDataCatalogEncryptionSettings", &glue.GetDataCatalogEncryptionSettingsOutput{
		DataCatalogEncryptionSettings: &gluetypes.DataCatalogEncryptionSettings{EncryptionAtRest: at},
	})
}

func (a *account) GetDataLakeSettings(context.Context, *lakeformation.GetDataLakeSettingsInput, ...func(*lakeformation.Options)) (*lakeformation.GetDataLakeSettingsOutput, error) {
	settings := &laketypes.DataLakeSettings{}
	if !a.governed {
		settings.CreateDatabaseDefaultPermissions = []laketypes.PrincipalPermissions{{
			Principal: &laketypes.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String("IAM_ALLOWED_PRINCIPALS")}, Permissions: []laketypes.Permission{"ALL"},
		}}
	}
	for _, arn := range a.administrators {
		settings.DataLakeAdmins = append(settings.DataLakeAdmins, laketypes.DataLakePrincipal{DataLakePrincipalIdentifier: &arn})
	}
	return answer(a, "LakeFormation", "GetDataLakeSettings", &lakeformation.GetDataLakeSettingsOutput{DataLakeSettings: settings})
}

func (a *account) ListPermissions(_ context.Context, in *lakeformation.ListPermissionsInput, _ ...func(*lakeformation.Options)) (*lakeformation.ListPermissionsOutput, error) {
	database := ""
	if in.Resource.Database != nil {
		if database = *in.Resource.Database.Name; !slices.Contains(a.databases, database) {
			return nil, failed("LakeFormation", "ListPermissions", "EntityNotFoundException", "")
		}
	}
	out := &lakeformation.ListPermissionsOutput{}
	for _, g := range a.grants[database] {
		who, permissions, _ := strings.Cut(g, " ")
		if who != *in.Principal.DataLakePrincipalIdentifier {
			continue
		}
		granted := laketypes.PrincipalResourcePermissions{Principal: in.Principal}
		for permission := range strings.SplitSeq(permissions, " ") {
			granted.Permissions = append(granted.Permissions, laketypes.Permission(permission))
		}
		out.PrincipalResourcePermissions = append(out.PrincipalResourcePermissions, granted)
	}
	return answer(a, "LakeFormation", "ListPermissions", out)
}

// GetSchedule answers for the schedule of shop with a.schedule, when a test has set it.
func (a *account) GetSchedule(_ context.Context, in *scheduler.GetScheduleInput, _ ...func(*scheduler.Options)) (*scheduler.GetScheduleOutput, error) {
	source, err := newConfig().Source(strings.TrimPrefix(*in.Name, "lake-"))
	if err != nil {
		return nil, err
	}
	out := &scheduler.GetScheduleOutput{State: schedulertypes.ScheduleStateEnabled, ScheduleExpression: &source.Schedule, ScheduleExpressionTimezone: &source.TimeZone}
	if source.Name == "shop" && a.schedule != nil {
		out = a.schedule
	}
	return answer(a, "Scheduler", "GetSchedule", out)
}

func (a *account) ListSubscriptionsByTopic(context.Context, *sns.ListSubscriptionsByTopicInput, ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error) {
	return answer(a, "SNS", "ListSubscriptionsByTopic", &sns.ListSubscriptionsByTopicOutput{
		Subscriptions: []snstypes.Subscription{{Endpoint: aws.String("ann@example.com"), SubscriptionArn: &a.subscription}},
	})
}
