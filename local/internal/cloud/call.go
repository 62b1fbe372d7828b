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
	// Service is the signing name, and Operation the name in the API, or the HTTP method and path if the request does not contain the name.
	Service, Operation string
	// Role is the name of the caller's role, or "" for the operator.
	Role string
	// Fault is the fault that was injected into the call.
	Fault fault.Kind
	// Status is the HTTP status, or 0 if no response was sent.
	Status int
}

// operationOf returns the name of the operation that a request calls.
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

// formOf parses the form in a request's body.
func formOf(r *http.Request) url.Values {
	form, _ := url.ParseQuery(string(bodyOf(r))) // the service rejects an invalid form
	return form
}

// maxBody is the maximum number of bytes that bodyOf reads. It exceeds the limits that the services enforce themselves.
const maxBody = 17 << 20

// bodyOf returns the body of a request, and leaves the body readable for the service.
func bodyOf(r *http.Request) []byte {
	b, _ := io.ReadAll(io.LimitReader(r.Body, maxBody)) // the service receives the same error when it reads the body
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(b), r.Body))
	return b
}

// setBody replaces the body of a request.
func setBody(r *http.Request, b []byte) {
	r.Body = io.NopCloser(bytes.NewReader(b))
	r.ContentLength = int64(len(b))
}
