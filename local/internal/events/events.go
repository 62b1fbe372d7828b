// Package events implements EventBridge's rules, EventBridge Scheduler's schedules, and SQS dead-letter queues.
//
// It has no API: the rules and schedules come from the template, and the events come from other services. Patterns support exact strings
// and prefixes only. Each delivery is attempted once, because a retry would fail in the same way.
package events

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/iam"
)

// Options configure a Service.
type Options struct {
	Region, Account string
	Clock           clock.Clock
	// Guard checks the permissions of the roles that rules and schedules use, and the resource policies of functions and queues.
	Guard *iam.Guard
	// StartExecution starts an execution in Step Functions.
	StartExecution func(machineARN, name, input string) (executionARN string, err error)
	// InvokeEvent invokes a Lambda function asynchronously.
	InvokeEvent func(ctx context.Context, function string, event []byte) error
	// Log receives a warning for each lost event. If nil, slog.Default is used.
	Log *slog.Logger
}

// Service holds rules, schedules and queues.
type Service struct {
	options Options

	mu        sync.Mutex
	rules     map[string]Rule
	schedules map[string]Schedule
	queues    map[string]*Queue // by ARN
}

// New returns a service without rules, schedules or queues.
func New(options Options) *Service {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return &Service{options: options, rules: map[string]Rule{}, schedules: map[string]Schedule{}, queues: map[string]*Queue{}}
}

// arn returns the ARN of a rule, a schedule or a queue.
func (s *Service) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, s.options.Region, s.options.Account, resource)
}

// keys returns the condition keys of a call that EventBridge makes for a rule or a schedule group.
func (s *Service) keys(sourceARN string) map[string]string {
	return map[string]string{"aws:SourceAccount": s.options.Account, "aws:SourceArn": sourceARN}
}

// start starts an execution with the role of a target, which the given service assumes.
func (s *Service) start(service string, keys map[string]string, session string, t Target, input string) (executionARN string, err error) {
	if err := s.options.Guard.Assume(service, t.RoleARN, keys); err != nil {
		return "", err
	}
	ctx := iam.WithCaller(context.Background(), iam.Caller{Role: t.RoleARN, Session: session})
	if err := s.options.Guard.Check(ctx, iam.Call{Action: "states:StartExecution", Resource: t.ARN}); err != nil {
		return "", err
	}
	return s.options.StartExecution(t.ARN, "", input)
}

// Target is the target of a rule or a schedule: a state machine or a function.
type Target struct {
	ID string `json:"Id"`
	// ARN is the ARN of the state machine or the function.
	ARN string `json:"Arn"`
	// RoleARN is the ARN of the role that EventBridge uses to start an execution. It is "" for a function, which has a resource policy.
	RoleARN string `json:"RoleArn"`
	// Input is the JSON text that the target receives. If it is "", the target of a rule receives the event itself.
	Input            string
	RetryPolicy      any // has no effect
	DeadLetterConfig DeadLetterConfig
}

// DeadLetterConfig names the queue for undelivered events.
type DeadLetterConfig struct {
	// ARN is the ARN of the queue, or "" if there is no queue.
	ARN string `json:"Arn"`
}

// check returns an error if the target is not supported.
func (t Target) check() error {
	if !strings.HasPrefix(t.ARN, "arn:aws:states:") && !strings.HasPrefix(t.ARN, "arn:aws:lambda:") {
		return fmt.Errorf("target %s is neither a state machine nor a function", t.ARN)
	}
	return nil
}
