package cloud

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"

	"snaplake/local/internal/iam"
)

// anyCalls returns one call per protocol, with the clients' current credentials.
func (th *env) anyCalls() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"glue": func(ctx context.Context) error {
			_, err := awsglue.NewFromConfig(th.aws).GetTables(ctx, &awsglue.GetTablesInput{DatabaseName: aws.String("d")})
			return err
		},
		"rds": func(ctx context.Context) error {
			_, err := awsrds.NewFromConfig(th.aws).DescribeExportTasks(ctx, &awsrds.DescribeExportTasksInput{})
			return err
		},
		"s3": func(ctx context.Context) error {
			_, err := th.s3().GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("a")})
			return err
		},
	}
}

func TestRouter_AcceptsSessionUntilItExpires(t *testing.T) {
	th := newEnv(t, 1)
	expires := th.clock.Now().Add(time.Hour)
	key, secret, token := th.router.sessions.add(iam.Caller{Role: function, Session: "redash"}, expires)
	try := func(token, service string) string {
		th.aws.Credentials = awscredentials.NewStaticCredentialsProvider(key, secret, token)
		return answered(th.anyCalls()[service](t.Context()))
	}
	for service, want := range map[string][3]string{
		"glue": {"UnrecognizedClientException 403", "UnrecognizedClientException 403", "ExpiredTokenException 403"},
		"rds":  {"InvalidClientTokenId 403", "InvalidClientTokenId 403", "ExpiredToken 403"},
		"s3":   {"InvalidAccessKeyId 403", "InvalidToken 400", "ExpiredToken 400"},
	} {
		th.router.sessions.now = func() time.Time { return expires.Add(-time.Second) }
		if got := try(token, service); got != "" {
			t.Errorf("%s: got %s", service, got)
		}
		missing, wrong := try("", service), try("x", service)
		th.router.sessions.now = func() time.Time { return expires }
		if got := [3]string{missing, wrong, try(token, service)}; got != want {
			t.Errorf("%s: got %q, want %q", service, got, want)
		}
	}
	if last := th.calls[len(th.calls)-1]; last.Role != "lake-prune" {
		t.Errorf("the caller is %s", last.Role)
	}
}

// TestRouter_IdentifiesRequestsInErrors reads the ID of the request from the errors of the router, as an SDK does.
func TestRouter_IdentifiesRequestsInErrors(t *testing.T) {
	th := newEnv(t, 1)
	requestID := func(err error) string {
		response, _ := errors.AsType[interface {
			error
			ServiceRequestID() string
		}](err)
		if response == nil {
			return ""
		}
		return response.ServiceRequestID()
	}
	th.aws.Credentials = awscredentials.NewStaticCredentialsProvider("AKIANOBODY", "x", "")
	calls := th.anyCalls()
	calls["unsupported service"] = func(ctx context.Context) error {
		_, err := sfn.NewFromConfig(th.aws).ListActivities(ctx, &sfn.ListActivitiesInput{})
		return err
	}
	calls["sns"] = func(ctx context.Context) error {
		_, err := awssns.NewFromConfig(th.aws).ListTopics(ctx, &awssns.ListTopicsInput{})
		return err
	}
	for name, call := range calls {
		err := call(t.Context())
		if _, ok := errors.AsType[smithy.APIError](err); !ok || requestID(err) == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	th.aws.Credentials = aws.AnonymousCredentials{}
	if err := th.anyCalls()["s3"](t.Context()); requestID(err) == "" {
		t.Errorf("without a signature: got %v", err)
	}
}
