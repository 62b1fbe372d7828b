package s3

import (
	"io"
	"net/http"

	"snaplake/local/internal/wire"
)

// KeepVersions makes a bucket say that it keeps versions, and has these lifecycle rules, in XML. No version is kept here.
func (s *Store) KeepVersions(bucket, rules string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions[bucket] = rules
}

// serveConfiguration answers GetBucketVersioning, GetBucketLifecycleConfiguration and GetPublicAccessBlock. No bucket here is public.
func (s *Store) serveConfiguration(w http.ResponseWriter, q request) {
	s.mu.Lock()
	rules, keeps := s.versions[q.bucket]
	s.mu.Unlock()
	answer := "<VersioningConfiguration/>"
	const block = "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>"
	switch isLifecycle := q.operation == "GET bucket?lifecycle"; {
	case !s.Exists(q.bucket):
		refuse(w, &wire.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: http.StatusNotFound})
		return
	case q.operation == "GET bucket?publicAccessBlock":
		answer = "<PublicAccessBlockConfiguration>" + block + "</PublicAccessBlockConfiguration>"
	case isLifecycle && rules == "":
		refuse(w, &wire.Error{Code: "NoSuchLifecycleConfiguration", Message: "The lifecycle configuration does not exist", Status: http.StatusNotFound})
		return
	case isLifecycle:
		answer = "<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>"
	case keeps:
		answer = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
	}
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, answer) // fails only when the client has gone
}
