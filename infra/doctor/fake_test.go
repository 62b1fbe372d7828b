package main

import (
	"context"
	"fmt"
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
	"github.com/aws/smithy-go/middleware"

	"snaplake/workflow"
)

const (
	keyARN     = "arn:aws:kms:eu-west-1:123456789012:key/0123"
	rdsKeyARN  = "arn:aws:kms:eu-west-1:123456789012:key/4567"
	glueKeyARN = "arn:aws:kms:eu-west-1:123456789012:key/89ab"
)

var today = time.Date(2026, 11, 22, 3, 30, 0, 0, time.UTC)

// newConfig returns a configuration with an instance, a cluster, an existing bucket and an existing key.
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

// account fakes an AWS account in which newConfig is deployed. Tests change its fields.
type account struct {
	config workflow.Config
	number string
	// denied is the operation that fails with AccessDenied, if any.
	denied string

	status       cftypes.StackStatus // "" if the stack is not deployed
	resources    map[string]string
	instance     *rdstypes.DBInstance
	cluster      *rdstypes.DBCluster
	exports      int
	crawlers     int
	crawling     gluetypes.CrawlerState // state of the crawler lake-shop
	bucketRegion string                 // "" if the bucket does not exist
	bucketError  string                 // error code of GetBucketPolicy
	isPublic     bool                   // whether the bucket allows public access
	versioning   s3types.BucketVersioningStatus
	lifecycle    []s3types.LifecycleRule
	key          kmstypes.KeyMetadata
	keyPolicy    string // policy of all keys
	databaseKey  kmstypes.KeyState
	catalogKey   *kmstypes.KeyMetadata // nil if the Data Catalog is not encrypted
	databases    []string              // databases in the Data Catalog
	// governed is true if Lake Formation governs new databases. grants holds grants in the form "PRINCIPAL PERMISSION..." by database; the
	// database "" means the catalog.
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
			Engine: aws.String("aurora-mysql"), EngineVersion: aws.String("8.0"), EngineMode: aws.String("provisioned"),
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

// doctor returns a doctor whose SDK clients receive their responses from respond.
func (a *account) doctor() *doctor {
	config := aws.Config{Region: a.config.Region, APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("fake", func(
			_ context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler,
		) (out middleware.InitializeOutput, _ middleware.Metadata, err error) {
			var code string
			if out.Result, code = a.respond(in.Parameters); code != "" {
				err = &smithy.GenericAPIError{Code: code, Message: errorMessages[code]}
			}
			return out, middleware.Metadata{}, err
		}), middleware.Before)
	}}}
	return &doctor{config: a.config, aws: config, now: func() time.Time { return today }}
}

// errorMessages contains error messages by code. It omits codes whose message does not matter.
var errorMessages = map[string]string{"AccessDenied": "not authorized", "ValidationError": "Stack with id lake does not exist"}

// respond returns the output for an operation's input, or an error code.
func (a *account) respond(input any) (output any, code string) {
	if strings.HasSuffix(fmt.Sprintf("%T", input), "."+a.denied+"Input") {
		return nil, "AccessDenied"
	}
	switch in := input.(type) {
	case *sts.GetCallerIdentityInput:
		return &sts.GetCallerIdentityOutput{Account: &a.number, Arn: aws.String("arn:aws:iam::" + a.number + ":user/ann")}, ""
	case *cloudformation.DescribeStacksInput:
		if a.status == "" {
			return nil, "ValidationError"
		}
		return &cloudformation.DescribeStacksOutput{Stacks: []cftypes.Stack{{StackStatus: a.status}}}, ""
	case *cloudformation.ListStackResourcesInput:
		out := &cloudformation.ListStackResourcesOutput{}
		for logical, physical := range a.resources {
			r := cftypes.StackResourceSummary{LogicalResourceId: &logical, PhysicalResourceId: &physical, ResourceStatus: "CREATE_COMPLETE"}
			out.StackResourceSummaries = append(out.StackResourceSummaries, r)
		}
		return out, ""
	case *rds.DescribeDBInstancesInput:
		if a.instance == nil {
			return nil, "DBInstanceNotFound"
		}
		return &rds.DescribeDBInstancesOutput{DBInstances: []rdstypes.DBInstance{*a.instance}}, ""
	case *rds.DescribeDBClustersInput:
		if a.cluster == nil {
			return nil, "DBClusterNotFoundFault"
		}
		return &rds.DescribeDBClustersOutput{DBClusters: []rdstypes.DBCluster{*a.cluster}}, ""
	case *rds.DescribeExportTasksInput:
		out := &rds.DescribeExportTasksOutput{}
		if in.Filters[0].Values[0] == "in_progress" {
			out.ExportTasks = make([]rdstypes.ExportTask, a.exports)
		}
		return out, ""
	case *servicequotas.GetServiceQuotaInput:
		return nil, "NoSuchResourceException" // the account has the default quota
	case *sns.ListSubscriptionsByTopicInput:
		ann := snstypes.Subscription{Endpoint: aws.String("ann@example.com"), SubscriptionArn: &a.subscription}
		return &sns.ListSubscriptionsByTopicOutput{Subscriptions: []snstypes.Subscription{ann}}, ""
	case *kms.DescribeKeyInput:
		switch *in.KeyId {
		case rdsKeyARN:
			return &kms.DescribeKeyOutput{KeyMetadata: &kmstypes.KeyMetadata{Arn: in.KeyId, KeyState: a.databaseKey}}, ""
		case glueKeyARN:
			return &kms.DescribeKeyOutput{KeyMetadata: a.catalogKey}, ""
		}
		return &kms.DescribeKeyOutput{KeyMetadata: &a.key}, ""
	case *kms.GetKeyPolicyInput:
		return &kms.GetKeyPolicyOutput{Policy: &a.keyPolicy}, ""
	}
	if output, code := a.respondOnBucket(input); output != nil || code != "" {
		return output, code
	}
	return a.respondOnCatalog(input)
}

func (a *account) respondOnBucket(input any) (output any, code string) {
	switch input.(type) {
	case *s3.HeadBucketInput:
		if a.bucketRegion == "" {
			return nil, "NotFound"
		}
		return &s3.HeadBucketOutput{BucketRegion: &a.bucketRegion}, ""
	case *s3.GetBucketPolicyInput:
		return nil, a.bucketError
	case *s3.GetBucketVersioningInput:
		return &s3.GetBucketVersioningOutput{Status: a.versioning}, ""
	case *s3.GetBucketLifecycleConfigurationInput:
		if len(a.lifecycle) == 0 {
			return nil, "NoSuchLifecycleConfiguration"
		}
		return &s3.GetBucketLifecycleConfigurationOutput{Rules: a.lifecycle}, ""
	case *s3.GetPublicAccessBlockInput:
		on := aws.Bool(true)
		block := s3types.PublicAccessBlockConfiguration{
			BlockPublicAcls: on, IgnorePublicAcls: on, BlockPublicPolicy: aws.Bool(!a.isPublic), RestrictPublicBuckets: on,
		}
		return &s3.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: &block}, ""
	}
	return nil, ""
}

func (a *account) respondOnCatalog(input any) (output any, code string) {
	switch in := input.(type) {
	case *glue.ListCrawlersInput:
		return &glue.ListCrawlersOutput{CrawlerNames: make([]string, a.crawlers)}, ""
	case *glue.GetCrawlerInput:
		state := gluetypes.CrawlerStateReady
		if *in.Name == "lake-shop" {
			state = a.crawling
		}
		return &glue.GetCrawlerOutput{Crawler: &gluetypes.Crawler{State: state}}, ""
	case *glue.GetDatabaseInput:
		if !slices.Contains(a.databases, *in.Name) {
			return nil, "EntityNotFoundException"
		}
		return &glue.GetDatabaseOutput{}, ""
	case *glue.GetDataCatalogEncryptionSettingsInput:
		at := &gluetypes.EncryptionAtRest{CatalogEncryptionMode: gluetypes.CatalogEncryptionModeDisabled}
		if a.catalogKey != nil {
			at = &gluetypes.EncryptionAtRest{CatalogEncryptionMode: gluetypes.CatalogEncryptionModeSsekms, SseAwsKmsKeyId: a.catalogKey.Arn}
		}
		settings := gluetypes.DataCatalogEncryptionSettings{EncryptionAtRest: at}
		return &glue.GetDataCatalogEncryptionSettingsOutput{DataCatalogEncryptionSettings: &settings}, ""
	case *lakeformation.GetDataLakeSettingsInput:
		settings := &laketypes.DataLakeSettings{}
		if !a.governed {
			settings.CreateDatabaseDefaultPermissions = make([]laketypes.PrincipalPermissions, 1)
		}
		for _, arn := range a.administrators {
			settings.DataLakeAdmins = append(settings.DataLakeAdmins, laketypes.DataLakePrincipal{DataLakePrincipalIdentifier: &arn})
		}
		return &lakeformation.GetDataLakeSettingsOutput{DataLakeSettings: settings}, ""
	case *lakeformation.ListPermissionsInput:
		return a.permissions(in)
	}
	panic(fmt.Sprintf("no response for %T", input))
}

func (a *account) permissions(in *lakeformation.ListPermissionsInput) (output any, code string) {
	database := ""
	if in.Resource.Database != nil {
		if database = *in.Resource.Database.Name; !slices.Contains(a.databases, database) {
			return nil, "EntityNotFoundException"
		}
	}
	out := &lakeformation.ListPermissionsOutput{}
	for _, g := range a.grants[database] {
		principal, permissions, _ := strings.Cut(g, " ")
		if principal != *in.Principal.DataLakePrincipalIdentifier {
			continue
		}
		granted := laketypes.PrincipalResourcePermissions{Principal: in.Principal}
		for permission := range strings.SplitSeq(permissions, " ") {
			granted.Permissions = append(granted.Permissions, laketypes.Permission(permission))
		}
		out.PrincipalResourcePermissions = append(out.PrincipalResourcePermissions, granted)
	}
	return out, ""
}
