package s3

import (
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

// operations maps the method, the kind of resource in the path, and the subresource in the query to the operation. S3 requests do not
// contain the name of the operation.
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

func read(r *http.Request) request {
	q := request{query: r.URL.Query()}
	q.bucket, q.key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case q.bucket == "":
		q.described = r.Method + " service"
	case q.key == "":
		q.described = r.Method + " bucket"
	default:
		q.described = r.Method + " object"
	}
	// A parameter that is not in this list is a subresource, which selects another operation.
	options := []string{"prefix", "delimiter", "max-keys", "start-after", "continuation-token", "encoding-type", "fetch-owner", "x-id"}
	var subresources []string
	for name := range q.query {
		if !slices.Contains(options, name) && !strings.HasPrefix(name, "X-Amz-") && !strings.HasPrefix(name, "response-") {
			subresources = append(subresources, "?"+name)
		}
	}
	slices.Sort(subresources)
	q.described += strings.Join(subresources, "")
	for name := range r.Header {
		if isRefused(r.Method, name) {
			q.described += " with the header " + name
		}
	}
	q.operation = operations[q.described]
	return q
}

// isRefused reports whether the local S3 refuses a header. It refuses headers that change a request's effect or required permissions.
func isRefused(method, header string) bool {
	return method == http.MethodPut && strings.HasPrefix(header, "If-") || slices.ContainsFunc([]string{
		"X-Amz-Acl", "X-Amz-Copy-Source", "X-Amz-Grant-", "X-Amz-Object-Lock-", "X-Amz-Server-Side-Encryption", "X-Amz-Tagging",
	}, func(prefix string) bool { return strings.HasPrefix(header, prefix) })
}

// OperationOf returns the name of a request's operation, for example "ListObjectsV2". For an operation that is not supported, it returns
// a description, for example "GET object?acl".
func OperationOf(r *http.Request) string {
	q := read(r)
	if q.name == "" {
		return q.described
	}
	return q.name
}
