// Package wire implements the parts of the AWS protocols that the local services share: error responses, the JSON, REST-JSON and Query
// protocols, and the scope of signatures. A request with an unknown parameter fails with an error that names the parameter.
package wire

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"snaplake/local/internal/iam"
)

// Error is the error response of an AWS service.
type Error struct {
	// Code is the error code in the response. It can differ from the name of the SDK's error type, as ExportTaskAlreadyExists does.
	Code    string
	Message string
	// Status is the HTTP status code; 0 means 400.
	Status int
	// Fields holds additional members of the error in the JSON protocol, for example "Reason".
	Fields map[string]string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// HTTPStatus returns Status, or 400 if Status is 0.
func (e *Error) HTTPStatus() int { return cmp.Or(e.Status, http.StatusBadRequest) }

// Errorf returns an Error with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// AsError converts err to an Error. An [*iam.Denied] becomes AccessDeniedException, as in the JSON protocol; other protocols have other
// codes. Any other error becomes InternalFailure.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if d, ok := errors.AsType[*iam.Denied](err); ok {
		return &Error{Code: "AccessDeniedException", Message: d.Error()}
	}
	return &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
}

// Time is a time that the JSON protocol encodes as seconds since the Unix epoch, with three decimal places.
type Time time.Time

// MarshalJSON encodes the time as a number of seconds.
func (t Time) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", float64(time.Time(t).UnixMilli())/1000), nil
}

// UnmarshalJSON decodes a number of seconds.
func (t *Time) UnmarshalJSON(b []byte) error {
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	*t = Time(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC())
	return nil
}

// NewRequestID returns a random UUID.
func NewRequestID() string { return uuid.NewString() }

// Scope extracts the access key ID and the service's signing name from the signature of a request.
func Scope(r *http.Request) (accessKeyID, service string, ok bool) {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	credential, _, _ = strings.Cut(credential, ",")
	parts := strings.Split(credential, "/") // KEY/20261121/region/service/aws4_request
	if len(parts) < 5 {
		return "", "", false
	}
	n := len(parts)
	return strings.Join(parts[:n-4], "/"), parts[n-2], true
}

// Operation handles a request in the JSON protocol.
type Operation func(ctx context.Context, body []byte) (any, error)

// JSON returns an Operation that decodes the request and calls f. A parameter that is not a field of In is an error.
func JSON[In, Out any](f func(context.Context, In) (Out, error)) Operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if len(bytes.TrimSpace(body)) > 0 {
			d := json.NewDecoder(bytes.NewReader(body))
			d.DisallowUnknownFields()
			if err := d.Decode(&in); err != nil {
				return nil, Errorf("SerializationException", "the local AWS cannot decode this request: %v", err)
			}
		}
		return f(ctx, in)
	}
}

// JSONService serves operations in AWS's JSON protocol.
type JSONService struct {
	// Target is the prefix of the X-Amz-Target header, for example "AWSGlue".
	Target string
	// Version is the protocol version, "1.0" or "1.1".
	Version    string
	Operations map[string]Operation
}

// maxBody is the maximum size of a request in bytes. It exceeds the limits of all services, and protects the server from a faulty client.
const maxBody = 16 << 20

func (s JSONService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := s.call(r)
	AnswerJSON(w, s.Version, out, err)
}

// AnswerJSON writes a response or an error in the given version of AWS's JSON protocol.
func AnswerJSON(w http.ResponseWriter, version string, answer any, err error) {
	w.Header().Set("Content-Type", "application/x-amz-json-"+version)
	w.Header().Set("X-Amzn-RequestId", NewRequestID())
	if err != nil {
		e := AsError(err)
		w.Header().Set("X-Amzn-ErrorType", e.Code)
		w.WriteHeader(e.HTTPStatus())
		body := map[string]string{"__type": e.Code, "message": e.Message}
		maps.Copy(body, e.Fields)
		answer = body
	}
	b, err := json.Marshal(answer)
	if err != nil {
		panic(fmt.Sprintf("encode the response: %v", err)) // programming error
	}
	_, _ = w.Write(b) // fails only if the client has disconnected
}

func (s JSONService) call(r *http.Request) (any, error) {
	target := r.Header.Get("X-Amz-Target")
	name, ok := strings.CutPrefix(target, s.Target+".")
	op, known := s.Operations[name]
	if !ok || !known {
		return nil, Errorf("UnknownOperationException", "the local AWS does not support the operation %s", target)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, Errorf("SerializationException", "read the request: %v", err)
	}
	out, err := op(r.Context(), body)
	if out == nil {
		out = struct{}{}
	}
	return out, err
}

// AnswerREST writes a response or an error in AWS's REST-JSON protocol.
func AnswerREST(w http.ResponseWriter, answer any, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-RequestId", NewRequestID())
	if err != nil {
		e := AsError(err)
		if _, denied := errors.AsType[*iam.Denied](err); denied {
			e.Status = http.StatusForbidden
		}
		w.Header().Set("X-Amzn-ErrorType", e.Code)
		w.WriteHeader(e.HTTPStatus())
		answer = map[string]string{"Message": e.Message}
	}
	_ = json.NewEncoder(w).Encode(answer) // fails only if the client has disconnected
}
