// Package events is the local AWS's EventBridge, as far as the stack uses it: rules on the default event bus, schedules of
// EventBridge Scheduler, and the queues that get what could not be delivered. Nothing here has an API: the stack makes rules
// and schedules, and the services of the local AWS put events.
package events

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
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

// Options are what the service works with.
type Options struct {
	Region, Account string
	Clock           clock.Clock
	// Guard decides what the roles of rules and schedules allow, and what functions and queues allow EventBridge.
	Guard         *iam.Guard
	StateMachines StateMachines
	Functions     Functions
	// Log is told of events that were lost; nil is slog.Default. On AWS a metric counts them, and nothing else does.
	Log *slog.Logger
}

// Service has rules, schedules and queues.
type Service struct {
	options Options

	mu        sync.Mutex
	rules     map[string]rule
	schedules map[string]Schedule
	queues    map[string]*Queue // by ARN
}

// New makes a service with nothing in it.
func New(options Options) *Service {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return &Service{options: options, rules: map[string]rule{}, schedules: map[string]Schedule{}, queues: map[string]*Queue{}}
}

// arn is that of a rule, a schedule or a queue.
func (s *Service) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, s.options.Region, s.options.Account, resource)
}

// keys are the condition keys of what a service does for one of its resources.
func (s *Service) keys(sourceARN string) map[string]string {
	return map[string]string{"aws:SourceAccount": s.options.Account, "aws:SourceArn": sourceARN}
}

// RetryPolicy says how long a delivery is tried. Here each is tried once: what refuses it now refuses it again.
type RetryPolicy struct {
	// MaximumRetryAttempts is 0 to 185.
	MaximumRetryAttempts *int
	// MaximumEventAgeInSeconds is 60 to 86400.
	MaximumEventAgeInSeconds *int
}

// check applies the limits (API reference of EventBridge and of Scheduler, RetryPolicy).
func (p RetryPolicy) check() error {
	if n := p.MaximumRetryAttempts; n != nil && (*n < 0 || *n > 185) {
		return fmt.Errorf("MaximumRetryAttempts is %d; it can be 0 to 185", *n)
	}
	if n := p.MaximumEventAgeInSeconds; n != nil && (*n < 60 || *n > 86400) {
		return fmt.Errorf("MaximumEventAgeInSeconds is %d; it can be 60 to 86400", *n)
	}
	return nil
}

// DeadLetterConfig names the queue that gets what cannot be delivered.
type DeadLetterConfig struct {
	// ARN of the queue; "" means that it is lost.
	ARN string `json:"Arn"`
}

// checkDelivery refuses what a rule's target and a schedule's target can both have wrong. The caller holds mu.
func (s *Service) checkDelivery(input string, retry RetryPolicy, deadLetters DeadLetterConfig) error {
	if input != "" && !json.Valid([]byte(input)) {
		return fmt.Errorf("its Input is not JSON: %s", input)
	}
	if s.queues[deadLetters.ARN] == nil && deadLetters.ARN != "" {
		return fmt.Errorf("its dead-letter queue %s does not exist; create it first", deadLetters.ARN)
	}
	return retry.check()
}
