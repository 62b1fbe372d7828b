package s3

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

func TestDeleteObjects_DeletesOnlyAllowedKeys(t *testing.T) {
	store, role := newEncrypted(t, guardOf(t, "s3:DeleteObject arn:aws:s3:::lake/exports/*"), "exports/1", "athena/1", "exports/2")
	ask := &s3.DeleteObjectsInput{Bucket: aws.String("lake"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: aws.String("exports/1")}, {Key: aws.String("athena/1")}, {Key: aws.String("exports/../athena/1")}, {Key: aws.String("exports/2")},
	}}}
	out, err := role.DeleteObjects(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range out.Deleted {
		got = append(got, *d.Key)
	}
	for _, e := range out.Errors {
		got = append(got, *e.Key+" "+*e.Code)
	}
	want := []string{"exports/1", "exports/../athena/1", "exports/2", "athena/1 AccessDenied"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	objects, err := store.List("lake", "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Object{{Key: "athena/1", Size: 8}}, objects); diff != "" {
		t.Error(diff)
	}

	ask.Delete.Quiet = aws.Bool(true)
	ask.Delete.Objects = ask.Delete.Objects[:1]
	if out, err = role.DeleteObjects(t.Context(), ask); err != nil || len(out.Deleted)+len(out.Errors) != 0 {
		t.Errorf("got %v, %v from a quiet deletion", out, err)
	}
	ask.Bucket = aws.String("sea")
	if _, err = role.DeleteObjects(t.Context(), ask); !strings.HasPrefix(errorText(err), "NoSuchBucket: ") {
		t.Errorf("got %v", err)
	}
}
