package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/johannesboyne/gofakes3"

	"snaplake/local/internal/wire"
)

// maxDelete is the maximum size of a DeleteObjects request in bytes. Even a request with 1,000 keys, the maximum, is smaller.
const maxDelete = 4 << 20

// deleteObjects serves DeleteObjects. The response has an error for each key that cannot be deleted or that the caller may not delete.
func (s *Store) deleteObjects(w http.ResponseWriter, r *http.Request, bucket string) {
	var request gofakes3.DeleteRequest
	if err := xml.NewDecoder(http.MaxBytesReader(w, r.Body, maxDelete)).Decode(&request); err != nil {
		refuse(w, wire.Errorf("MalformedXML", "read the keys to delete: %v", err))
		return
	}
	if !s.Exists(bucket) {
		refuse(w, &wire.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: http.StatusNotFound})
		return
	}
	var result gofakes3.MultiDeleteResult
	for _, o := range request.Objects {
		err := s.MayDelete(r.Context(), bucket, o.Key)
		if err == nil {
			_, err = s.backend.DeleteObject(bucket, o.Key)
		}
		switch {
		case err != nil:
			e := asError(err)
			result.Error = append(result.Error, gofakes3.ErrorResult{Key: o.Key, Code: gofakes3.ErrorCode(e.Code), Message: e.Message})
		case !request.Quiet:
			result.Deleted = append(result.Deleted, gofakes3.ObjectID{Key: o.Key})
		}
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(result) // fails only if the client has disconnected
}
