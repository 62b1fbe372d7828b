package s3

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/iam"
)

const (
	roleARN = "arn:aws:iam::123456789012:role/prune"
	keyARN  = "arn:aws:kms:ap-northeast-1:123456789012:key/lake"
	session = "arn:aws:sts::123456789012:assumed-role/prune/test"
)

// allow is a statement of a policy.
func allow(action, resource string) map[string]any {
	return map[string]any{"Effect": "Allow", "Action": action, "Resource": resource}
}

// guardOf knows one role, which may do what the statements say.
func guardOf(t *testing.T, statements ...any) *iam.Guard {
	t.Helper()
	role := cloudformation.Resource{
		LogicalID: "Role", Type: "AWS::IAM::Role", PhysicalID: "prune", Attributes: map[string]string{"Arn": roleARN},
		Properties: map[string]any{"AssumeRolePolicyDocument": map[string]any{"Statement": []any{map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "lambda.amazonaws.com"},
		}}}},
	}
	if len(statements) > 0 {
		role.Properties["Policies"] = []any{map[string]any{"PolicyName": "test", "PolicyDocument": map[string]any{"Statement": statements}}}
	}
	stack := &cloudformation.Stack{Resources: map[string]cloudformation.Resource{"Role": role}}
	stack.Account, stack.Region = "123456789012", "ap-northeast-1"
	guard, err := iam.New(stack, nil)
	if err != nil {
		t.Fatal(err)
	}
	return guard
}

// newLake is an encrypted bucket "lake" with the objects, and two clients of it: the operator's, and that of the role.
func newLake(t *testing.T, guard *iam.Guard, keys ...string) (store *Store, operator, role *s3.Client) {
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
	return store, newClient(t, store), newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		store.ServeHTTP(w, r.WithContext(asRole(r.Context())))
	}))
}

func asRole(ctx context.Context) context.Context {
	return iam.WithCaller(ctx, iam.Caller{Role: roleARN, Session: "test"})
}

// look is an error as its code and text, or "".
func look(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// upload begins an upload of a/new in parts, of which the first is there.
func upload(t *testing.T, operator *s3.Client) (id, etag *string) {
	t.Helper()
	begun, err := operator.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("lake"), Key: aws.String("a/new")})
	if err != nil {
		t.Fatal(err)
	}
	part, err := operator.UploadPart(t.Context(), &s3.UploadPartInput{
		Bucket: aws.String("lake"), Key: aws.String("a/new"), UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return begun.UploadId, part.ETag
}

func TestEachOperationNeedsItsPermissionsAndNoMore(t *testing.T) {
	const bucket, object, created = "arn:aws:s3:::lake", "arn:aws:s3:::lake/a/1", "arn:aws:s3:::lake/a/new"
	lake, key, fresh := aws.String("lake"), aws.String("a/1"), aws.String("a/new")
	type need struct{ action, resource string }
	encrypt, decrypt := need{"kms:GenerateDataKey", keyARN}, need{"kms:Decrypt", keyARN}
	for name, test := range map[string]struct {
		call  func(ctx context.Context, c *s3.Client, upload, etag *string) error
		needs []need
	}{
		"ListBuckets": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.ListBuckets(ctx, nil)
			return err
		}, []need{{"s3:ListAllMyBuckets", "*"}}},
		"HeadBucket": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: lake})
			return err
		}, []need{{"s3:ListBucket", bucket}}},
		"GetBucketLocation": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: lake})
			return err
		}, []need{{"s3:GetBucketLocation", bucket}}},
		"ListObjects": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.ListObjects(ctx, &s3.ListObjectsInput{Bucket: lake})
			return err
		}, []need{{"s3:ListBucket", bucket}}},
		"ListObjectsV2": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: lake})
			return err
		}, []need{{"s3:ListBucket", bucket}}},
		"GetObject": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: lake, Key: key})
			return err
		}, []need{{"s3:GetObject", object}, decrypt}},
		"HeadObject": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: lake, Key: key})
			return err
		}, []need{{"s3:GetObject", object}, decrypt}},
		"PutObject": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: lake, Key: fresh, Body: strings.NewReader("x")})
			return err
		}, []need{{"s3:PutObject", created}, encrypt}},
		"CopyObject": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: lake, Key: fresh, CopySource: aws.String("lake/a/1")})
			return err
		}, []need{{"s3:GetObject", object}, decrypt, {"s3:PutObject", created}, encrypt}},
		"DeleteObject": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: lake, Key: key})
			return err
		}, []need{{"s3:DeleteObject", object}}},
		"CreateMultipartUpload": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: lake, Key: fresh})
			return err
		}, []need{{"s3:PutObject", created}, encrypt, decrypt}},
		"UploadPart": {func(ctx context.Context, c *s3.Client, upload, _ *string) error {
			_, err := c.UploadPart(ctx, &s3.UploadPartInput{Bucket: lake, Key: fresh, UploadId: upload, PartNumber: aws.Int32(2), Body: strings.NewReader("2")})
			return err
		}, []need{{"s3:PutObject", created}, encrypt, decrypt}},
		"CompleteMultipartUpload": {func(ctx context.Context, c *s3.Client, upload, etag *string) error {
			_, err := c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
				Bucket: lake, Key: fresh, UploadId: upload,
				MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: etag, PartNumber: aws.Int32(1)}}},
			})
			return err
		}, []need{{"s3:PutObject", created}, encrypt, decrypt}},
		"AbortMultipartUpload": {func(ctx context.Context, c *s3.Client, upload, _ *string) error {
			_, err := c.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: lake, Key: fresh, UploadId: upload})
			return err
		}, []need{{"s3:AbortMultipartUpload", created}}},
		"ListParts": {func(ctx context.Context, c *s3.Client, upload, _ *string) error {
			_, err := c.ListParts(ctx, &s3.ListPartsInput{Bucket: lake, Key: fresh, UploadId: upload})
			return err
		}, []need{{"s3:ListMultipartUploadParts", created}, decrypt}},
		"ListMultipartUploads": {func(ctx context.Context, c *s3.Client, _, _ *string) error {
			_, err := c.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: lake})
			return err
		}, []need{{"s3:ListBucketMultipartUploads", bucket}}},
	} {
		call := func(t *testing.T, needs []need) error {
			var statements []any
			for _, n := range needs {
				statements = append(statements, allow(n.action, n.resource))
			}
			_, operator, role := newLake(t, guardOf(t, statements...), "a/1")
			id, etag := upload(t, operator)
			return test.call(t.Context(), role, id, etag)
		}
		t.Run(name, func(t *testing.T) {
			if err := call(t, test.needs); err != nil {
				t.Errorf("with all it needs: %v", err)
			}
			for i, missing := range test.needs {
				got := look(call(t, slices.Delete(slices.Clone(test.needs), i, i+1)))
				want := "AccessDenied: User: " + session + " is not authorized to perform: " + missing.action + " on resource: "
				if strings.HasPrefix(name, "Head") { // which has no body to say more in
					want = "Forbidden: Forbidden"
				}
				if !strings.HasPrefix(got, want) || !strings.HasPrefix(name, "Head") && !strings.Contains(got, missing.resource) {
					t.Errorf("without %s on %s: got %q", missing.action, missing.resource, got)
				}
			}
		})
	}
}

func TestARefusalIsInS3sWords(t *testing.T) {
	_, _, role := newLake(t, guardOf(t, allow("s3:PutObject", "arn:aws:s3:::lake/a/*")), "a/1")
	get := func(key string) string {
		_, err := role.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("lake"), Key: &key})
		return look(err)
	}
	put := func(key string) string {
		_, err := role.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("lake"), Key: &key, Body: strings.NewReader("x")})
		return look(err)
	}
	for got, want := range map[string]string{
		get("a/1"): `AccessDenied: User: ` + session + ` is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::lake/a/1" because no identity-based policy allows the s3:GetObject action`,
		put("a/2"): `AccessDenied: User: ` + session + ` is not authorized to perform: kms:GenerateDataKey on resource: ` + keyARN + ` because no identity-based policy allows the kms:GenerateDataKey action`,
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAListingIsAllowedByItsPrefix(t *testing.T) {
	statement := allow("s3:ListBucket", "arn:aws:s3:::lake")
	statement["Condition"] = map[string]any{
		"StringLike":           map[string]any{"s3:prefix": "exports/*"},
		"StringEqualsIfExists": map[string]any{"s3:delimiter": "/", "s3:max-keys": "10"},
	}
	store, _, role := newLake(t, guardOf(t, statement), "exports/1", "athena/1")
	for name, test := range map[string]struct {
		in      s3.ListObjectsV2Input
		allowed bool
	}{
		"the prefix":        {s3.ListObjectsV2Input{Prefix: aws.String("exports/")}, true},
		"below it":          {s3.ListObjectsV2Input{Prefix: aws.String("exports/shop/"), Delimiter: aws.String("/"), MaxKeys: aws.Int32(10)}, true},
		"another":           {s3.ListObjectsV2Input{Prefix: aws.String("athena/")}, false},
		"everything":        {s3.ListObjectsV2Input{}, false},
		"another delimiter": {s3.ListObjectsV2Input{Prefix: aws.String("exports/"), Delimiter: aws.String("-")}, false},
		"larger pages":      {s3.ListObjectsV2Input{Prefix: aws.String("exports/"), MaxKeys: aws.Int32(11)}, false},
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
		t.Error("a service may list for the role what the role may not")
	}
}

func TestOnlyWhoMayListHearsThatAKeyIsMissing(t *testing.T) {
	get := func(statements ...any) string {
		_, _, role := newLake(t, guardOf(t, append(statements, allow("s3:GetObject", "arn:aws:s3:::lake/*"))...))
		_, err := role.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("a/1")})
		return look(err)
	}
	if got, want := get(), `AccessDenied: User: `+session+` is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::lake" because`; !strings.HasPrefix(got, want) {
		t.Errorf("got %q", got)
	}
	if got := get(allow("s3:ListBucket", "arn:aws:s3:::lake")); !strings.HasPrefix(got, "NoSuchKey: ") {
		t.Errorf("got %q", got)
	}
}

func TestServicesAskForWhatTheOperationsNeed(t *testing.T) {
	const object = "arn:aws:s3:::lake/a/1"
	for _, test := range []struct {
		ask   func(*Store, context.Context) error
		needs []string
	}{
		{func(s *Store, ctx context.Context) error { return s.MayRead(ctx, "lake", "a/1") }, []string{"s3:GetObject " + object, "kms:Decrypt " + keyARN}},
		{func(s *Store, ctx context.Context) error { return s.MayWrite(ctx, "lake", "a/1") }, []string{"s3:PutObject " + object, "kms:GenerateDataKey " + keyARN}},
		{func(s *Store, ctx context.Context) error { return s.MayDelete(ctx, "lake", "a/1") }, []string{"s3:DeleteObject " + object}},
		{func(s *Store, ctx context.Context) error { return s.MayLocate(ctx, "lake") }, []string{"s3:GetBucketLocation arn:aws:s3:::lake"}},
	} {
		for i := range len(test.needs) + 1 { // each missing in its turn, and then none
			var statements []any
			for j, need := range test.needs {
				if action, resource, _ := strings.Cut(need, " "); j != i {
					statements = append(statements, allow(action, resource))
				}
			}
			store, _, _ := newLake(t, guardOf(t, statements...))
			err := test.ask(store, asRole(t.Context()))
			if i == len(test.needs) {
				if err != nil {
					t.Errorf("with all of %v: %v", test.needs, err)
				}
				continue
			}
			denied, ok := errors.AsType[*iam.Denied](err)
			if !ok || denied.Action+" "+denied.Resource != test.needs[i] {
				t.Errorf("without %s: got %v", test.needs[i], err)
			}
		}
	}
}

func TestABucketsKeyIsNamedByItsARN(t *testing.T) {
	store, _, _ := newLake(t, nil)
	err := store.CreateBucket("pond", "alias/lake")
	if want := `create bucket pond: its KMS key is "alias/lake", and should be the ARN of one`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
