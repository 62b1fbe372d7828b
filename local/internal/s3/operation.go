package s3

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// operation is an operation that the local S3 supports.
type operation struct {
	name string
	// action is the required permission on the bucket or object (S3 guide, "Required permissions for Amazon S3 API operations").
	action string
}

// operations maps the method, the kind of resource in the path, and the subresource in the query to the operation.
var operations = map[string]operation{
	"HEAD bucket":                  {"HeadBucket", "s3:ListBucket"},
	"GET bucket?list-type":         {"ListObjectsV2", "s3:ListBucket"},
	"GET bucket?lifecycle":         {"GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
	"GET bucket?location":          {"GetBucketLocation", "s3:GetBucketLocation"},
	"GET bucket?policy":            {"GetBucketPolicy", "s3:GetBucketPolicy"},
	"GET bucket?publicAccessBlock": {"GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
	"GET bucket?versioning":        {"GetBucketVersioning", "s3:GetBucketVersioning"},
	"POST bucket?delete":           {"DeleteObjects", "s3:DeleteObject"},
	"GET object":                   {"GetObject", "s3:GetObject"},
	"HEAD object":                  {"HeadObject", "s3:GetObject"},
	"PUT object":                   {"PutObject", "s3:PutObject"},
	"DELETE object":                {"DeleteObject", "s3:DeleteObject"},
}

// request is a parsed S3 request.
type request struct {
	operation
	bucket, key string
	query       url.Values
	// described is the request's key in the map operations. Error messages use it to describe an unsupported request.
	described string
}

// isOption reports whether a query parameter is an option of the operations on a resource. Any other parameter selects another operation, or
// belongs to a presigned URL.
func isOption(resource, parameter string) bool {
	return parameter == "x-id" || resource == "GET bucket" && slices.Contains(listOptions, parameter)
}

var listOptions = []string{"continuation-token", "delimiter", "encoding-type", "max-keys", "prefix", "start-after"}

func read(r *http.Request) request {
	var q request
	var err error
	q.query, err = url.ParseQuery(r.URL.RawQuery)
	q.bucket, q.key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case q.bucket == "":
		q.described = r.Method + " service"
	case q.key == "":
		q.described = r.Method + " bucket"
	default:
		q.described = r.Method + " object"
	}
	resource := q.described
	for _, name := range slices.Sorted(maps.Keys(q.query)) {
		if !isOption(resource, name) {
			q.described += "?" + name
		}
	}
	if err != nil { // ParseQuery drops what it cannot parse, which could be a subresource
		q.described += "?" + r.URL.RawQuery
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if isRefused(operations[q.described].name, name, r.Header.Get(name)) {
			q.described += " with the header " + name
			break
		}
	}
	q.operation = operations[q.described]
	return q
}

// amzHeaders lists the X-Amz- headers that are not refused. Names that end with "-" are prefixes. X-Amz-Optional-Object-Attributes requests the
// restoration status of archived objects, of which the local S3 has none.
var amzHeaders = []string{
	"X-Amz-Api-Version", "X-Amz-Checksum-", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Decoded-Content-Length", "X-Amz-Meta-",
	"X-Amz-Optional-Object-Attributes", "X-Amz-Request-Payer", "X-Amz-Sdk-Checksum-Algorithm", "X-Amz-Security-Token", "X-Amz-Trailer", "X-Amz-User-Agent",
}

// isRefused reports whether an operation refuses a header, because ignoring the header would change the effect of the request.
func isRefused(operation, header, value string) bool {
	switch {
	case operation == "":
		return false // the request is refused anyway
	case header == "Range":
		return strings.Contains(value, ",") // S3 does not support several ranges
	case strings.HasPrefix(header, "If-"):
		return operation != "GetObject" && operation != "HeadObject"
	case slices.Contains([]string{"Cache-Control", "Content-Language", "Expires"}, header):
		return operation == "PutObject"
	}
	return strings.HasPrefix(header, "X-Amz-") && !slices.ContainsFunc(amzHeaders, func(known string) bool {
		return header == known || strings.HasSuffix(known, "-") && strings.HasPrefix(header, known)
	})
}

// OperationOf returns the name of a request's operation, or a description such as "GET object?acl" if the operation is not supported.
func OperationOf(r *http.Request) string {
	q := read(r)
	return cmp.Or(q.name, q.described)
}
