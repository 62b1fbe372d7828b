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

// ServeHTTP speaks S3's protocol, with the bucket in the path.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, err := read(r)
	if err == nil {
		err = s.check(r.Context(), q)
	}
	switch {
	case err != nil:
		refuse(w, err)
	case q.operation == "GET bucket?versioning", q.operation == "GET bucket?lifecycle", q.operation == "GET bucket?publicAccessBlock":
		s.serveConfiguration(w, q)
	case q.operation == "POST bucket?delete":
		s.deleteObjects(w, r, q.bucket)
	case q.operation == "GET bucket?policy":
		s.servePolicy(w, q.bucket)
	default:
		if q.operation == "HEAD bucket" {
			s.showRegion(w)
		}
		s.http.ServeHTTP(withoutCORS{w}, r)
	}
}

// withoutCORS drops the header with which gofakes3 allows web pages of every origin to read its answers. gofakes3 sets it before all
// others.
type withoutCORS struct{ http.ResponseWriter }

// Header is that of an [http.ResponseWriter].
func (w withoutCORS) Header() http.Header {
	header := w.ResponseWriter.Header()
	header.Del("Access-Control-Allow-Origin")
	return header
}

// refuse answers with S3's error document.
func refuse(w http.ResponseWriter, err error) {
	e := asError(err)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.HTTPStatus())
	_ = xml.NewEncoder(w).Encode(gofakes3.ErrorResponse{ // fails only when the client has gone, or for want of a body after HEAD
		Code: gofakes3.ErrorCode(e.Code), Message: e.Message, RequestID: wire.NewRequestID(),
	})
}

// asError is err as S3 words it. Of all services S3 alone puts the resource of a refusal into quotes.
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
