package cloud

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func TestPlannedError_ReturnsErrorOfService(t *testing.T) {
	for text, want := range map[string]string{
		"rds.DescribeExportTasks=throttle":                 "Throttling 400",
		"rds.DescribeExportTasks=5xx":                      "InternalFailure 500",
		"rds.DescribeExportTasks=denied":                   "AccessDenied 403",
		"rds.DescribeExportTasks=ExportTaskNotFound":       "ExportTaskNotFound 404",
		"glue.GetTables=throttle":                          "ThrottlingException 400",
		"glue.GetTables=5xx":                               "InternalServiceException 500",
		"glue.GetTables=denied":                            "AccessDeniedException 400",
		"glue.GetTables=EntityNotFoundException":           "EntityNotFoundException 400",
		"s3.ListObjectsV2=throttle":                        "SlowDown 503",
		"s3.ListObjectsV2=5xx":                             "InternalError 500",
		"s3.ListObjectsV2=denied":                          "AccessDenied 403",
		"s3.ListObjectsV2=NoSuchBucket":                    "NoSuchBucket 404",
		"states.GetExecutionHistory=throttle":              "ThrottlingException 400",
		"states.GetExecutionHistory=5xx":                   "InternalFailure 500",
		"states.GetExecutionHistory=denied":                "AccessDeniedException 400",
		"states.GetExecutionHistory=ExecutionDoesNotExist": "ExecutionDoesNotExist 400",
	} {
		th := newEnv(t, 1, text)
		target, _, _ := strings.Cut(text, "=")
		_, err := th.lists()[target](t.Context())
		if got := answered(err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"athena.StartQueryExecution=throttle":                 "ThrottlingException 400",
		"athena.StartQueryExecution=5xx":                      "InternalServerException 500",
		"athena.StartQueryExecution=TooManyRequestsException": "TooManyRequestsException 400",
	} {
		th := newEnv(t, 1, text)
		_, err := awsathena.NewFromConfig(th.aws).StartQueryExecution(t.Context(),
			&awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT 1")})
		if got := answered(err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	th := newEnv(t, 1, "athena.StartQueryExecution=TooManyRequestsException")
	_, err := awsathena.NewFromConfig(th.aws).StartQueryExecution(t.Context(),
		&awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT 1")})
	if full, ok := errors.AsType[*athenatypes.TooManyRequestsException](err); !ok ||
		full.Reason != athenatypes.ThrottleReasonConcurrentQueryLimitExceeded {
		t.Errorf("wrong reason: %v", err)
	}
	for text, want := range map[string]string{
		"sns.Publish=throttle": "Throttling 400", "sns.Publish=5xx": "InternalError 500", "sns.Publish=denied": "AuthorizationError 403",
		"sns.Publish=NotFound": "NotFound 404",
	} {
		th := newEnv(t, 1, text)
		_, err := awssns.NewFromConfig(th.aws).Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String("arn"), Message: aws.String("m")})
		if got := answered(err); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestDeniedError_NamesCallerAndCall(t *testing.T) {
	th := newEnv(t, 1, "glue.StartCrawler=denied", "s3.GetObject=denied", "s3.DeleteObjects=denied")
	const prune = "User: arn:aws:sts::123456789012:assumed-role/lake-prune/lake-prune is not authorized to perform: "
	message := func(err error) string {
		t.Helper()
		api, ok := errors.AsType[smithy.APIError](err)
		if !ok {
			t.Fatalf("not an API error: %v", err)
		}
		return api.ErrorMessage()
	}
	want := prune + "glue:StartCrawler on resource: * because no identity-based policy allows the glue:StartCrawler action"
	if got := message(th.startCrawler(t.Context())); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	_, err := th.s3().GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("a")})
	want = prune + `s3:GetObject on resource: "arn:aws:s3:::lake/a" because no identity-based policy allows the s3:GetObject action`
	if got := message(err); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	out, err := th.s3().DeleteObjects(t.Context(), &awss3.DeleteObjectsInput{
		Bucket: aws.String("lake"), Delete: &s3types.Delete{Objects: []s3types.ObjectIdentifier{{Key: aws.String("a")},
			{Key: aws.String("b & c")}}},
	})
	must(t, err)
	var refused []string
	for _, e := range out.Errors {
		refused = append(refused, *e.Key+": "+*e.Code)
	}
	if diff := cmp.Diff([]string{"a: AccessDenied", "b & c: AccessDenied"}, refused); diff != "" || th.effects["DeleteObjects"] > 0 {
		t.Errorf("%d deletions; errors: %s", th.effects["DeleteObjects"], diff)
	}
	th.aws.Credentials = awscredentials.NewStaticCredentialsProvider(operatorKeyID, "local", "")
	if got := message(th.startCrawler(t.Context())); !strings.HasPrefix(got,
		"User: arn:aws:iam::123456789012:user/operator is not authorized") {
		t.Errorf("got %s", got)
	}
}
