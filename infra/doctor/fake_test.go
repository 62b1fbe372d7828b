package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	laketypes "github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"snaplake/workflow"
)

const (
	keyARN     = "arn:aws:kms:eu-west-1:123456789012:key/0123"
	rdsKeyARN  = "arn:aws:kms:eu-west-1:123456789012:key/4567"
	glueKeyARN = "arn:aws:kms:eu-west-1:123456789012:key/89ab"
)

var today = time.Date(2026, 11, 22, 3, 30, 0, 0, time.UTC)

// newConfig returns a configuration with an instance, a cluster, and a bucket and a key that the stack does not create.
func newConfig() workflow.Config {
	source := workflow.Source{Snapshots: workflow.SnapshotsAutomated, MaxSnapshotAge: workflow.Duration(26 * time.Hour), TimeZone: "UTC"}
	billing, shop := source, source
	billing.Name, billing.Instance, billing.Schedule = "billing", "billing-prod", "cron(0 4 * * ? *)"
	shop.Name, shop.Cluster, shop.Schedule, shop.TimeZone = "shop", "shop-prod", "cron(30 3 * * ? *)", "Asia/Tokyo"
	return workflow.Config{
		Name: "lake", Account: "123456789012", Region: "eu-west-1", Notify: []string{"ann@example.com"},
		Bucket: "arn:aws:s3:::company-lake", Key: keyARN, Sources: []workflow.Source{billing, shop},
	}
}

// account is a fake of the AWS account in which newConfig is deployed. Tests change it.
type account struct {
	config workflow.Config
	number string
	// denied is the one operation that the doctor may not call.
	denied string

	status       cftypes.StackStatus // "" if the stack is not deployed
	resources    map[string]string
	instance     *rdstypes.DBInstance
	cluster      *rdstypes.DBCluster
	exports      int
	crawlers     int
	crawling     gluetypes.CrawlerState // of the crawler of shop
	bucketRegion string                 // "" if the bucket does not exist
	bucketError  string                 // of GetBucketPolicy
	isPublic     bool                   // the bucket does not block public access
	versioning   s3types.BucketVersioningStatus
	lifecycle    []s3types.LifecycleRule
	key          kmstypes.KeyMetadata
	keyPolicy    string // of all keys
	databaseKey  kmstypes.KeyState
	catalogKey   *kmstypes.KeyMetadata // nil if the Data Catalog is not encrypted
	databases    []string              // of the Data Catalog
	// governed is true if Lake Formation governs new databases. Each grant is "PRINCIPAL PERMISSION PERMISSION", by database; "" is the
	// catalog.
	governed       bool
	administrators []string
	grants         map[string][]string
	subscription   string
}

func newAccount() *account {
	a := &account{
		config: newConfig(), number: "123456789012", status: cftypes.StackStatusUpdateComplete,
		resources: map[string]string{
			"CrawledTables": "lake_crawled", "billingViewDatabase0A1B2C3D": "billing", "shopViewDatabase4E5F6071": "shop",
		},
		databases: []string{"lake_crawled", "billing", "shop"}, databaseKey: kmstypes.KeyStateEnabled,
		instance: &rdstypes.DBInstance{
			Engine: aws.String("postgres"), EngineVersion: aws.String("16.4"), StorageType: aws.String("gp3"),
			BackupRetentionPeriod: aws.Int32(7), PreferredBackupWindow: aws.String("17:00-17:30"),
		},
		cluster: &rdstypes.DBCluster{
			Engine: aws.String("aurora-mysql"), EngineVersion: aws.String("8.0.mysql_aurora.3.08.2"), EngineMode: aws.String("provisioned"),
			BackupRetentionPeriod: aws.Int32(7), PreferredBackupWindow: aws.String("17:55-18:25"), KmsKeyId: aws.String(rdsKeyARN),
		},
		crawlers: 2, crawling: gluetypes.CrawlerStateReady, bucketRegion: "eu-west-1", bucketError: "NoSuchBucketPolicy",
		key: kmstypes.KeyMetadata{
			Arn: aws.String(keyARN), KeyState: kmstypes.KeyStateEnabled,
			KeySpec: kmstypes.KeySpecSymmetricDefault, KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt,
		},
		keyPolicy: `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*"},
			{"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
			"Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]}]}`,
		subscription: "arn:aws:sns:eu-west-1:123456789012:lake:0123",
	}
	for _, role := range []string{"Crawler", "CheckCrawlerFunction", "CreateViewsFunction", "PruneFunction", "Redash"} {
		a.resources[role+"Role01234567"] = "lake-" + role + "Role-X"
	}
	return a
}

func (a *account) doctor() *doctor {
	return &doctor{
		config: a.config, now: func() time.Time { return today },
		aws: clients{cloudFormation: a, glue: a, kms: a, lakeFormation: a, quotas: a, rds: a, s3: a, sns: a, sts: a},
	}
}

// answer returns out, unless the operation is denied.
func answer[T any](a *account, service, operation string, out *T) (*T, error) {
	if a.denied == operation {
		return nil, failed(service, operation, "AccessDenied", "not authorized")
	}
	return out, nil
}

func failed(service, operation, code, message string) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

func (a *account) GetCallerIdentity(
	context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options),
) (*sts.GetCallerIdentityOutput, error) {
	arn := "arn:aws:iam::" + a.number + ":user/ann"
	return answer(a, "STS", "GetCallerIdentity", &sts.GetCallerIdentityOutput{Account: &a.number, Arn: &arn})
}

func (a *account) DescribeStacks(
	_ context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options),
) (*cloudformation.DescribeStacksOutput, error) {
	if a.status == "" {
		return nil, failed("CloudFormation", "DescribeStacks", "ValidationError", "Stack with id "+*in.StackName+" does not exist")
	}
	out := cloudformation.DescribeStacksOutput{Stacks: []cftypes.Stack{{StackStatus: a.status}}}
	return answer(a, "CloudFormation", "DescribeStacks", &out)
}

func (a *account) ListStackResources(
	context.Context, *cloudformation.ListStackResourcesInput, ...func(*cloudformation.Options),
) (*cloudformation.ListStackResourcesOutput, error) {
	var all []cftypes.StackResourceSummary
	for logical, physical := range a.resources {
		all = append(all, cftypes.StackResourceSummary{LogicalResourceId: &logical, PhysicalResourceId: &physical, ResourceStatus: "CREATE_COMPLETE"})
	}
	return answer(a, "CloudFormation", "ListStackResources", &cloudformation.ListStackResourcesOutput{StackResourceSummaries: all})
}

func (a *account) DescribeDBInstances(
	context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options),
) (*rds.DescribeDBInstancesOutput, error) {
	if a.instance == nil {
		return nil, failed("RDS", "DescribeDBInstances", "DBInstanceNotFound", "")
	}
	return answer(a, "RDS", "DescribeDBInstances", &rds.DescribeDBInstancesOutput{DBInstances: []rdstypes.DBInstance{*a.instance}})
}

func (a *account) DescribeDBClusters(
	context.Context, *rds.DescribeDBClustersInput, ...func(*rds.Options),
) (*rds.DescribeDBClustersOutput, error) {
	if a.cluster == nil {
		return nil, failed("RDS", "DescribeDBClusters", "DBClusterNotFoundFault", "")
	}
	return answer(a, "RDS", "DescribeDBClusters", &rds.DescribeDBClustersOutput{DBClusters: []rdstypes.DBCluster{*a.cluster}})
}

func (a *account) DescribeExportTasks(
	_ context.Context, in *rds.DescribeExportTasksInput, _ ...func(*rds.Options),
) (*rds.DescribeExportTasksOutput, error) {
	out := &rds.DescribeExportTasksOutput{}
	if in.Filters[0].Values[0] == "in_progress" {
		out.ExportTasks = make([]rdstypes.ExportTask, a.exports)
	}
	return answer(a, "RDS", "DescribeExportTasks", out)
}

func (a *account) ListCrawlers(context.Context, *glue.ListCrawlersInput, ...func(*glue.Options)) (*glue.ListCrawlersOutput, error) {
	return answer(a, "Glue", "ListCrawlers", &glue.ListCrawlersOutput{CrawlerNames: make([]string, a.crawlers)})
}

func (a *account) GetServiceQuota(
	_ context.Context, in *servicequotas.GetServiceQuotaInput, _ ...func(*servicequotas.Options),
) (*servicequotas.GetServiceQuotaOutput, error) {
	if a.denied == "GetServiceQuota" {
		return answer(a, "Service Quotas", "GetServiceQuota", &servicequotas.GetServiceQuotaOutput{})
	}
	return nil, failed("Service Quotas", "GetServiceQuota", "NoSuchResourceException", "") // the default was never changed
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
	return answer(a, "S3", "GetBucketPolicy", &s3.GetBucketPolicyOutput{})
}

func (a *account) GetBucketVersioning(
	context.Context, *s3.GetBucketVersioningInput, ...func(*s3.Options),
) (*s3.GetBucketVersioningOutput, error) {
	return answer(a, "S3", "GetBucketVersioning", &s3.GetBucketVersioningOutput{Status: a.versioning})
}

func (a *account) GetBucketLifecycleConfiguration(
	context.Context, *s3.GetBucketLifecycleConfigurationInput, ...func(*s3.Options),
) (*s3.GetBucketLifecycleConfigurationOutput, error) {
	if len(a.lifecycle) == 0 {
		return nil, failed("S3", "GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration", "")
	}
	return answer(a, "S3", "GetBucketLifecycleConfiguration", &s3.GetBucketLifecycleConfigurationOutput{Rules: a.lifecycle})
}

func (a *account) GetPublicAccessBlock(
	_ context.Context, _ *s3.GetPublicAccessBlockInput, _ ...func(*s3.Options),
) (*s3.GetPublicAccessBlockOutput, error) {
	on := aws.Bool(!a.isPublic)
	block := s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), BlockPublicPolicy: on, RestrictPublicBuckets: aws.Bool(true),
	}
	return answer(a, "S3", "GetPublicAccessBlock", &s3.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: &block})
}

func (a *account) DescribeKey(_ context.Context, in *kms.DescribeKeyInput, _ ...func(*kms.Options)) (*kms.DescribeKeyOutput, error) {
	switch *in.KeyId {
	case rdsKeyARN:
		return answer(a, "KMS", "DescribeKey", &kms.DescribeKeyOutput{KeyMetadata: &kmstypes.KeyMetadata{Arn: in.KeyId, KeyState: a.databaseKey}})
	case glueKeyARN:
		return answer(a, "KMS", "DescribeKey", &kms.DescribeKeyOutput{KeyMetadata: a.catalogKey})
	}
	return answer(a, "KMS", "DescribeKey", &kms.DescribeKeyOutput{KeyMetadata: &a.key})
}

func (a *account) GetKeyPolicy(context.Context, *kms.GetKeyPolicyInput, ...func(*kms.Options)) (*kms.GetKeyPolicyOutput, error) {
	return answer(a, "KMS", "GetKeyPolicy", &kms.GetKeyPolicyOutput{Policy: &a.keyPolicy})
}

func (a *account) GetCrawler(_ context.Context, in *glue.GetCrawlerInput, _ ...func(*glue.Options)) (*glue.GetCrawlerOutput, error) {
	state := gluetypes.CrawlerStateReady
	if *in.Name == "lake-shop" {
		state = a.crawling
	}
	return answer(a, "Glue", "GetCrawler", &glue.GetCrawlerOutput{Crawler: &gluetypes.Crawler{State: state}})
}

func (a *account) GetDatabase(_ context.Context, in *glue.GetDatabaseInput, _ ...func(*glue.Options)) (*glue.GetDatabaseOutput, error) {
	if !slices.Contains(a.databases, *in.Name) {
		return nil, failed("Glue", "GetDatabase", "EntityNotFoundException", "")
	}
	return answer(a, "Glue", "GetDatabase", &glue.GetDatabaseOutput{})
}

func (a *account) GetDataCatalogEncryptionSettings(
	context.Context, *glue.GetDataCatalogEncryptionSettingsInput, ...func(*glue.Options),
) (*glue.GetDataCatalogEncryptionSettingsOutput, error) {
	at := &gluetypes.EncryptionAtRest{CatalogEncryptionMode: gluetypes.CatalogEncryptionModeDisabled}
	if a.catalogKey != nil {
		at = &gluetypes.EncryptionAtRest{CatalogEncryptionMode: gluetypes.CatalogEncryptionModeSsekms, SseAwsKmsKeyId: a.catalogKey.Arn}
	}
	return answer(a, "Glue", "GetDataCatalogEncryptionSettings", &glue.GetDataCatalogEncryptionSettingsOutput{
		DataCatalogEncryptionSettings: &gluetypes.DataCatalogEncryptionSettings{EncryptionAtRest: at},
	})
}

func (a *account) GetDataLakeSettings(
	context.Context, *lakeformation.GetDataLakeSettingsInput, ...func(*lakeformation.Options),
) (*lakeformation.GetDataLakeSettingsOutput, error) {
	settings := &laketypes.DataLakeSettings{}
	if !a.governed {
		settings.CreateDatabaseDefaultPermissions = []laketypes.PrincipalPermissions{{
			Principal:   &laketypes.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String("IAM_ALLOWED_PRINCIPALS")},
			Permissions: []laketypes.Permission{"ALL"},
		}}
	}
	for _, arn := range a.administrators {
		settings.DataLakeAdmins = append(settings.DataLakeAdmins, laketypes.DataLakePrincipal{DataLakePrincipalIdentifier: &arn})
	}
	return answer(a, "LakeFormation", "GetDataLakeSettings", &lakeformation.GetDataLakeSettingsOutput{DataLakeSettings: settings})
}

func (a *account) ListPermissions(
	_ context.Context, in *lakeformation.ListPermissionsInput, _ ...func(*lakeformation.Options),
) (*lakeformation.ListPermissionsOutput, error) {
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

func (a *account) ListSubscriptionsByTopic(
	context.Context, *sns.ListSubscriptionsByTopicInput, ...func(*sns.Options),
) (*sns.ListSubscriptionsByTopicOutput, error) {
	return answer(a, "SNS", "ListSubscriptionsByTopic", &sns.ListSubscriptionsByTopicOutput{
		Subscriptions: []snstypes.Subscription{{Endpoint: aws.String("ann@example.com"), SubscriptionArn: &a.subscription}},
	})
}
