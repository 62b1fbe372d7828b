package s3

import (
	"io"
	"net/http"

	"snaplake/local/internal/wire"
)

// KeepVersions makes a bucket one that keeps versions, with the rules of a LifecycleConfiguration, in XML. It is only shown here: nothing
// can be changed in it.
func (s *Store) KeepVersions(bucket, rules string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lifecycles[bucket] = rules
}

func (s *Store) keepsVersions(bucket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, keeps := s.lifecycles[bucket]
	return keeps
}

// serveVersions answers GetBucketVersioning and GetBucketLifecycleConfiguration.
func (s *Store) serveVersions(w http.ResponseWriter, q request) {
	s.mu.Lock()
	rules, keeps := s.lifecycles[q.bucket]
	s.mu.Unlock()
	answer := ""
	switch {
	case !s.Exists(q.bucket):
		refuse(w, &wire.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: http.StatusNotFound})
		return
	case q.operation == "GET bucket?versioning" && keeps:
		answer = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
	case q.operation == "GET bucket?versioning":
		answer = "<VersioningConfiguration/>"
	case q.operation == "GET bucket?lifecycle" && rules != "":
		answer = "<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>"
	case q.operation == "GET bucket?lifecycle":
		refuse(w, &wire.Error{Code: "NoSuchLifecycleConfiguration", Message: "The lifecycle configuration does not exist", Status: http.StatusNotFound})
		return
	default:
		refuse(w, notKnown(q.operation))
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, answer) // fails only when the client has gone
}
