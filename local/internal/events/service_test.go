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
	"snaplake/local/internal/wire"
)

const (
	machine  = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:snaplake"
	function = "arn:aws:lambda:ap-northeast-1:123456789012:function:snaplake-notify"
	queue    = "arn:aws:sqs:ap-northeast-1:123456789012:dead-letters"
	role     = "arn:aws:iam::123456789012:role/starter"
)

// targets stand for Step Functions and Lambda: they keep what they get.
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

// world is a service with a queue and targets. It may do what its guard says.
type world struct {
	*events.Service
	targets *targets
	queue   *events.Queue
	log     *bytes.Buffer
}

func newWorld(g *iam.Guard) world {
	w := world{targets: &targets{}, log: &bytes.Buffer{}}
	w.Service = events.New(events.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: clock.NewVirtual(time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC)),
		Guard: g, StateMachines: w.targets, Functions: w.targets, Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	w.queue = w.CreateQueue("dead-letters")
	return w
}

// access is what the tests' guard allows.
type access struct {
	trust  string   // the condition's source of the role's trust policy
	may    []string // "ACTION RESOURCE" of the role
	invoke string   // the rule that may invoke the function
	send   string   // the rule that may send to the queue
}

func (a access) guard(t *testing.T, service string) *iam.Guard {
	t.Helper()
	policies := []any{}
	for _, line := range a.may {
		action, resource, _ := strings.Cut(line, " ")
		policies = append(policies, map[string]any{"PolicyName": action, "PolicyDocument": map[string]any{
			"Statement": map[string]any{"Effect": "Allow", "Action": action, "Resource": resource},
		}})
	}
	from := func(source string) map[string]any {
		return map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": "123456789012"}, "ArnLike": map[string]any{"aws:SourceArn": source}}
	}
	stack := &cloudformation.Stack{Resources: map[string]cloudformation.Resource{}}
	stack.Account, stack.Region = "123456789012", "ap-northeast-1"
	add := func(id, kind, arn string, properties map[string]any) {
		stack.Resources[id] = cloudformation.Resource{
			LogicalID: id, Type: kind, PhysicalID: id, Attributes: map[string]string{"Arn": arn}, Properties: properties,
		}
	}
	add("starter", "AWS::IAM::Role", role, map[string]any{"Policies": policies, "AssumeRolePolicyDocument": map[string]any{"Statement": map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": service}, "Condition": from(a.trust),
	}}})
	add("Notify", "AWS::Lambda::Function", function, nil)
	add("Permission", "AWS::Lambda::Permission", "", map[string]any{
		"Action": "lambda:InvokeFunction", "FunctionName": function, "Principal": "events.amazonaws.com", "SourceArn": a.invoke,
	})
	add("Queue", "AWS::SQS::Queue", queue, nil)
	add("QueuePolicy", "AWS::SQS::QueuePolicy", "", map[string]any{"Queues": []any{queue}, "PolicyDocument": map[string]any{"Statement": map[string]any{
		"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue, "Principal": map[string]any{"Service": "events.amazonaws.com"}, "Condition": from(a.send),
	}}})
	g, err := iam.New(stack, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// properties reads what the template has.
func properties[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
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
