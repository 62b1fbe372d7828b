package awserr_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	glue "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/smithy-go"

	"snaplake/functions/internal/awserr"
)

func TestCode_DecodesAWrappedError(t *testing.T) {
	err := fmt.Errorf("start export task: %w", &smithy.GenericAPIError{Code: "ExportTaskLimitReachedFault", Message: "five already"})
	if got := awserr.Code(err); got != "ExportTaskLimitReachedFault" {
		t.Errorf("Code = %q", got)
	}
	if got := awserr.Message(err); got != "five already" {
		t.Errorf("Message = %q", got)
	}
}

func TestCode_IsEmptyForOtherErrors(t *testing.T) {
	err := errors.New("connection refused")
	if got := awserr.Code(err); got != "" {
		t.Errorf("Code = %q", got)
	}
	if got := awserr.Message(err); got != "connection refused" {
		t.Errorf("Message = %q", got)
	}
}

func TestMessage_FallsBackToTheText(t *testing.T) {
	err := fmt.Errorf("get object: %w", &smithy.GenericAPIError{Code: "NoSuchKey"})
	if got, want := awserr.Message(err), err.Error(); got != want {
		t.Errorf("Message = %q, want %q", got, want)
	}
}

// answered returns the error of an RDS client after a response. With status 0, the server closes the connection without a response.
func answered(t *testing.T, status int, code string) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code><Message>message of RDS</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`, code)
	}))
	defer server.Close()
	client := rds.New(rds.Options{
		Region: "ap-northeast-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		}),
	})
	_, err := client.DescribeExportTasks(t.Context(), &rds.DescribeExportTasksInput{})
	return fmt.Errorf("poll: %w", err)
}

func TestSummarize_ShortensErrorsOfCalls(t *testing.T) {
	for name, test := range map[string]struct {
		status     int
		code, want string
	}{
		"a response after several attempts": {400, "Throttling", `^poll: RDS DescribeExportTasks: Throttling: message of RDS \(request r-1\)$`},
		"a response to the first attempt":   {404, "ExportTaskNotFound", `^poll: RDS DescribeExportTasks: ExportTaskNotFound: message of RDS \(request r-1\)$`},
		"no response":                       {0, "", `^poll: RDS DescribeExportTasks: Post "http://127.0.0.1:\d+/": EOF$`},
	} {
		err := answered(t, test.status, test.code)
		got := awserr.Summarize(err)
		if !regexp.MustCompile(test.want).MatchString(got.Error()) {
			t.Errorf("%s: got  %s\nwant %s", name, got, test.want)
		}
		if !errors.Is(got, err) || awserr.Code(got) != test.code {
			t.Errorf("%s: the cause is lost", name)
		}
	}
	if err := errors.New("not a call"); awserr.Summarize(err) != err {
		t.Error("an error that does not come from a call was changed")
	}
}

func TestIsTransient_ReportsTransientErrors(t *testing.T) {
	for _, test := range []struct {
		status int
		code   string
		want   bool
	}{
		{400, "Throttling", true},
		{500, "InternalFailure", true},
		{503, "ServiceUnavailable", true},
		{403, "AccessDenied", false},
		{404, "ExportTaskNotFound", false},
	} {
		if got := awserr.IsTransient(answered(t, test.status, test.code)); got != test.want {
			t.Errorf("%s: %v", test.code, got)
		}
	}
	for err, want := range map[error]bool{
		&glue.OperationTimeoutException{}: true,
		&glue.InternalServiceException{}:  true,
		&glue.EntityNotFoundException{}:   false,
		errors.New("no response"):         false,
	} {
		if got := awserr.IsTransient(err); got != want {
			t.Errorf("%T: %v", err, got)
		}
	}
}
