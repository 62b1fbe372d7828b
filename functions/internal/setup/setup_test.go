package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	glue "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"snaplake/workflow"
)

func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestRead_ReadsVariablesAndLayer(t *testing.T) {
	dir := t.TempDir()
	want := workflow.Config{Name: "snaplake", Sources: []workflow.Source{{Name: "shop", Cluster: "shop-prod", Keep: 2}}}
	if err := workflow.WriteLayer(dir, want); err != nil {
		t.Fatal(err)
	}
	s, err := Read(environment(map[string]string{"SNAPLAKE_LAYER": dir, "BUCKET": "lake", "OTHER": "x"}), "BUCKET")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, s.Config, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if s.Metrics.Pipeline != "snaplake" || s.Metrics.Out != os.Stdout {
		t.Errorf("metrics of pipeline %q are written to %v", s.Metrics.Pipeline, s.Metrics.Out)
	}
	if diff := cmp.Diff(map[string]string{"BUCKET": "lake"}, s.Variables); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestRead_ListsEverythingMissing(t *testing.T) {
	dir := t.TempDir()
	_, err := Read(environment(map[string]string{"SNAPLAKE_LAYER": dir}), "BUCKET", "KMS_KEY_ARN")
	if _, ok := err.(workflow.Misconfigured); !ok || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %T: %v", err, err)
	}
	for _, want := range []string{
		"the environment variable BUCKET is not set\n",
		"the environment variable KMS_KEY_ARN is not set\n",
		dir + ": read the configuration layer: ",
		"",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}

func TestSource_RejectsAnUnknownSource(t *testing.T) {
	c := workflow.Config{Sources: []workflow.Source{{Name: "shop", Keep: 2}}}
	if got, err := Source(c, "shop"); err != nil || got.Keep != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err := Source(c, "stock")
	const want = `source "stock" is not configured; the sources are shop`
	if _, ok := err.(workflow.InvalidInput); !ok || err.Error() != want {
		t.Errorf("got %T: %v", err, err)
	}
}

func TestWithHeadroom_EndsBeforeTheDeadline(t *testing.T) {
	deadline := time.Date(2126, 11, 21, 17, 5, 0, 0, time.UTC)
	function, end := context.WithDeadline(t.Context(), deadline)
	defer end()
	ctx, cancel := WithHeadroom(function)
	defer cancel()
	if got, ok := ctx.Deadline(); !ok || !got.Equal(deadline.Add(-5*time.Second)) {
		t.Errorf("got %v", got)
	}
	ctx, cancel = WithHeadroom(t.Context())
	defer cancel()
	if got, ok := ctx.Deadline(); ok {
		t.Errorf("got %v without a deadline", got)
	}
}

func TestAWSConfig_ReadsTheCredentialsOfTheFunction(t *testing.T) {
	c := awsConfig(environment(map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
	}))
	got, err := c.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := aws.Credentials{AccessKeyID: "ASIA", SecretAccessKey: "secret", SessionToken: "token", Source: got.Source}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if c.Region != "eu-west-1" || c.BaseEndpoint != nil {
		t.Errorf("got the Region %s, the endpoint %v", c.Region, c.BaseEndpoint)
	}
}

func TestAWSConfig_UsesAnEndpointURL(t *testing.T) {
	const endpoint = "http://127.0.0.1:4566"
	c := awsConfig(environment(map[string]string{"AWS_ENDPOINT_URL": endpoint}))
	if got := aws.ToString(c.BaseEndpoint); got != endpoint {
		t.Errorf("got %q", got)
	}
}

// call returns an error of a handler that called Glue.
func call(err error) error {
	return fmt.Errorf("get crawler: %w", &smithy.OperationError{ServiceID: "Glue", OperationName: "GetCrawler", Err: err})
}

func TestInvocable_ReturnsNamedErrorsForFailedCalls(t *testing.T) {
	message := "message of Glue"
	denied := &glue.AccessDeniedException{Message: &message}
	for name, test := range map[string]struct {
		err, want error
		text      string
	}{
		"throttled": {
			call(&smithy.GenericAPIError{Code: "ThrottlingException", Message: message}), workflow.Unavailable{},
			"get crawler: Glue GetCrawler: ThrottlingException: message of Glue",
		},
		"an internal error of Glue": {
			call(&glue.InternalServiceException{}), workflow.Unavailable{},
			"get crawler: Glue GetCrawler: InternalServiceException",
		},
		"no response": {
			call(&net.OpError{Op: "dial", Err: errors.New("no route to host")}), workflow.Unavailable{},
			"get crawler: Glue GetCrawler: dial: no route to host",
		},
		"a timeout": {
			call(&smithy.CanceledError{Err: context.DeadlineExceeded}), workflow.Unavailable{},
			"get crawler: Glue GetCrawler: canceled, context deadline exceeded",
		},
		"a truncated response": {
			fmt.Errorf("read s3://lake/x: %w", io.ErrUnexpectedEOF), workflow.Unavailable{},
			"read s3://lake/x: unexpected EOF",
		},
		"denied": {
			call(denied), workflow.CallRefused{},
			"get crawler: Glue GetCrawler: AccessDeniedException: message of Glue",
		},
	} {
		_, got := invocable(func(context.Context, workflow.Request) (int, error) { return 0, test.err })(t.Context(), json.RawMessage("{}"))
		if reflect.TypeOf(got) != reflect.TypeOf(test.want) || got.Error() != test.text {
			t.Errorf("%s: got  %T: %v\nwant %T: %s", name, got, got, test.want, test.text)
		}
		if !errors.Is(got, test.err) {
			t.Errorf("%s: the cause is lost", name)
		}
	}
}

func TestInvocable_ReturnsOtherErrorsUnchanged(t *testing.T) {
	for _, err := range []error{
		workflow.Errorf[workflow.CrawlerBusy]("busy: %w", call(&glue.CrawlerRunningException{})),
		errors.New("a bug"),
		nil,
	} {
		out, got := invocable(func(context.Context, workflow.Request) (int, error) { return 7, err })(t.Context(), json.RawMessage("{}"))
		if got != err || out != 7 {
			t.Errorf("got %d, %v, want %v", out, got, err)
		}
	}
}

func TestInvocable_RejectsAStateOfAnotherVersion(t *testing.T) {
	called := 0
	handle := invocable(func(context.Context, workflow.Request) (int, error) { called++; return 0, nil })
	for payload, want := range map[string]bool{
		`{"state": {"source": "shop", "snapshot": {"version": 1}}}`: true,
		`{"state": {"source": "shop"}, "dryRun": true}`:             true,
		`{"state": {"source": "shop", "snapshot": {"version": 0}}}`: false,
		`{"state": {"source": "shop", "snapshot": {"version": 2}}}`: false,
	} {
		before := called
		_, err := handle(t.Context(), json.RawMessage(payload))
		_, isInvalid := err.(workflow.InvalidInput)
		if (err == nil) != want || isInvalid == want || (called > before) != want {
			t.Errorf("%s: %T %v", payload, err, err)
		}
	}
}

func TestInvocable_RejectsAnInvalidPayload(t *testing.T) {
	handle := invocable(func(_ context.Context, in workflow.SnapshotRequest) (string, error) { return in.Input.Source, nil })
	if got, err := handle(t.Context(), json.RawMessage(`{"input": {"source": "shop"}, "comment": 1}`)); got != "shop" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	_, err := handle(t.Context(), json.RawMessage(`{"input": {"source": 7}}`))
	const want = `the value of "source" in the input must be a non-empty string`
	if _, ok := err.(workflow.InvalidInput); !ok || err.Error() != want {
		t.Errorf("got  %T: %v\nwant %s", err, err, want)
	}
}
