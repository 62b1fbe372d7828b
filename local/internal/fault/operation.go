package fault

import (
	"net/http"
	"slices"
	"strings"
)

// operation is one that the functions call.
type operation struct {
	name  string // by the signing name of its service: "rds.DescribeExportTasks"
	extra []Kind // the generic kinds that fit it, besides those of any call
	codes []Kind // that it documents
}

// What lists, and only lists, can be.
var list = []Kind{Stale, EmptyPage}

// operations have the codes of the services' API models, which the SDKs are made from; ExportTaskLimitReachedFault is in none.
// Where a model has the service's internal error as well, that is the kind 5xx.
var operations = []operation{
	{"rds.DescribeDBInstances", list, []Kind{"DBInstanceNotFound"}},
	{"rds.DescribeDBClusters", list, []Kind{"DBClusterNotFoundFault"}},
	{"rds.DescribeDBSnapshots", list, []Kind{"DBSnapshotNotFound"}},
	{"rds.DescribeDBClusterSnapshots", list, []Kind{"DBClusterSnapshotNotFoundFault"}},
	{"rds.DescribeExportTasks", list, []Kind{"ExportTaskNotFound"}},
	{"rds.StartExportTask", nil, []Kind{
		"DBClusterNotFoundFault", "DBClusterSnapshotNotFoundFault", "DBSnapshotNotFound", "ExportTaskAlreadyExists", "ExportTaskLimitReachedFault",
		"IamRoleMissingPermissions", "IamRoleNotFound", "InvalidExportOnly", "InvalidExportSourceState", "InvalidS3BucketFault", "KMSKeyNotAccessibleFault",
	}},
	{"glue.GetCrawler", []Kind{Stale, Stopping}, []Kind{"EntityNotFoundException", "OperationTimeoutException"}},
	{"glue.UpdateCrawler", nil, []Kind{
		"CrawlerRunningException", "EntityNotFoundException", "InvalidInputException", "OperationTimeoutException", "VersionMismatchException",
	}},
	{"glue.StartCrawler", nil, []Kind{"CrawlerRunningException", "EntityNotFoundException", "OperationTimeoutException"}},
	{"glue.GetTables", list, []Kind{
		"EntityNotFoundException", "FederationSourceException", "FederationSourceRetryableException", "GlueEncryptionException",
		"InvalidInputException", "OperationTimeoutException",
	}},
	{"glue.GetTableVersions", list, []Kind{"EntityNotFoundException", "GlueEncryptionException", "InvalidInputException", "OperationTimeoutException"}},
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
	{"states.GetExecutionHistory", list, []Kind{
		"ExecutionDoesNotExist", "InvalidArn", "InvalidToken", "KmsAccessDeniedException", "KmsInvalidStateException", "KmsThrottlingException",
	}},
	{"sns.Publish", nil, []Kind{
		"AuthorizationError", "EndpointDisabled", "InvalidParameter", "InvalidSecurity", "KMSAccessDenied", "KMSDisabled", "KMSInvalidState",
		"KMSNotFound", "KMSOptInRequired", "KMSThrottling", "NotFound", "ParameterValueInvalid", "PlatformApplicationDisabled", "ValidationException",
	}},
}

// statuses are the HTTP statuses of codes where they are not 400, from the same models.
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

// Status is the HTTP status of an error code that an operation documents.
func (k Kind) Status() int {
	if status, ok := statuses[k]; ok {
		return status
	}
	return http.StatusBadRequest
}

// KindsOf are the kinds that fit a call, by the service's signing name: the generic ones, then the error codes that the operation
// documents. Nil means that no function makes this call, and that nothing can be planned for it.
func KindsOf(service, name string) []Kind {
	i := slices.IndexFunc(operations, func(o operation) bool { return o.name == service+"."+name })
	if i < 0 {
		return nil
	}
	return operations[i].kinds()
}

func (o operation) kinds() []Kind { return slices.Concat(kindsIn(anyCall), o.extra, o.codes) }

func kindsIn(choices []choice) []Kind {
	kinds := make([]Kind, len(choices))
	for i, c := range choices {
		kinds[i] = c.kind
	}
	return kinds
}

// functions are the targets of invocations.
var functions = []string{
	"lambda.FindSnapshot", "lambda.StartExport", "lambda.CheckExport", "lambda.StartCrawler", "lambda.CheckCrawler", "lambda.CreateViews", "lambda.Prune", "lambda.Notify",
}

// targets are the names of all that faults can be planned for, but for views, which have any name.
func targets() []string {
	var all []string
	for _, o := range operations {
		all = append(all, o.name)
	}
	return append(append(all, functions...), export, crawl)
}

// The targets that are no calls.
const (
	export = "export"
	crawl  = "crawl"
	view   = "view:" // and the view's name
)

// kindsOf are the kinds that fit a target.
func kindsOf(target string) []Kind {
	switch service, name, _ := strings.Cut(target, "."); {
	case target == export:
		return kindsIn(exports)
	case target == crawl:
		return kindsIn(crawls)
	case strings.HasPrefix(target, view):
		return kindsIn(views)
	case service == "lambda":
		return kindsIn(invocations)
	default:
		return KindsOf(service, name)
	}
}
