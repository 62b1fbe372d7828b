package s3

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strings"

	"github.com/johannesboyne/gofakes3"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// ServeHTTP serves S3's protocol for path-style requests.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := read(r)
	if q.name == "" {
		refuse(w, &wire.Error{
			Code: "NotImplemented", Message: "the local S3 does not support the operation " + q.described,
			Status: http.StatusNotImplemented,
		})
		return
	}
	if err := s.check(r.Context(), q); err != nil {
		refuse(w, err)
		return
	}
	switch q.name {
	case "GetBucketVersioning", "GetBucketLifecycleConfiguration", "GetPublicAccessBlock", "GetBucketPolicy":
		s.serveConfiguration(w, q)
	case "DeleteObjects":
		s.deleteObjects(w, r, q.bucket)
	default:
		s.mu.Lock()
		if q.name == "HeadBucket" && s.region != "" {
			w.Header().Set("X-Amz-Bucket-Region", s.region)
		}
		s.mu.Unlock()
		s.http.ServeHTTP(withoutCORS{w}, r)
	}
}

// withoutCORS removes the header that gofakes3 sets to let web pages with any origin read responses. gofakes3 sets this header before all
// other headers.
type withoutCORS struct{ http.ResponseWriter }

// Header implements [http.ResponseWriter].
func (w withoutCORS) Header() http.Header {
	header := w.ResponseWriter.Header()
	header.Del("Access-Control-Allow-Origin")
	return header
}

// refuse writes the error as an S3 error document.
func refuse(w http.ResponseWriter, err error) {
	e := asError(err)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.HTTPStatus())
	_ = xml.NewEncoder(w).Encode(gofakes3.ErrorResponse{ // fails for HEAD, or if the client has disconnected
		Code: gofakes3.ErrorCode(e.Code), Message: e.Message, RequestID: wire.NewRequestID(),
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
