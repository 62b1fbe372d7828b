package fault

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// operation describes an AWS operation that the functions call.
type operation struct {
	name  string // with the service's signing name, for example "rds.DescribeExportTasks"
	extra []Kind // kinds from someCalls
	codes []Kind // documented error codes
}

// listKinds holds the additional fault kinds for operations that return a list.
var listKinds = []Kind{Stale, EmptyPage}

// operations lists the supported operations with the error codes from the services' API models, except for internal errors.
var operations = []operation{
	{"rds.DescribeDBInstances", listKinds, []Kind{"DBInstanceNotFound"}},
	{"rds.DescribeDBClusters", listKinds, []Kind{"DBClusterNotFoundFault"}},
	{"rds.DescribeDBSnapshots", listKinds, []Kind{"DBSnapshotNotFound"}},
	{"rds.DescribeDBClusterSnapshots", listKinds, []Kind{"DBClusterSnapshotNotFoundFault"}},
	{"rds.DescribeExportTasks", listKinds, []Kind{"ExportTaskNotFound"}},
	{"rds.StartExportTask", nil, []Kind{
		"DBClusterNotFoundFault", "DBClusterSnapshotNotFoundFault", "DBSnapshotNotFound", "ExportTaskAlreadyExists",
		"ExportTaskLimitReachedFault", "IamRoleMissingPermissions", "IamRoleNotFound", "InvalidExportOnly", "InvalidExportSourceState",
		"InvalidS3BucketFault", "KMSKeyNotAccessibleFault",
	}},
	{"glue.GetCrawler", []Kind{Stale, Stopping}, []Kind{"EntityNotFoundException", "OperationTimeoutException"}},
	{"glue.UpdateCrawler", nil, []Kind{
		"CrawlerRunningException", "EntityNotFoundException", "InvalidInputException", "OperationTimeoutException", "VersionMismatchException",
	}},
	{"glue.StartCrawler", nil, []Kind{"CrawlerRunningException", "EntityNotFoundException", "OperationTimeoutException"}},
	{"glue.GetTables", listKinds, []Kind{
		"EntityNotFoundException", "FederationSourceException", "FederationSourceRetryableException", "GlueEncryptionException",
		"InvalidInputException", "OperationTimeoutException",
	}},
	{"glue.GetTableVersions", listKinds, []Kind{
		"EntityNotFoundException", "GlueEncryptionException", "InvalidInputException", "OperationTimeoutException",
	}},
	{"glue.BatchDeleteTableVersion", nil, []Kind{"EntityNotFoundException", "InvalidInputException", "OperationTimeoutException"}},
	{"glue.BatchDeleteTable", nil, []Kind{
		"EntityNotFoundException", "GlueEncryptionException", "InvalidInputException", "OperationTimeoutException", "ResourceNotReadyException",
	}},
	{"athena.StartQueryExecution", nil, []Kind{"InvalidRequestException", "TooManyRequestsException"}},
	{"athena.GetQueryExecution", nil, []Kind{"InvalidRequestException"}},
	{"athena.GetQueryResults", nil, []Kind{"InvalidRequestException", "TooManyRequestsException"}},
	{"s3.ListObjectsV2", []Kind{EmptyPage}, []Kind{"NoSuchBucket"}}, // never stale (S3 guide, "Amazon S3 data consistency model")
	{"s3.GetObject", nil, []Kind{"InvalidObjectState", "NoSuchKey"}},
	{"s3.PutObject", nil, []Kind{"EncryptionTypeMismatch", "InvalidRequest", "InvalidWriteOffset", "TooManyParts"}},
	{"s3.DeleteObjects", nil, nil},
	{"states.DescribeExecution", nil, []Kind{
		"ExecutionDoesNotExist", "InvalidArn", "KmsAccessDeniedException", "KmsInvalidStateException", "KmsThrottlingException",
	}},
	{"states.GetExecutionHistory", listKinds, []Kind{
		"ExecutionDoesNotExist", "InvalidArn", "InvalidToken", "KmsAccessDeniedException", "KmsInvalidStateException", "KmsThrottlingException",
	}},
	{"sns.Publish", nil, []Kind{
		"AuthorizationError", "EndpointDisabled", "InvalidParameter", "InvalidSecurity", "KMSAccessDenied", "KMSDisabled", "KMSInvalidState",
		"KMSNotFound", "KMSOptInRequired", "KMSThrottling", "NotFound", "ParameterValueInvalid", "PlatformApplicationDisabled",
		"ValidationException",
	}},
}

// statuses maps error codes to HTTP statuses, according to the services' API models. Other error codes have the status 400.
var statuses = map[Kind]int{
	"AuthorizationError":             http.StatusForbidden,
	"DBClusterNotFoundFault":         http.StatusNotFound,
	"DBClusterSnapshotNotFoundFault": http.StatusNotFound,
	"DBInstanceNotFound":             http.StatusNotFound,
	"DBSnapshotNotFound":             http.StatusNotFound,
	"ExportTaskNotFound":             http.StatusNotFound,
	"IamRoleNotFound":                http.StatusNotFound,
	"InvalidObjectState":             http.StatusForbidden,
	"InvalidSecurity":                http.StatusForbidden,
	"KMSOptInRequired":               http.StatusForbidden,
	"NoSuchBucket":                   http.StatusNotFound,
	"NoSuchKey":                      http.StatusNotFound,
	"NotFound":                       http.StatusNotFound,
}

// Status returns the HTTP status of an error code.
func (k Kind) Status() int { return cmp.Or(statuses[k], http.StatusBadRequest) }

// KindsOf returns the kinds that a call supports, or nil if no function makes it. The parameter service is a signing name.
func KindsOf(service, name string) []Kind {
	for _, o := range operations {
		if o.name == service+"."+name {
			return slices.Concat(kindsIn(anyCall), o.extra, o.codes)
		}
	}
	return nil
}

func kindsIn(choices []choice) []Kind {
	kinds := make([]Kind, len(choices))
	for i, c := range choices {
		kinds[i] = c.kind
	}
	return kinds
}

// functions lists the targets that are functions.
var functions = []string{
	"lambda.FindSnapshot", "lambda.StartExport", "lambda.CheckExport", "lambda.StartCrawler", "lambda.CheckCrawler", "lambda.CreateViews",
	"lambda.Prune", "lambda.Notify",
}

// targets returns all targets except views, which can have any name.
func targets() []string {
	var all []string
	for _, o := range operations {
		all = append(all, o.name)
	}
	return append(append(all, functions...), export, crawl, informationColumns)
}

// These targets are neither calls nor functions.
const (
	export = "export"
	crawl  = "crawl"
	view   = "view:" // followed by the view's name

	informationColumns = "information_schema.columns"
)

// kindsOf returns the kinds that a target supports.
func kindsOf(target string) []Kind {
	if kinds, ok := map[string][]choice{export: exports, crawl: crawls, informationColumns: columns}[target]; ok {
		return kindsIn(kinds)
	}
	switch service, name, _ := strings.Cut(target, "."); {
	case strings.HasPrefix(target, view):
		return kindsIn(views)
	case service == "lambda":
		return kindsIn(invocations)
	default:
		return KindsOf(service, name)
	}
}
