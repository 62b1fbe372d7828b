package s3

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

func newStore(t *testing.T, keys ...string) (*Store, *s3.Client) {
	t.Helper()
	store, err := Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateBucket("lake", ""); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := store.Put("lake", key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	return store, newClient(t, store)
}

func newClient(t *testing.T, h http.Handler) *s3.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return s3.New(s3.Options{
		Region: "ap-northeast-1", BaseEndpoint: aws.String(server.URL), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""),
	})
}

// list reads all pages of a listing. It returns the keys and common prefixes as text, with "|" between the pages.
func list(t *testing.T, client *s3.Client, in *s3.ListObjectsV2Input) string {
	t.Helper()
	var pages []string
	for p := s3.NewListObjectsV2Paginator(client, in); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var entries []string
		for _, o := range page.Contents {
			entries = append(entries, *o.Key)
		}
		for _, f := range page.CommonPrefixes {
			entries = append(entries, *f.Prefix)
		}
		pages = append(pages, strings.Join(entries, " "))
	}
	return strings.Join(pages, " | ")
}

func TestListObjectsV2_ListsInPages(t *testing.T) {
	_, client := newStore(t, "a-b/1", "a/1", "a/2", "a/b/1", "b", "c/d/e")
	for name, test := range map[string]struct {
		prefix, delimiter string
		max               int32
		want              string
	}{
		"all keys, in the order of bytes": {"", "", 0, "a-b/1 a/1 a/2 a/b/1 b c/d/e"},
		"pages":                           {"", "", 4, "a-b/1 a/1 a/2 a/b/1 | b c/d/e"},
		"folder":                          {"a/", "", 0, "a/1 a/2 a/b/1"},
		"part of a name":                  {"a", "", 0, "a-b/1 a/1 a/2 a/b/1"},
		"common prefixes":                 {"", "/", 0, "b a-b/ a/ c/"},
		"pages of common prefixes":        {"", "/", 1, "a-b/ | a/ | b | c/"},
		"folder with a common prefix":     {"a/", "/", 0, "a/1 a/2 a/b/"},
		"no keys":                         {"x/y/", "/", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := &s3.ListObjectsV2Input{Bucket: aws.String("lake"), Prefix: aws.String(test.prefix)}
			if test.delimiter != "" {
				in.Delimiter = aws.String(test.delimiter)
			}
			if test.max > 0 {
				in.MaxKeys = aws.Int32(test.max)
			}
			if got := list(t, client, in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestListObjectsV2_ReturnsUpTo1000KeysPerPage(t *testing.T) {
	keys := make([]string, 1001)
	for i := range keys {
		keys[i] = fmt.Sprintf("k%04d", i)
	}
	_, client := newStore(t, keys...)
	page, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("lake")})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Contents) != 1000 || !*page.IsTruncated {
		t.Errorf("got %d keys, truncated %v", len(page.Contents), *page.IsTruncated)
	}
}

func TestMoveFile_StoresObject(t *testing.T) {
	store, client := newStore(t)
	file := filepath.Join(t.TempDir(), "part")
	if err := os.WriteFile(file, []byte("PAR1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := store.MoveFile("lake", "exports/shop/x.parquet", file); err != nil {
		t.Fatal(err)
	}
	stored, err := os.ReadFile(store.Path("lake", "exports/shop/x.parquet"))
	if err != nil || string(stored) != "PAR1" {
		t.Errorf("got %q, %v", stored, err)
	}
	objects, err := store.List("lake", "exports/")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Object{{Key: "exports/shop/x.parquet", Size: 4}}, objects); diff != "" {
		t.Error(diff)
	}
	if err := deleteAll(t.Context(), client, "exports/shop/x.parquet"); err != nil {
		t.Fatal(err)
	}
	if objects, err = store.List("lake", "exports/"); err != nil || len(objects) != 0 {
		t.Errorf("got %v, %v", objects, err)
	}
}

func deleteAll(ctx context.Context, client *s3.Client, key string) error {
	_, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: aws.String("lake"),
		Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String(key)}}},
	})
	return err
}

func TestGetObject_ReadsMovedFiles(t *testing.T) {
	store, client := newStore(t, "put")
	file := filepath.Join(t.TempDir(), "part")
	if err := os.WriteFile(file, []byte("put"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := store.MoveFile("lake", "a/moved", file); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"put", "a/moved"} {
		got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String(key),
			Range: aws.String("bytes=1-2")})
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(got.Body)
		if err != nil || string(content) != "ut" || *got.ContentRange != "bytes 1-2/3" {
			t.Errorf("%s: got %q, %s, %v", key, content, *got.ContentRange, err)
		}
		if want := `"8e13ffc9fd9d6a6761231a764bdf106b"`; *got.ETag != want {
			t.Errorf("%s: got ETag %s, want %s", key, *got.ETag, want)
		}
	}
}

func TestHeadObject_ReturnsNewETagAfterWrite(t *testing.T) {
	store, client := newStore(t, "a")
	head := func() string {
		out, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("lake"), Key: aws.String("a")})
		if err != nil {
			t.Fatal(err)
		}
		return *out.ETag
	}
	before := head()
	if err := store.Put("lake", "a", []byte("b")); err != nil {
		t.Fatal(err)
	}
	if after := head(); after == before {
		t.Errorf("the ETag is still %s", after)
	}
}

func TestGetObject_FailsForFolder(t *testing.T) {
	_, client := newStore(t, "a/b")
	for _, key := range []string{"a", "a/b/c", "x"} {
		_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String(key)})
		if err == nil || !strings.Contains(err.Error(), "NoSuchKey") {
			t.Errorf("%s: got %v", key, err)
		}
		if err := deleteAll(t.Context(), client, key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	if got := list(t, client, &s3.ListObjectsV2Input{Bucket: aws.String("lake")}); got != "a/b" {
		t.Errorf("got keys %q", got)
	}
}

func TestListObjectsV2_FailsForUnknownBucket(t *testing.T) {
	store, client := newStore(t)
	if store.Exists("sea") || !store.Exists("lake") {
		t.Error("Exists is wrong: only lake exists")
	}
	_, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("sea")})
	if api, ok := err.(interface{ Unwrap() error }); !ok || !strings.Contains(api.Unwrap().Error(), "NoSuchBucket") {
		t.Errorf("got %v", err)
	}
}
