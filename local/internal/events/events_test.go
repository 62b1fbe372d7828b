package events_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/events"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
	"snaplake/local/internal/wire"
)

const (
	machine  = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:snaplake"
	function = "arn:aws:lambda:ap-northeast-1:123456789012:function:snaplake-notify"
	queue    = "arn:aws:sqs:ap-northeast-1:123456789012:dead-letters"
	role     = "arn:aws:iam::123456789012:role/starter"
)

// targets is a fake Step Functions and Lambda. It records what it receives.
type targets struct {
	started, invoked []string
	refusal          error
}

func (t *targets) StartExecution(arn, _, input string) (string, error) {
	if t.refusal != nil {
		return "", t.refusal
	}
	t.started = append(t.started, arn+" "+input)
	return strings.Replace(arn, ":stateMachine:", ":execution:", 1) + ":1", nil
}

func (t *targets) InvokeEvent(_ context.Context, arn string, event []byte) error {
	if t.refusal != nil {
		return t.refusal
	}
	t.invoked = append(t.invoked, arn+" "+string(event))
	return nil
}

// env is a service with a queue and targets.
type env struct {
	*events.Service
	targets *targets
	queue   *events.Queue
	log     *bytes.Buffer
}

func newEnv(g *iam.Guard) env {
	w := env{targets: &targets{}, log: &bytes.Buffer{}}
	w.Service = events.New(events.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: clock.NewVirtual(time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC)),
		Guard: g, StartExecution: w.targets.StartExecution, InvokeEvent: w.targets.InvokeEvent, Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	w.queue = w.CreateQueue("dead-letters")
	return w
}

// access describes what the guard allows.
type access struct {
	trust  string   // the schedule group or the rule that may assume the role
	may    []string // the statements of the role's policy
	invoke string   // the rule that may invoke the function
	send   string   // the rule that may send to the queue
}

func (a access) guard(t *testing.T, service string) *iam.Guard {
	t.Helper()
	resource := func(id, kind, arn string, properties map[string]any) cloudformation.Resource {
		return cloudformation.Resource{LogicalID: id, Type: kind, PhysicalID: id, Attributes: map[string]string{"Arn": arn},
			Properties: properties}
	}
	const from = " if StringEquals aws:SourceAccount 123456789012 and ArnLike aws:SourceArn "
	return iamtest.NewGuard(t, nil,
		iamtest.Role("starter", service+from+a.trust, a.may...),
		resource("Notify", "AWS::Lambda::Function", function, nil),
		resource("Permission", "AWS::Lambda::Permission", "", map[string]any{
			"Action": "lambda:InvokeFunction", "FunctionName": function, "Principal": "events.amazonaws.com", "SourceArn": a.invoke,
		}),
		resource("Queue", "AWS::SQS::Queue", queue, nil),
		resource("QueuePolicy", "AWS::SQS::QueuePolicy", "", map[string]any{
			"Queues": []any{queue}, "PolicyDocument": iamtest.Policy("sqs:SendMessage " + queue + " from events.amazonaws.com" + from + a.send),
		}),
	)
}

// decoded returns the properties of a resource, decoded in the same way as in a deployment.
func decoded[T any](t *testing.T, text string) (v T, err error) {
	t.Helper()
	r := cloudformation.Resource{LogicalID: "R", Type: "T"}
	if err := json.Unmarshal([]byte(text), &r.Properties); err != nil {
		t.Fatal(err)
	}
	err = cloudformation.DecodeAll(r, &v)
	return v, err
}

func properties[T any](t *testing.T, text string) T {
	t.Helper()
	v, err := decoded[T](t, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

var (
	noMachine = wire.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", machine)
	identity  = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
)
