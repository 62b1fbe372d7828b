package s3

import (
	"context"
	"os"
)

// check checks the caller's permissions for an operation.
func (s *Store) check(ctx context.Context, q request) error {
	if !s.Exists(q.bucket) {
		return nil // the operation returns NoSuchBucket
	}
	switch q.name {
	case "DeleteObjects":
		return nil // deleteObjects checks each key
	case "ListObjects", "ListObjectsV2":
		return s.guard.Check(ctx, onBucket(q.action, q.bucket, q.listKeys())...)
	case "GetObject", "HeadObject":
		return s.checkRead(ctx, q.bucket, q.key)
	case "PutObject":
		return s.MayWrite(ctx, q.bucket, q.key)
	case "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload":
		return s.guard.Check(ctx, append(onObject(q.action, q.bucket, q.key),
			append(s.onKey(q.bucket, "kms:GenerateDataKey"), s.onKey(q.bucket, "kms:Decrypt")...)...)...)
	case "ListParts", "AbortMultipartUpload", "DeleteObject":
		return s.guard.Check(ctx, onObject(q.action, q.bucket, q.key)...)
	default:
		return s.guard.Check(ctx, onBucket(q.action, q.bucket, nil)...)
	}
}

// checkRead checks the permissions to read an object, and to list the bucket if the key does not exist (API reference, GetObject).
func (s *Store) checkRead(ctx context.Context, bucket, key string) error {
	exists := false
	if isKey(key) {
		info, err := os.Stat(s.Path(bucket, key))
		exists = err == nil && !info.IsDir()
	}
	if !exists {
		return s.guard.Check(ctx, append(onObject("s3:GetObject", bucket, key), onBucket("s3:ListBucket", bucket, nil)...)...)
	}
	return s.MayRead(ctx, bucket, key)
}

// listKeys returns the condition keys of a ListObjects or ListObjectsV2 request.
func (q request) listKeys() map[string]string {
	keys := map[string]string{}
	for _, name := range []string{"prefix", "delimiter", "max-keys"} {
		if q.query.Has(name) {
			keys["s3:"+name] = q.query.Get(name)
		}
	}
	return keys
}
