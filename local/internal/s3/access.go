package s3

import (
	"context"
	"os"
	"strings"

	"snaplake/local/internal/iam"
)

// MayRead and the other May methods only check the permissions of the context's caller. A service calls them before it reads or writes
// files on behalf of a role. If access is denied, the error is an [*iam.Denied].

// MayRead checks the permissions that GetObject requires: s3:GetObject on the object, and kms:Decrypt on the bucket's key.
func (s *Store) MayRead(ctx context.Context, bucket, key string) error {
	return s.guard.Check(ctx, append(onObject("s3:GetObject", bucket, key), s.onKey(bucket, "kms:Decrypt")...)...)
}

// MayWrite checks the permissions that PutObject requires: s3:PutObject on the object, and kms:GenerateDataKey on the bucket's key.
func (s *Store) MayWrite(ctx context.Context, bucket, key string) error {
	return s.guard.Check(ctx, append(onObject("s3:PutObject", bucket, key), s.onKey(bucket, "kms:GenerateDataKey")...)...)
}

// MayDelete checks the permission that DeleteObject requires.
func (s *Store) MayDelete(ctx context.Context, bucket, key string) error {
	return s.guard.Check(ctx, onObject("s3:DeleteObject", bucket, key)...)
}

// MayList checks the permission that ListObjectsV2 requires for a prefix. No permission on the bucket's key is required, since the names of
// objects are not encrypted.
func (s *Store) MayList(ctx context.Context, bucket, prefix string) error {
	return s.guard.Check(ctx, onBucket("s3:ListBucket", bucket, map[string]string{"s3:prefix": prefix})...)
}

// MayLocate checks the permission that GetBucketLocation requires.
func (s *Store) MayLocate(ctx context.Context, bucket string) error {
	return s.guard.Check(ctx, onBucket("s3:GetBucketLocation", bucket, nil)...)
}

func onBucket(action, bucket string, keys map[string]string) []iam.Call {
	return []iam.Call{{Action: action, Resource: "arn:aws:s3:::" + bucket, Keys: keys}}
}

func onObject(action, bucket, key string) []iam.Call {
	return []iam.Call{{Action: action, Resource: "arn:aws:s3:::" + bucket + "/" + key}}
}

// onKey returns the KMS call that S3 makes with the bucket's key on behalf of the caller, or nil if the bucket has no key.
func (s *Store) onKey(bucket, action string) []iam.Call {
	value, _ := s.keys.Load(bucket)
	key, _ := value.(string)
	if key == "" {
		return nil
	}
	region := strings.Split(key, ":")[3] // arn:aws:kms:REGION:ACCOUNT:key/ID
	return []iam.Call{{Action: action, Resource: key, Keys: map[string]string{"kms:ViaService": "s3." + region + ".amazonaws.com"}}}
}

// check checks the caller's permissions for an operation.
func (s *Store) check(ctx context.Context, q request) error {
	switch q.name {
	case "DeleteObjects":
		return nil // deleteObjects checks each key
	case "ListObjectsV2":
		return s.MayList(ctx, q.bucket, q.query.Get("prefix"))
	case "GetObject", "HeadObject":
		return s.checkRead(ctx, q.bucket, q.key)
	case "PutObject":
		return s.MayWrite(ctx, q.bucket, q.key)
	case "DeleteObject":
		return s.MayDelete(ctx, q.bucket, q.key)
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
