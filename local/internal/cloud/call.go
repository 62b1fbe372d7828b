package cloud

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/s3"
)

// Call is an API call to an AWS service.
type Call struct {
	// Service is the signing name, for example "rds". Operation is the name in the API, for example "DescribeExportTasks", or the HTTP
	// method and path if the request does not contain the name.
	Service, Operation string
	// Role is the name of the caller's role, or "" for the operator.
	Role string
	// Fault is the fault that was injected into the call.
	Fault fault.Kind
	// Status is the HTTP status, or 0 if no response was sent.
	Status int
}

// operationOf returns the operation of a request.
func operationOf(service string, r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	if service == "s3" {
		return s3.OperationOf(r)
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

func s3Path(r *http.Request) (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return bucket, key
}

// formOf parses the form in the body of a request. It returns nil for an invalid form, which the service rejects. The service can still
// read the body.
func formOf(r *http.Request) url.Values {
	form, err := url.ParseQuery(string(bodyOf(r)))
	if err != nil {
		return nil
	}
	return form
}

// maxBody is the maximum number of bytes that bodyOf reads. It exceeds the limits of all services, which reject longer bodies themselves.
const maxBody = 17 << 20

// bodyOf reads the body of a request. The service can still read the body.
func bodyOf(r *http.Request) []byte {
	b, _ := io.ReadAll(io.LimitReader(r.Body, maxBody)) // the service receives the same error when it reads the body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(b), r.Body), r.Body}
	return b
}

// setBody replaces the body of a request.
func setBody(r *http.Request, b []byte) {
	r.Body = io.NopCloser(bytes.NewReader(b))
	r.ContentLength = int64(len(b))
}
