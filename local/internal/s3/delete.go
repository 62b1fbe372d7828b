package s3

import (
	"encoding/xml"
	"io"
	"net/http"

	"github.com/johannesboyne/gofakes3"

	"snaplake/local/internal/wire"
)

// maxDelete is the maximum size of a DeleteObjects request in bytes. Even a request with 1,000 keys, the maximum, is smaller.
const maxDelete = 4 << 20

// deleteObjects serves DeleteObjects. The response has an error for each key that cannot be deleted or that the caller may not delete.
func (s *Store) deleteObjects(w http.ResponseWriter, r *http.Request, bucket string) {
	request, err := readDelete(http.MaxBytesReader(w, r.Body, maxDelete))
	if err != nil {
		Refuse(w, err)
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

// deleteRequest is the part of a DeleteObjects request that the local S3 supports.
type deleteRequest struct {
	Quiet   bool
	Objects []struct {
		Key   string
		Other []struct{ XMLName xml.Name } `xml:",any"`
	} `xml:"Object"`
}

// readDelete reads a DeleteObjects request. It refuses the elements that delete a version or make the deletion conditional.
func readDelete(body io.Reader) (deleteRequest, error) {
	var request deleteRequest
	b, err := io.ReadAll(body)
	if err != nil {
		return request, err
	}
	if err := xml.Unmarshal(b, &request); err != nil {
		return request, wire.Errorf("MalformedXML", "read the keys to delete: %v", err)
	}
	for _, o := range request.Objects {
		for _, other := range o.Other {
			return request, notImplemented("element " + other.XMLName.Local + " of DeleteObjects")
		}
	}
	return request, nil
}
