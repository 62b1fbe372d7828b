// Package wire is what the emulated services share of AWS's protocols: errors, the JSON protocol, the Query protocol, and
// telling from a signature which service a request is for and who asks.
package wire

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"strings"
	"time"
)

// Error is an AWS service's error answer.
type Error struct {
	// Code as AWS sends it, which is not always the Go type's name: ExportTaskAlreadyExists, EntityNotFoundException.
	Code    string
	Message string
	// Status is the HTTP status; 0 means 400.
	Status int
	// Fields are members that this error has besides these, in the JSON protocol: "Reason".
	Fields map[string]string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// HTTPStatus is Status, or 400 where there is none.
func (e *Error) HTTPStatus() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// Errorf makes an Error with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Refusal is the error of a caller who may not make the call. Its text is IAM's; each protocol has its own code for it.
type Refusal interface {
	error
	// Refused tells it from all other errors, and does nothing.
	Refused()
}

// AsError is err as an answer to the client: itself when it is an Error, AccessDeniedException for a [Refusal], which is what
// the services of the JSON protocol call it, else AWS's InternalFailure with its text.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if r, ok := errors.AsType[Refusal](err); ok {
		return &Error{Code: "AccessDeniedException", Message: r.Error()}
	}
	return &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
}

// Time is a time as the JSON protocol writes it: seconds since 1970 with milliseconds.
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

// NewRequestID returns a request identifier in the form of a UUID.
func NewRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// Scope tells from a request's signature (Signature Version 4, in the header or in the query of a presigned URL) who signed
// it and for which service: the access key ID and the signing name ("rds", "s3", "states").
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

// Operation answers one call of the JSON protocol.
type Operation func(ctx context.Context, body []byte) (any, error)

// JSON makes an Operation of a function on decoded values. A parameter that In does not have is refused by name: an emulated
// service never ignores what it was asked.
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
	// Target is what X-Amz-Target begins with: "AWSGlue".
	Target string
	// Version of the protocol: "1.0" or "1.1".
	Version    string
	Operations map[string]Operation
}

// maxBody is above every limit of the services' own; it keeps a broken client from filling the memory.
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
		panic(fmt.Sprintf("%s: encode the answer: %v", s.Target, err)) // a bug of ours: the types are ours
	}
	_, _ = w.Write(b) // the client has gone: nobody is left to tell
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

// AnswerREST writes an answer, or the error, in AWS's REST protocol with JSON.
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
	_ = json.NewEncoder(w).Encode(answer) // fails only when the client has gone
}
