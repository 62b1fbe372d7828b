package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"testing"

	glue "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/smithy-go"

	"snaplake/workflow"
)

// call is an error of a call to Glue, as a handler returns it.
func call(err error) error {
	return fmt.Errorf("get crawler: %w", &smithy.OperationError{ServiceID: "Glue", OperationName: "GetCrawler", Err: err})
}

func TestInvocable_NamesErrorsOfCalls(t *testing.T) {
	message := "said by Glue"
	denied := &glue.AccessDeniedException{Message: &message}
	for name, test := range map[string]struct {
		err, want error
		text      string
	}{
		"throttled": {
			call(&smithy.GenericAPIError{Code: "ThrottlingException", Message: message}), workflow.Unavailable{},
			"get crawler: Glue GetCrawler: ThrottlingException: said by Glue",
		},
		"an error of Glue's own": {
			call(&glue.InternalServiceException{}), workflow.Unavailable{},
			"get crawler: Glue GetCrawler: InternalServiceException",
		},
		"no answer": {
			call(&net.OpError{Op: "dial", Err: errors.New("no route to host")}), workflow.Unavailable{},
			"get crawler: Glue GetCrawler: dial: no route to host",
		},
		"no time left": {
			call(&smithy.CanceledError{Err: context.DeadlineExceeded}), workflow.Unavailable{},
			"get crawler: Glue GetCrawler: canceled, context deadline exceeded",
		},
		"an answer that breaks off": {
			fmt.Errorf("read s3://lake/x: %w", io.ErrUnexpectedEOF), workflow.Unavailable{},
			"read s3://lake/x: unexpected EOF",
		},
		"denied": {
			call(denied), workflow.CallRefused{},
			"get crawler: Glue GetCrawler: AccessDeniedException: said by Glue",
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

func TestInvocable_KeepsOtherErrors(t *testing.T) {
	for _, err := range []error{
		workflow.Errorf[workflow.CrawlerBusy]("busy: %w", call(&glue.CrawlerRunningException{})),
		errors.New("a mistake of ours"),
		nil,
	} {
		out, got := invocable(func(context.Context, workflow.Request) (int, error) { return 7, err })(t.Context(), json.RawMessage("{}"))
		if got != err || out != 7 {
			t.Errorf("got %d, %v, want %v", out, got, err)
		}
	}
}

func TestInvocable_RefusesAStateOfAnotherVersion(t *testing.T) {
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

func TestInvocable_RefusesAnInvalidPayload(t *testing.T) {
	handle := invocable(func(_ context.Context, in workflow.SnapshotRequest) (string, error) { return in.Input.Source, nil })
	if got, err := handle(t.Context(), json.RawMessage(`{"input": {"source": "shop"}, "comment": 1}`)); got != "shop" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	_, err := handle(t.Context(), json.RawMessage(`{"input": {"source": 7}}`))
	const want = `the input's source must be a non-empty string`
	if _, ok := err.(workflow.InvalidInput); !ok || err.Error() != want {
		t.Errorf("got  %T: %v\nwant %s", err, err, want)
	}
}
