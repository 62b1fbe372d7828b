package s3

import (
	"context"
	"strings"

	"snaplake/local/internal/iam"
)

// The May methods check the permissions of a context's caller, and do nothing else. A service that reads and writes files for a role
// calls them first. Their error is an [*iam.Denied].

// MayRead checks what GetObject requires: s3:GetObject on the object, and kms:Decrypt on the bucket's key.
func (s *Store) MayRead(ctx context.Context, bucket, key string) error {
	return s.guard.Check(ctx, append(onObject("s3:GetObject", bucket, key), s.onKey(bucket, "kms:Decrypt")...)...)
}

// MayWrite checks the permissions of PutObject: on the object, and kms:GenerateDataKey on the bucket's key.
func (s *Store) MayWrite(ctx context.Context, bucket, key string) error {
	return s.guard.Check(ctx, append(onObject("s3:PutObject", bucket, key), s.onKey(bucket, "kms:GenerateDataKey")...)...)
}

// MayDelete checks the permission of DeleteObject.
func (s *Store) MayDelete(ctx context.Context, bucket, key string) error {
	return s.guard.Check(ctx, onObject("s3:DeleteObject", bucket, key)...)
}

// MayList checks the permission of ListObjectsV2 with a prefix. The names of objects are not encrypted.
func (s *Store) MayList(ctx context.Context, bucket, prefix string) error {
	return s.guard.Check(ctx, onBucket("s3:ListBucket", bucket, map[string]string{"s3:prefix": prefix})...)
}

// MayLocate checks the permission of GetBucketLocation.
func (s *Store) MayLocate(ctx context.Context, bucket string) error {
	return s.guard.Check(ctx, onBucket("s3:GetBucketLocation", bucket, nil)...)
}

func onBucket(action, bucket string, keys map[string]string) []iam.Call {
	return []iam.Call{{Action: action, Resource: "arn:aws:s3:::" + bucket, Keys: keys}}
}

func onObject(action, bucket, key string) []iam.Call {
	return []iam.Call{{Action: action, Resource: "arn:aws:s3:::" + bucket + "/" + key}}
}

// onKey returns the call on the key that encrypts a bucket's objects, or nil for a bucket without one. S3 makes it in the caller's
// name.
func (s *Store) onKey(bucket, action string) []iam.Call {
	key := s.settingsOf(bucket).key
	if key == "" {
		return nil
	}
	region := strings.Split(key, ":")[3] // arn:aws:kms:REGION:ACCOUNT:key/ID
	return []iam.Call{{Action: action, Resource: key, Keys: map[string]string{"kms:ViaService": "s3." + region + ".amazonaws.com"}}}
}
