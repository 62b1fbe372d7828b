package s3

import (
	"net/http"
	"strconv"

	"github.com/johannesboyne/gofakes3"
)

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
	header.Set("Content-Length", strconv.FormatInt(info.Size(), 10)) // ServeContent sets it only if there is no Content-Encoding
	header.Set("ETag", gofakes3.FormatETag(d.hash))
	http.ServeContent(w, r, "", info.ModTime(), f)
}
