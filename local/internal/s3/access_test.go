package s3

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

const keyARN = "arn:aws:kms:ap-northeast-1:123456789012:key/lake"

var pruner = iam.Caller{Role: "arn:aws:iam::123456789012:role/prune", Session: "test"}

// guardOf returns a guard with the role "prune", which has these permissions.
func guardOf(t *testing.T, may ...string) *iam.Guard {
	t.Helper()
	return iamtest.NewGuard(t, nil, iamtest.Role("prune", "lambda.amazonaws.com", may...))
}

// refusal returns S3's error for a call that the role "prune" may not make.
func refusal(action, resource string) string {
	if strings.HasPrefix(action, "s3:") {
		resource = strconv.Quote(resource)
	}
	return "AccessDenied: " + iamtest.Refusal(pruner, action, resource)
}

// newEncrypted returns a store with the encrypted bucket "lake" and these objects, and a client whose role is "prune".
func newEncrypted(t *testing.T, guard *iam.Guard, keys ...string) (*Store, *s3.Client) {
	t.Helper()
	store, err := Open(t.TempDir(), guard)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateBucket("lake", keyARN); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := store.Put("lake", key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	return store, newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		store.ServeHTTP(w, r.WithContext(asRole(r.Context())))
	}))
}

func asRole(ctx context.Context) context.Context {
	return iam.WithCaller(ctx, pruner)
}

// errorText returns the code and the message of an error, or "" for nil.
func errorText(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestServeHTTP_RequiresOnlyThePermissionsOfTheOperation(t *testing.T) {
	const bucket, object, created = "arn:aws:s3:::lake", "arn:aws:s3:::lake/a/1", "arn:aws:s3:::lake/a/new"
	lake, key, fresh := aws.String("lake"), aws.String("a/1"), aws.String("a/new")
	const encrypt, decrypt = "kms:GenerateDataKey " + keyARN, "kms:Decrypt " + keyARN
	for name, test := range map[string]struct {
		call  func(ctx context.Context, c *s3.Client) error
		needs []string
	}{
		"HeadBucket": {func(ctx context.Context, c *s3.Client) error {
			_, err := c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: lake})
			return err
		}, []string{"s3:ListBucket " + bucket}},
		"GetBucketVersioning": {func(ctx context.Context, c *s3.Client) error {
			_, err := c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: lake})
			return err
		}, []string{"s3:GetBucketVersioning " + bucket}},
		"GetPublicAccessBlock": {func(ctx context.Context, c *s3.Client) error {
			_, err := c.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: lake})
			return err
		}, []string{"s3:GetBucketPublicAccessBlock " + bucket}},
		"GetBucketLocation": {func(ctx context.Context, c *s3.Client) error {
			_, err := c.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: lake})
			return err
		}, []string{"s3:GetBucketLocation " + bucket}},
		"ListObjectsV2": {func(ctx context.Context, c *s3.Client) error {
			_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: lake})
			return err
		}, []string{"s3:ListBucket " + bucket}},
		"GetObject": {func(ctx context.Context, c *s3.Client) error {
			_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: lake, Key: key})
			return err
		}, []string{"s3:GetObject " + object, decrypt}},
		"HeadObject": {func(ctx context.Context, c *s3.Client) error {
			_, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: lake, Key: key})
			return err
		}, []string{"s3:GetObject " + object, decrypt}},
		"PutObject": {func(ctx context.Context, c *s3.Client) error {
			_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: lake, Key: fresh, Body: strings.NewReader("x")})
			return err
		}, []string{"s3:PutObject " + created, encrypt}},
		"DeleteObject": {func(ctx context.Context, c *s3.Client) error {
			_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: lake, Key: key})
			return err
		}, []string{"s3:DeleteObject " + object}},
	} {
		call := func(t *testing.T, guard *iam.Guard) error {
			_, role := newEncrypted(t, guard, "a/1")
			return test.call(t.Context(), role)
		}
		t.Run(name, func(t *testing.T) {
			guard := guardOf(t, test.needs...)
			if err := call(t, guard); err != nil {
				t.Errorf("with all permissions: %v", err)
			}
			for _, p := range guard.Allowed() {
				want := refusal(p.Action, p.Resource)
				if strings.HasPrefix(name, "Head") { // the response has no body
					want = "Forbidden: Forbidden"
				}
				if got := errorText(call(t, guard.Without(p))); got != want {
					t.Errorf("without %s on %s:\ngot  %s\nwant %s", p.Action, p.Resource, got, want)
				}
			}
		})
	}
}

func TestServeHTTP_DeniesAccessWithMessageOfS3(t *testing.T) {
	const session = "arn:aws:sts::123456789012:assumed-role/prune/test"
	_, role := newEncrypted(t, guardOf(t, "s3:PutObject arn:aws:s3:::lake/a/*"), "a/1")
	get := func(key string) string {
		_, err := role.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("lake"), Key: &key})
		return errorText(err)
	}
	put := func(key string) string {
		_, err := role.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("lake"), Key: &key, Body: strings.NewReader("x")})
		return errorText(err)
	}
	for got, want := range map[string]string{
		get("a/1"): `AccessDenied: User: ` + session + ` is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::lake/a/1" ` +
			`because no identity-based policy allows the s3:GetObject action`,
		put("a/2"): `AccessDenied: User: ` + session + ` is not authorized to perform: kms:GenerateDataKey on resource: ` + keyARN +
			` because no identity-based policy allows the kms:GenerateDataKey action`,
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestListObjectsV2_ComparesPrefixWithCondition(t *testing.T) {
	guard := guardOf(t, "s3:ListBucket arn:aws:s3:::lake if StringLike s3:prefix exports/*")
	store, role := newEncrypted(t, guard, "exports/1", "athena/1")
	for name, test := range map[string]struct {
		in      s3.ListObjectsV2Input
		allowed bool
	}{
		"same prefix": {s3.ListObjectsV2Input{Prefix: aws.String("exports/")}, true},
		"longer prefix": {s3.ListObjectsV2Input{Prefix: aws.String("exports/shop/"), Delimiter: aws.String("/"), MaxKeys: aws.Int32(10)},
			true},
		"other prefix": {s3.ListObjectsV2Input{Prefix: aws.String("athena/")}, false},
		"no prefix":    {s3.ListObjectsV2Input{}, false},
	} {
		test.in.Bucket = aws.String("lake")
		if _, err := role.ListObjectsV2(t.Context(), &test.in); (err == nil) != test.allowed {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := store.MayList(asRole(t.Context()), "lake", "exports/shop/"); err != nil {
		t.Error(err)
	}
	if err := store.MayList(asRole(t.Context()), "lake", ""); err == nil {
		t.Error("MayList allows more than ListObjectsV2")
	}
}

func TestGetObject_ReportsMissingKeyOnlyToCallersWhoMayList(t *testing.T) {
	get := func(may ...string) string {
		_, role := newEncrypted(t, guardOf(t, append(may, "s3:GetObject arn:aws:s3:::lake/*")...))
		_, err := role.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("a/1")})
		return errorText(err)
	}
	if got := get(); got != refusal("s3:ListBucket", "arn:aws:s3:::lake") {
		t.Errorf("got %q", got)
	}
	if got := get("s3:ListBucket arn:aws:s3:::lake"); !strings.HasPrefix(got, "NoSuchKey: ") {
		t.Errorf("got %q", got)
	}
}

func TestStore_MayRequiresThePermissionsOfTheOperation(t *testing.T) {
	const object = "arn:aws:s3:::lake/a/1"
	for _, test := range []struct {
		ask   func(*Store, context.Context) error
		needs []string
	}{
		{func(s *Store, ctx context.Context) error { return s.MayRead(ctx, "lake", "a/1") }, []string{"s3:GetObject " + object,
			"kms:Decrypt " + keyARN}},
		{func(s *Store, ctx context.Context) error { return s.MayWrite(ctx, "lake", "a/1") }, []string{"s3:PutObject " + object,
			"kms:GenerateDataKey " + keyARN}},
		{func(s *Store, ctx context.Context) error { return s.MayDelete(ctx, "lake", "a/1") }, []string{"s3:DeleteObject " + object}},
		{func(s *Store, ctx context.Context) error { return s.MayLocate(ctx, "lake") }, []string{"s3:GetBucketLocation arn:aws:s3:::lake"}},
	} {
		ask := func(guard *iam.Guard) error {
			store, _ := newEncrypted(t, guard)
			return test.ask(store, asRole(t.Context()))
		}
		guard := guardOf(t, test.needs...)
		if err := ask(guard); err != nil {
			t.Errorf("with %v: %v", test.needs, err)
		}
		for _, p := range guard.Allowed() {
			err := ask(guard.Without(p))
			if denied, ok := errors.AsType[*iam.Denied](err); !ok || denied.Action != p.Action || denied.Resource != p.Resource {
				t.Errorf("without %s on %s: got %v", p.Action, p.Resource, err)
			}
		}
	}
}

func TestCreateBucket_RejectsAliasOfKey(t *testing.T) {
	store, _ := newEncrypted(t, nil)
	err := store.CreateBucket("pond", "alias/lake")
	if want := `create bucket pond: the KMS key "alias/lake" is not an ARN`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
