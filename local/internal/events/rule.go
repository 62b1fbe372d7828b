package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Rule is a rule on the default event bus, with the fields of AWS::Events::Rule.
type Rule struct {
	Name, Description string
	EventPattern      pattern
	// State is ENABLED or DISABLED. "" means ENABLED.
	State   string
	Targets []Target
	Tags    any
}

// PutRule creates a rule with its targets.
func (s *Service) PutRule(r Rule) error {
	for _, t := range r.Targets {
		if err := t.check(); err != nil {
			return fmt.Errorf("rule %s: %w", r.Name, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules[r.Name] = r
	return nil
}

// Event is an event from another service.
type Event struct {
	// Source and DetailType identify the kind of event, for example "aws.rds" and "RDS DB Snapshot Event".
	Source, DetailType string
	// Resources are the ARNs of the resources that the event is about.
	Resources []string
	// Detail is encoded as a JSON object.
	Detail any
}

// encode returns the event as targets receive it (EventBridge guide, "AWS service event metadata").
func (s *Service) encode(e Event) []byte {
	b, err := json.Marshal(struct {
		Version    string   `json:"version"`
		ID         string   `json:"id"`
		DetailType string   `json:"detail-type"`
		Source     string   `json:"source"`
		Account    string   `json:"account"`
		Time       string   `json:"time"`
		Region     string   `json:"region"`
		Resources  []string `json:"resources"`
		Detail     any      `json:"detail"`
	}{
		"0", wire.NewRequestID(), e.DetailType, e.Source, s.options.Account,
		s.options.Clock.Now().UTC().Format(time.RFC3339), s.options.Region, e.Resources, e.Detail,
	})
	if err != nil {
		panic(fmt.Sprintf("events: encode %s: %v", e.DetailType, err)) // cannot happen: these types always encode
	}
	return b
}

// Put delivers an event to the targets of all matching rules.
func (s *Service) Put(e Event) {
	event := s.encode(e)
	var decoded any
	_ = json.Unmarshal(event, &decoded) // cannot fail: encode wrote it
	s.mu.Lock()
	rules := maps.Clone(s.rules)
	s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		r := rules[name]
		if r.State == "DISABLED" || !r.EventPattern.matches(decoded) {
			continue
		}
		for _, t := range r.Targets {
			s.deliver(r, t, event)
		}
	}
}

// deliver delivers the event to a target. If that fails, it sends the event to the target's dead-letter queue.
func (s *Service) deliver(r Rule, t Target, event []byte) {
	input := event
	if t.Input != "" {
		input = []byte(t.Input)
	}
	ruleARN := s.arn("events", "rule/"+r.Name)
	err := s.invoke(r.Name, s.keys(ruleARN), t, input)
	if err == nil {
		return
	}
	letter := Message{Body: string(event), Attributes: map[string]string{
		"RULE_ARN": ruleARN, "TARGET_ARN": t.ARN, "ERROR_CODE": codeOf(err), "ERROR_MESSAGE": err.Error(), "RETRY_ATTEMPTS": "0",
	}}
	s.bury(t.DeadLetterConfig.ARN, letter, func() error {
		return s.options.Guard.CheckService("events.amazonaws.com", iam.Call{
			Action: "sqs:SendMessage", Resource: t.DeadLetterConfig.ARN, Keys: s.keys(ruleARN),
		})
	})
}

// invoke starts an execution or invokes a function.
func (s *Service) invoke(rule string, keys map[string]string, t Target, input []byte) error {
	const principal = "events.amazonaws.com"
	if t.RoleARN != "" {
		_, err := s.start(principal, keys, rule, t, string(input))
		return err
	}
	if err := s.options.Guard.CheckService(principal, iam.Call{Action: "lambda:InvokeFunction", Resource: t.ARN, Keys: keys}); err != nil {
		return err
	}
	return s.options.InvokeEvent(context.Background(), t.ARN, input)
}

// codeOf returns EventBridge's code for the error of invoke (EventBridge guide, "Using dead-letter queues to process undelivered events in
// EventBridge").
func codeOf(err error) string {
	denied, isDenied := errors.AsType[*iam.Denied](err)
	code := wire.AsError(err).Code
	switch {
	case isDenied && denied.Action == "sts:AssumeRole":
		return "FAILED_TO_ASSUME_ROLE"
	case isDenied:
		return "NO_PERMISSIONS"
	case code == "StateMachineDoesNotExist" || code == "ResourceNotFoundException":
		return "NO_RESOURCE"
	}
	return "ERROR_FROM_TARGET"
}
