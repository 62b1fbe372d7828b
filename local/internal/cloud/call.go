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
