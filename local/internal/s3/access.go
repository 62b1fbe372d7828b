package s3

import (
	"context"
	"strings"

	"snaplake/local/internal/iam"
)

// The exported methods of this file ask whether the caller of a context may do something, and do nothing else: a service that
// reads and writes objects for a role asks here first, and handles its files itself. Their error is an [*iam.Denied].

// MayRead asks for what GetObject needs: the object, and kms:Decrypt on the bucket's key.
func (s *Store) MayRead(ctx context.Context, bucket, key string) error {
	return s.guard.Check(ctx, append(onObject("s3:GetObject", bucket, key), s.onKey(bucket, "kms:Decrypt")...)...)
}

// MayWrite asks for what PutObject needs: the object, and kms:GenerateDataKey on the bucket's key.
func (s *Store) MayWrite(ctx context.Context, bucket, key string) error {
	return s.guard.Check(ctx, append(onObject("s3:PutObject", bucket, key), s.onKey(bucket, "kms:GenerateDataKey")...)...)
}

// MayDelete asks for what DeleteObject needs.
func (s *Store) MayDelete(ctx context.Context, bucket, key string) error {
	return s.guard.Check(ctx, onObject("s3:DeleteObject", bucket, key)...)
}

// MayList asks for what ListObjectsV2 with that prefix needs. The names of objects are not encrypted.
func (s *Store) MayList(ctx context.Context, bucket, prefix string) error {
	return s.guard.Check(ctx, onBucket("s3:ListBucket", bucket, map[string]string{"s3:prefix": prefix})...)
}

// MayLocate asks for what GetBucketLocation needs.
func (s *Store) MayLocate(ctx context.Context, bucket string) error {
	return s.guard.Check(ctx, onBucket("s3:GetBucketLocation", bucket, nil)...)
}

func onBucket(action, bucket string, keys map[string]string) []iam.Call {
	return []iam.Call{{Action: action, Resource: "arn:aws:s3:::" + bucket, Keys: keys}}
}

func onObject(action, bucket, key string) []iam.Call {
	return []iam.Call{{Action: action, Resource: "arn:aws:s3:::" + bucket + "/" + key}}
}

// onKey are calls on the key that encrypts a bucket's objects: none for a bucket without one. S3 makes them in the caller's name.
func (s *Store) onKey(bucket string, actions ...string) []iam.Call {
	key := s.keyOf(bucket)
	if key == "" {
		return nil
	}
	region := strings.Split(key, ":")[3] // arn:aws:kms:REGION:ACCOUNT:key/ID
	calls := make([]iam.Call, len(actions))
	for i, action := range actions {
		calls[i] = iam.Call{Action: action, Resource: key, Keys: map[string]string{"kms:ViaService": "s3." + region + ".amazonaws.com"}}
	}
	return calls
}
