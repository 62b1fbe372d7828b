// Package wire has AWS's protocols, which the local services share: errors, the JSON, REST and Query protocols, and the scope of a
// signature. It has the members of requests and responses that the clients of this project use, and refuses an unknown parameter by
// name, so that a service never ignores one.
package wire

import (
	"bytes"
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
)

// Error is an AWS service's error answer.
type Error struct {
	// Code is the code that AWS sends. It is not always the name of the SDK's type, for example ExportTaskAlreadyExists.
	Code    string
	Message string
	// Status is the HTTP status; 0 means 400.
	Status int
	// Fields are further members of the error in the JSON protocol, for example "Reason".
	Fields map[string]string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// HTTPStatus returns Status, or 400 when it is 0.
func (e *Error) HTTPStatus() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// Errorf returns an Error with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Refusal is the error of a caller without permission. Its text is IAM's, and each protocol has a code for it.
type Refusal interface {
	error
	// Refused marks the type as a Refusal. It does nothing.
	Refused()
}

// AsError returns an Error as it is, AccessDeniedException for a [Refusal], as in the JSON protocol, and InternalFailure with the text
// of any other error.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if r, ok := errors.AsType[Refusal](err); ok {
		return &Error{Code: "AccessDeniedException", Message: r.Error()}
	}
	return &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
}

// Time is a time in the form of the JSON protocol: seconds since 1970 with milliseconds.
type Time time.Time

// MarshalJSON writes a number.
func (t Time) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", float64(time.Time(t).UnixMilli())/1000), nil
}

// UnmarshalJSON reads a number.
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

// Scope returns the access key ID and the signing name, for example "rds", "s3" or "states", of a request's signature. A signature
// (Signature Version 4) is in the header, or in the query of a presigned URL.
func Scope(r *http.Request) (accessKeyID, service string, ok bool) {
	credential := r.URL.Query().Get("X-Amz-Credential")
	if _, after, found := strings.Cut(r.Header.Get("Authorization"), "Credential="); found {
		credential, _, _ = strings.Cut(after, ",")
	}
	parts := strings.Split(credential, "/") // KEY/20261121/region/service/aws4_request
	if len(parts) < 5 {
		return "", "", false
	}
	n := len(parts)
	return strings.Join(parts[:n-4], "/"), parts[n-2], true
}

// Operation answers a call in the JSON protocol.
type Operation func(ctx context.Context, body []byte) (any, error)

// JSON returns an Operation for a function on decoded values. It refuses a parameter that In does not have.
func JSON[In, Out any](f func(context.Context, In) (Out, error)) Operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if len(bytes.TrimSpace(body)) > 0 {
			d := json.NewDecoder(bytes.NewReader(body))
			d.DisallowUnknownFields()
			if err := d.Decode(&in); err != nil {
				return nil, Errorf("SerializationException", "the local AWS does not take this request: %v", err)
			}
		}
		return f(ctx, in)
	}
}

// JSONService serves operations in AWS's JSON protocol.
type JSONService struct {
	// Target is the prefix of X-Amz-Target, for example "AWSGlue".
	Target string
	// Version of the protocol: "1.0" or "1.1".
	Version    string
	Operations map[string]Operation
}

// maxBody is above the limits of all services. It protects the memory from a broken client.
const maxBody = 16 << 20

func (s JSONService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-"+s.Version)
	w.Header().Set("X-Amzn-RequestId", NewRequestID())
	out, err := s.call(r)
	if err != nil {
		e := AsError(err)
		w.Header().Set("X-Amzn-ErrorType", e.Code)
		w.WriteHeader(e.HTTPStatus())
		body := map[string]string{"__type": e.Code, "message": e.Message}
		maps.Copy(body, e.Fields)
		out = body
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(fmt.Sprintf("%s: encode the answer: %v", s.Target, err)) // a bug
	}
	_, _ = w.Write(b) // fails only when the client is gone
}

func (s JSONService) call(r *http.Request) (any, error) {
	target := r.Header.Get("X-Amz-Target")
	name, ok := strings.CutPrefix(target, s.Target+".")
	op, known := s.Operations[name]
	if !ok || !known {
		return nil, Errorf("UnknownOperationException", "the local AWS does not have the operation %s", target)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, Errorf("SerializationException", "read the request: %v", err)
	}
	out, err := op(r.Context(), body)
	if err != nil {
		return nil, err
	}
	if out == nil {
		out = struct{}{}
	}
	return out, nil
}

// AnswerREST writes an answer or an error in AWS's REST protocol with JSON.
func AnswerREST(w http.ResponseWriter, answer any, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-RequestId", NewRequestID())
	if err != nil {
		e := AsError(err)
		if _, denied := errors.AsType[Refusal](err); denied {
			e.Status = http.StatusForbidden
		}
		w.Header().Set("X-Amzn-ErrorType", e.Code)
		w.WriteHeader(e.HTTPStatus())
		answer = map[string]string{"Message": e.Message}
	}
	_ = json.NewEncoder(w).Encode(answer) // fails only when the client is gone
}
