package s3

import (
	"context"
	"net/http"
	"os"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// check asks for the permissions that the API reference, and the S3 guide's "Required permissions for Amazon S3 API operations",
// give for an operation. An operation that is not known here is the operator's alone.
func (s *Store) check(ctx context.Context, q request) error {
	if iam.CallerOf(ctx).Role == "" {
		return nil
	}
	if q.unknown != "" {
		return notKnown(q.operation + " with " + q.unknown)
	}
	calls := s.calls(q)
	switch {
	case q.operation == "POST bucket?delete":
		return nil // each key is checked for itself
	case calls == nil:
		return notKnown(q.operation)
	case q.bucket != "" && !s.Exists(q.bucket):
		return nil // whoever asks hears that there is no such bucket
	}
	return s.guard.Check(ctx, calls...)
}

func notKnown(what string) error {
	return &wire.Error{
		Code: "NotImplemented", Status: http.StatusNotImplemented,
		Message: "the local AWS does not know which permissions S3 wants for " + what + ", and refuses it to roles",
	}
}

// calls are what an operation is to policies, or nil for one that is not known.
func (s *Store) calls(q request) []iam.Call {
	object := func(action string, onKey ...string) []iam.Call {
		return append(onObject(action, q.bucket, q.key), s.onKey(q.bucket, onKey...)...)
	}
	switch q.operation {
	case "GET service":
		return []iam.Call{{Action: "s3:ListAllMyBuckets", Resource: "*"}}
	case "HEAD bucket":
		return onBucket("s3:ListBucket", q.bucket, nil)
	case "GET bucket":
		return onBucket("s3:ListBucket", q.bucket, q.listing())
	case "GET bucket?location":
		return onBucket("s3:GetBucketLocation", q.bucket, nil)
	case "GET bucket?policy":
		return onBucket("s3:GetBucketPolicy", q.bucket, nil)
	case "GET bucket?publicAccessBlock":
		return onBucket("s3:GetBucketPublicAccessBlock", q.bucket, nil)
	case "GET bucket?versioning":
		return onBucket("s3:GetBucketVersioning", q.bucket, nil)
	case "GET bucket?lifecycle":
		return onBucket("s3:GetLifecycleConfiguration", q.bucket, nil)
	case "GET bucket?uploads":
		return onBucket("s3:ListBucketMultipartUploads", q.bucket, nil)
	case "GET object", "HEAD object":
		return s.reading(q.bucket, q.key)
	case "PUT object":
		return object("s3:PutObject", "kms:GenerateDataKey")
	case "PUT object from object":
		return append(s.reading(q.copyOf[0], q.copyOf[1]), object("s3:PutObject", "kms:GenerateDataKey")...)
	case "POST object?uploads", "PUT object?uploadId", "POST object?uploadId":
		// S3 encrypts each part, and reads the parts to put them together.
		return object("s3:PutObject", "kms:GenerateDataKey", "kms:Decrypt")
	case "GET object?uploadId":
		return object("s3:ListMultipartUploadParts", "kms:Decrypt")
	case "DELETE object?uploadId":
		return object("s3:AbortMultipartUpload")
	case "DELETE object":
		return object("s3:DeleteObject")
	default:
		return nil
	}
}

// reading is what it takes to read an object. One that does not exist is found missing only by who may list the bucket: S3 tells
// nobody else which keys there are (API reference, GetObject).
func (s *Store) reading(bucket, key string) []iam.Call {
	get := onObject("s3:GetObject", bucket, key)
	if info, err := os.Stat(s.Path(bucket, key)); err != nil || info.IsDir() {
		return append(get, onBucket("s3:ListBucket", bucket, nil)...)
	}
	return append(get, s.onKey(bucket, "kms:Decrypt")...)
}

// listing are the condition keys of a listing.
func (q request) listing() map[string]string {
	keys := map[string]string{}
	for _, name := range []string{"prefix", "delimiter", "max-keys"} {
		if q.query.Has(name) {
			keys["s3:"+name] = q.query.Get(name)
		}
	}
	return keys
}
