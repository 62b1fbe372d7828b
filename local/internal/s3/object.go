package s3

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

// overridePrefix begins the names of the query parameters that set headers of the response, for example response-content-type.
const overridePrefix = "response-"

// serveObject serves GetObject and HeadObject. Ranges and conditions have the same meaning as in HTTP.
func (s *Store) serveObject(w http.ResponseWriter, r *http.Request, q request) {
	f, info, err := s.backend.open(q.bucket, q.key)
	if err != nil {
		Refuse(w, err)
		return
	}
	defer f.Close()
	d, err := s.backend.describe(f.Name(), info)
	if err != nil {
		Refuse(w, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "binary/octet-stream")
	for name, value := range d.headers {
		header.Set(name, value)
	}
	for parameter, values := range q.query {
		if name, ok := strings.CutPrefix(parameter, overridePrefix); ok {
			header.Set(name, values[0])
		}
	}
	header.Set("Content-Length", strconv.FormatInt(info.Size(), 10)) // ServeContent sets it only if there is no Content-Encoding
	header.Set("ETag", gofakes3.FormatETag(d.hash))
	http.ServeContent(w, r, "", info.ModTime(), f)
}
