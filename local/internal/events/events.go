// Package events is the local AWS's EventBridge: rules on the default event bus, schedules of EventBridge Scheduler, and the SQS
// queues for what could not be delivered.
//
// It has no API: the stack makes rules and schedules, and the other services put events. A property that is not in [Rule] or
// [Schedule] is refused by name, as is a pattern with more than exact texts and prefixes: the stack has none, and ignoring one would
// deliver too much. Each delivery is tried once, since what refuses it now would refuse it again.
package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/iam"
)

// StateMachines is Step Functions.
type StateMachines interface {
	StartExecution(machineARN, name, input string) (executionARN string, err error)
}

// Functions is Lambda.
type Functions interface {
	InvokeEvent(ctx context.Context, function string, event []byte) error
}

// Options are the environment of a Service.
type Options struct {
	Region, Account string
	Clock           clock.Clock
	// Guard decides what the roles of rules and schedules may do, and what functions and queues allow EventBridge.
	Guard         *iam.Guard
	StateMachines StateMachines
	Functions     Functions
	// Log receives lost events. Nil is slog.Default.
	Log *slog.Logger
}

// Service has rules, schedules and queues.
type Service struct {
	options Options

	mu        sync.Mutex
	rules     map[string]Rule
	schedules map[string]Schedule
	queues    map[string]*Queue // by ARN
}

// New returns an empty service.
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

// keys returns the condition keys of a call for a rule or a schedule group.
func (s *Service) keys(sourceARN string) map[string]string {
	return map[string]string{"aws:SourceAccount": s.options.Account, "aws:SourceArn": sourceARN}
}

// Target is what a rule or a schedule delivers to: a state machine, or a function.
type Target struct {
	ID string `json:"Id"`
	// ARN of the state machine or function.
	ARN string `json:"Arn"`
	// RoleARN is the role that starts a state machine's execution. A function has a policy of its own instead.
	RoleARN string `json:"RoleArn"`
	// Input is the JSON text that the target receives. If it is "", the target of a rule receives the event.
	Input            string
	RetryPolicy      any // has no effect
	DeadLetterConfig DeadLetterConfig
}

// DeadLetterConfig names the queue for what cannot be delivered.
type DeadLetterConfig struct {
	// ARN of the queue, or "".
	ARN string `json:"Arn"`
}

// check refuses a target that could not be delivered to. The caller holds mu.
func (s *Service) check(t Target) error {
	isMachine := strings.HasPrefix(t.ARN, "arn:aws:states:")
	switch {
	case !isMachine && !strings.HasPrefix(t.ARN, "arn:aws:lambda:"):
		return fmt.Errorf("target %s is neither a state machine nor a function", t.ARN)
	case isMachine != (t.RoleARN != ""):
		return errors.New("a state machine needs a RoleArn, and a function takes none")
	case t.DeadLetterConfig.ARN != "" && s.queues[t.DeadLetterConfig.ARN] == nil:
		return fmt.Errorf("dead-letter queue %s does not exist", t.DeadLetterConfig.ARN)
	}
	return nil
}

// decode reads properties into a struct, and refuses other properties by name.
func decode(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the local AWS does not take this: %w", err)
	}
	return nil
}
