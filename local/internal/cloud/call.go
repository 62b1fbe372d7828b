package cloud

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"snaplake/local/internal/fault"
)

// Call is one call of an AWS service.
type Call struct {
	// Service is the signing name: "rds". Operation as the API names it: "DescribeExportTasks". Where neither a header nor the form
	// names it, and it is not S3's, it is the method and the path.
	Service, Operation string
	// Role is the name of the role that makes the call; "" is the operator.
	Role string
	// Fault is what went wrong with it by plan.
	Fault fault.Kind
	// Status is that of the answer; 0 means that there was none.
	Status int
}

// operationOf tells which operation of a service a request is for.
func operationOf(service string, r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	if service == "s3" {
		return s3Operation(r)
	}
	if isForm(r) {
		if operation := formOf(r).Get("Action"); operation != "" {
			return operation
		}
	}
	return r.Method + " " + r.URL.Path
}

func isForm(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

// s3Operations are S3's by the method, what the path names, and the query parameter that makes it another operation.
var s3Operations = map[string]string{
	"GET service":            "ListBuckets",
	"HEAD bucket":            "HeadBucket",
	"PUT bucket":             "CreateBucket",
	"DELETE bucket":          "DeleteBucket",
	"GET bucket":             "ListObjects",
	"GET bucket?list-type":   "ListObjectsV2",
	"GET bucket?location":    "GetBucketLocation",
	"GET bucket?policy":      "GetBucketPolicy",
	"GET bucket?uploads":     "ListMultipartUploads",
	"POST bucket?delete":     "DeleteObjects",
	"GET object":             "GetObject",
	"GET object?uploadId":    "ListParts",
	"HEAD object":            "HeadObject",
	"PUT object":             "PutObject",
	"PUT object from object": "CopyObject",
	"PUT object?uploadId":    "UploadPart",
	"POST object?uploads":    "CreateMultipartUpload",
	"POST object?uploadId":   "CompleteMultipartUpload",
	"DELETE object":          "DeleteObject",
	"DELETE object?uploadId": "AbortMultipartUpload",
}

func s3Operation(r *http.Request) string {
	bucket, key := s3Path(r)
	told := r.Method
	switch {
	case bucket == "":
		told += " service"
	case key == "":
		told += " bucket"
	default:
		told += " object"
	}
	query := r.URL.Query()
	for _, name := range []string{"delete", "list-type", "location", "policy", "uploads", "uploadId"} {
		if query.Has(name) {
			told += "?" + name
		}
	}
	if r.Header.Get("X-Amz-Copy-Source") != "" {
		told += " from object"
	}
	if operation, known := s3Operations[told]; known {
		return operation
	}
	return told
}

func s3Path(r *http.Request) (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return bucket, key
}

// formOf reads a form, and leaves it for the service to read. What is not a form is the service's to refuse.
func formOf(r *http.Request) url.Values {
	form, err := url.ParseQuery(string(bodyOf(r)))
	if err != nil {
		return nil
	}
	return form
}

// maxBody is above every limit of the services' own; what is longer they refuse themselves.
const maxBody = 17 << 20

// bodyOf reads the body of a request, and leaves it for the service to read.
func bodyOf(r *http.Request) []byte {
	b, _ := io.ReadAll(io.LimitReader(r.Body, maxBody)) // the service meets the same error
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(b), r.Body), r.Body}
	return b
}

// setBody gives the service another body to read.
func setBody(r *http.Request, b []byte) {
	r.Body = io.NopCloser(bytes.NewReader(b))
	r.ContentLength = int64(len(b))
}
