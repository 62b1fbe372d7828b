package s3

import (
	"io"
	"net/http"
	"strings"

	"snaplake/local/internal/wire"
)

// SetPolicy sets the policy that GetBucketPolicy returns, in JSON. The guard reads the same policy from the stack.
func (s *Store) SetPolicy(bucket, policy string) { s.policies.Store(bucket, policy) }

// serveConfiguration serves an operation that reads a bucket's configuration. No bucket has versions, lifecycle rules, or public access.
func (s *Store) serveConfiguration(w http.ResponseWriter, q request) {
	policy, hasPolicy := s.policies.Load(q.bucket)
	answer, contentType := "<VersioningConfiguration/>", "application/xml"
	switch {
	case q.name == "GetBucketLifecycleConfiguration":
		Refuse(w, notFound("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"))
		return
	case q.name == "GetBucketPolicy" && !hasPolicy:
		Refuse(w, notFound("NoSuchBucketPolicy", "The bucket policy does not exist"))
		return
	case q.name == "GetBucketPolicy":
		answer, contentType = policy.(string), "application/json"
	case q.name == "GetBucketLocation":
		answer = `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
			strings.TrimPrefix(s.Region, unnamed) + "</LocationConstraint>"
	case q.name == "GetPublicAccessBlock":
		answer = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>" +
			"<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = io.WriteString(w, answer) // fails only if the client has disconnected
}

// unnamed is the Region for which GetBucketLocation returns an empty location (API reference).
const unnamed = "us-east-1"

func notFound(code, message string) *wire.Error {
	return &wire.Error{Code: code, Message: message, Status: http.StatusNotFound}
}

func noSuchBucket() *wire.Error {
	return notFound("NoSuchBucket", "The specified bucket does not exist")
}

func noSuchKey() *wire.Error { return notFound("NoSuchKey", "The specified key does not exist.") }
