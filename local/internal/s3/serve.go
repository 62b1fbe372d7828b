package s3

import (
	"bytes"
	"encoding/xml"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/johannesboyne/gofakes3"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// ServeHTTP serves S3's protocol for path-style requests.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(requestID, wire.NewRequestID())
	q := read(r)
	if q.name == "" {
		Refuse(w, notImplemented("operation "+q.described))
		return
	}
	if !s.Exists(q.bucket) {
		Refuse(w, noSuchBucket())
		return
	}
	if err := s.check(r.Context(), q); err != nil {
		Refuse(w, err)
		return
	}
	a := &checked{ResponseWriter: w, requestID: w.Header().Get(requestID)}
	if slices.Contains([]string{"PutObject", "DeleteObjects"}, q.name) {
		var err error
		if a.sent, err = unwrap(r); err != nil {
			Refuse(w, err)
			return
		}
	}
	switch q.name {
	case "GetBucketVersioning", "GetBucketLifecycleConfiguration", "GetPublicAccessBlock", "GetBucketPolicy", "GetBucketLocation":
		s.serveConfiguration(w, q)
	case "GetObject", "HeadObject":
		s.serveObject(a, r, q)
	case "DeleteObjects":
		s.deleteObjects(a, r, q.bucket)
	default:
		if q.name == "HeadBucket" && s.Region != "" {
			w.Header().Set("X-Amz-Bucket-Region", s.Region)
		}
		s.http.ServeHTTP(a, r)
	}
	a.end()
}

// requestID is the header with which S3 identifies a request.
const requestID = "X-Amz-Request-Id"

// checked replaces the errors of gofakes3 and [http.ServeContent] with S3's error documents, which contain the request's ID.
type checked struct {
	http.ResponseWriter
	requestID string
	sent      *content // the body of the request, or nil
	status    int
	body      bytes.Buffer // the body of an error response
}

// Header removes gofakes3's header that lets web pages of any origin read responses, and restores the ID of the request.
func (c *checked) Header() http.Header {
	header := c.ResponseWriter.Header()
	header.Del("Access-Control-Allow-Origin")
	header.Set(requestID, c.requestID)
	return header
}

// WriteHeader sends the status unless it is an error.
func (c *checked) WriteHeader(status int) {
	if c.status = status; status < http.StatusBadRequest {
		c.Header()
		c.ResponseWriter.WriteHeader(status)
	}
}

func (c *checked) Write(b []byte) (int, error) {
	if c.status >= http.StatusBadRequest {
		return c.body.Write(b)
	}
	c.Header()
	return c.ResponseWriter.Write(b)
}

// end sends the error document if the response is an error.
func (c *checked) end() {
	var got gofakes3.ErrorResponse
	switch {
	case c.status < http.StatusBadRequest:
		c.Header()
		return
	case c.sent != nil && c.sent.failed != nil:
		Refuse(c.ResponseWriter, c.sent.failed)
		return
	case c.status == http.StatusPreconditionFailed:
		got.Code, got.Message = gofakes3.ErrPreconditionFailed, gofakes3.ErrPreconditionFailed.Message()
	case c.status == http.StatusRequestedRangeNotSatisfiable:
		got.Code, got.Message = gofakes3.ErrInvalidRange, "The requested range is not satisfiable"
	default:
		_ = xml.Unmarshal(c.body.Bytes(), &got) // the responses to HEAD have no body
	}
	for _, name := range []string{"Content-Length", "Content-Range", "Content-Encoding", "Etag", "Last-Modified"} {
		c.Header().Del(name)
	}
	Refuse(c.ResponseWriter, &wire.Error{Code: string(got.Code), Message: got.Message, Status: c.status})
}

func notImplemented(what string) *wire.Error {
	return &wire.Error{
		Code: "NotImplemented", Message: "the local S3 does not support the " + what, Status: http.StatusNotImplemented,
	}
}

// Refuse writes the error as an S3 error document.
func Refuse(w http.ResponseWriter, err error) {
	e := asError(err)
	if w.Header().Get(requestID) == "" {
		w.Header().Set(requestID, wire.NewRequestID())
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.HTTPStatus())
	_ = xml.NewEncoder(w).Encode(gofakes3.ErrorResponse{ // fails for HEAD, or if the client has disconnected
		Code: gofakes3.ErrorCode(e.Code), Message: e.Message, RequestID: w.Header().Get(requestID),
	})
}

// asError converts err to an S3 error. If access is denied, the message contains the resource in quotes, as in S3.
func asError(err error) *wire.Error {
	d, ok := errors.AsType[*iam.Denied](err)
	if !ok {
		return wire.AsError(err)
	}
	quoted := *d
	if strings.HasPrefix(d.Action, "s3:") {
		quoted.Resource = `"` + d.Resource + `"`
	}
	return &wire.Error{Code: "AccessDenied", Message: quoted.Error(), Status: http.StatusForbidden}
}
