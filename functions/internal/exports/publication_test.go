package exports

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

const (
	folder = "exports/shop/shop-20261121-1705-0/"
	key    = folder + "published.json"
)

func TestReadPublication_ReadsWhatWasWritten(t *testing.T) {
	b := bucket{}
	want := Publication{
		SnapshotAt: at(21, 17), PublishedAt: at(22, 3), Engine: "aurora-mysql", CrawledTables: 45,
		Views: map[string]Kind{"users": OfTable, "users_history": OfHistory, "daily_sales": UserDefined},
	}
	if err := WritePublication(t.Context(), b, "lake", parse(t, "shop-20261121-1705-0"), want); err != nil {
		t.Fatal(err)
	}
	const text = `{"snapshotAt":"2026-11-21T17:00:00Z","publishedAt":"2026-11-22T03:00:00Z","engine":"aurora-mysql","crawledTables":45,` +
		`"views":{"daily_sales":"own","users":"table","users_history":"history"}}`
	if b[key] != text {
		t.Errorf("wrote %s\nwant  %s", b[key], text)
	}
	got, ok, err := ReadPublication(t.Context(), b, "lake", folder)
	if diff := cmp.Diff(want, got); diff != "" || !ok || err != nil {
		t.Errorf("%t, %v, -want +got\n%s", ok, err, diff)
	}
}

func TestReadPublication_IgnoresADamagedPublication(t *testing.T) {
	for name, b := range map[string]bucket{
		"none":              {},
		"empty":             {key: ""},
		"truncated":         {key: `{"crawledTables":45,"views":{"users":"ta`},
		"not a JSON object": {key: `"published"`},
	} {
		if got, ok, err := ReadPublication(t.Context(), b, "lake", folder); ok || err != nil || !cmp.Equal(got, Publication{}) {
			t.Errorf("%s: got %+v, %t, %v", name, got, ok, err)
		}
	}
}

// answer is a fake of the S3 API that lists the publication and always returns the same response.
type answer struct {
	body         io.Reader
	err, listErr error
}

func (a answer) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	if a.err != nil {
		return nil, a.err
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(a.body)}, nil
}

func (a answer) ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return &s3.ListObjectsV2Output{Contents: []types.Object{{Key: aws.String(key)}}}, a.listErr
}

func (a answer) PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	return nil, a.err
}

func TestReadPublication_ReturnsAFailedRead(t *testing.T) {
	for want, s3 := range map[error]answer{
		denied:              {err: denied},
		io.ErrUnexpectedEOF: {body: iotest.ErrReader(io.ErrUnexpectedEOF)},
	} {
		_, ok, err := ReadPublication(t.Context(), s3, "lake", folder)
		if ok || !errors.Is(err, want) || err.Error() != "read s3://lake/"+key+": "+want.Error() {
			t.Errorf("got %t, %v", ok, err)
		}
	}
}

func TestReadPublication_IgnoresADeletedPublication(t *testing.T) {
	if _, ok, err := ReadPublication(t.Context(), answer{err: &types.NoSuchKey{}}, "lake", folder); ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
}

func TestReadPublication_ReturnsAFailedList(t *testing.T) {
	_, ok, err := ReadPublication(t.Context(), answer{listErr: denied}, "lake", folder)
	if ok || !errors.Is(err, denied) || err.Error() != "look for s3://lake/"+key+": "+denied.Error() {
		t.Errorf("got %t, %v", ok, err)
	}
}

func TestWritePublication_NamesTheObject(t *testing.T) {
	err := WritePublication(t.Context(), answer{err: denied}, "lake", parse(t, "shop-20261121-1705-0"), Publication{})
	if !errors.Is(err, denied) || err.Error() != "write s3://lake/"+key+": "+denied.Error() {
		t.Errorf("got %v", err)
	}
}
