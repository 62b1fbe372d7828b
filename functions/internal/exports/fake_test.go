package exports

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"snaplake/workflow"
)

// bucket is a fake of the S3 API. It maps the keys of the only bucket, "lake", to objects. It lists one entry per page.
type bucket map[string]string

func (b bucket) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out := &s3.ListObjectsV2Output{}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		rest, below := strings.CutPrefix(key, *in.Prefix)
		if !below {
			continue
		}
		name, _, isFolder := strings.Cut(rest, "/")
		folded := in.Delimiter != nil && isFolder
		if folded {
			key = *in.Prefix + name + "/"
		}
		if key <= aws.ToString(in.ContinuationToken) {
			continue
		}
		if folded {
			out.CommonPrefixes = []types.CommonPrefix{{Prefix: &key}}
		} else {
			out.Contents = []types.Object{{Key: &key}}
		}
		out.IsTruncated, out.NextContinuationToken = aws.Bool(true), &key
		return out, nil
	}
	return out, nil
}

func (b bucket) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	text, ok := b[*in.Key]
	if *in.Bucket != "lake" || !ok {
		return nil, &types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(text))}, nil
}

func (b bucket) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	text, err := io.ReadAll(in.Body)
	b[*in.Key] = string(text)
	return &s3.PutObjectOutput{}, err
}

// add puts an export into the bucket. An export without a status has no manifest.
func (b bucket) add(id, status string) {
	folder := "exports/shop/" + id + "/"
	b[folder+"shop/shop.users/1/_SUCCESS"] = ""
	if status != "" {
		b[folder+"export_info_"+id+".json"] = fmt.Sprintf(`{"status": %q}`, status)
	}
}

func parse(t *testing.T, id string) workflow.ExportID {
	t.Helper()
	parsed, ok := workflow.ParseExportID(id)
	if !ok {
		t.Fatalf("%s is no identifier", id)
	}
	return parsed
}

func at(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
