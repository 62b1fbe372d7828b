package s3

import (
	"io"
	"net/http"

	"snaplake/local/internal/wire"
)

// SetRegion says where all buckets are, which HeadBucket tells; without it, S3 does not say.
func (s *Store) SetRegion(region string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.region = region
}

// SetPolicy attaches a policy to a bucket, in JSON. It is only shown here: the Guard knows it from the stack.
func (s *Store) SetPolicy(bucket, policy string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policies[bucket] = policy
}

// servePolicy answers GetBucketPolicy.
func (s *Store) servePolicy(w http.ResponseWriter, bucket string) {
	s.mu.Lock()
	policy := s.policies[bucket]
	s.mu.Unlock()
	switch {
	case !s.Exists(bucket):
		refuse(w, &wire.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: http.StatusNotFound})
	case policy == "":
		refuse(w, &wire.Error{Code: "NoSuchBucketPolicy", Message: "The bucket policy does not exist", Status: http.StatusNotFound})
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, policy) // fails only when the client has gone
	}
}

// showRegion is a header of the answer to HeadBucket.
func (s *Store) showRegion(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.region != "" {
		w.Header().Set("X-Amz-Bucket-Region", s.region)
	}
}
