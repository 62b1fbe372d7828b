package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/johannesboyne/gofakes3"

	"snaplake/local/internal/wire"
)

// maxDelete is above the size of the thousand keys that DeleteObjects takes.
const maxDelete = 4 << 20

// deleteObjects answers DeleteObjects. A key that the caller may not delete becomes an error in the answer, and the others are
// deleted.
func (s *Store) deleteObjects(w http.ResponseWriter, r *http.Request, bucket string) {
	var asked gofakes3.DeleteRequest
	if err := xml.NewDecoder(http.MaxBytesReader(w, r.Body, maxDelete)).Decode(&asked); err != nil {
		refuse(w, wire.Errorf("MalformedXML", "read the keys to delete: %v", err))
		return
	}
	var keys []string
	var refused []gofakes3.ErrorResult
	for _, o := range asked.Objects {
		err := checkName(o.Key)
		if err == nil {
			err = s.MayDelete(r.Context(), bucket, o.Key)
		}
		if err != nil {
			e := asError(err)
			refused = append(refused, gofakes3.ErrorResult{Key: o.Key, Code: gofakes3.ErrorCode(e.Code), Message: e.Message})
			continue
		}
		keys = append(keys, o.Key)
	}
	result, err := s.backend.DeleteMulti(bucket, keys...)
	if gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchBucket) {
		err = &wire.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: http.StatusNotFound}
	}
	if err != nil {
		refuse(w, err)
		return
	}
	result.Error = append(result.Error, refused...)
	if asked.Quiet {
		result.Deleted = nil
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(result) // fails only when the client has gone
}
