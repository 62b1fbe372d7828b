package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Rule is a rule on the default event bus, with the fields of AWS::Events::Rule.
type Rule struct {
	Name, Description string
	// EventPattern is a JSON object, see parsePattern.
	EventPattern json.RawMessage
	// State is ENABLED or DISABLED; "" means ENABLED.
	State   string
	Targets []Target
	Tags    any
}

// Target is what a rule delivers to: a state machine, or a function.
type Target struct {
	ID string `json:"Id"`
	// ARN of the state machine or function.
	ARN string `json:"Arn"`
	// RoleARN is the role that starts a state machine's execution. A function has a policy of its own instead.
	RoleARN string `json:"RoleArn"`
	// Input is the JSON text that the target gets; "" means that it gets the event.
	Input            string
	RetryPolicy      RetryPolicy
	DeadLetterConfig DeadLetterConfig
}

// UnmarshalJSON reads the properties of an AWS::Events::Rule. One that is not here, such as InputTransformer, is refused by
// name: a rule would work differently without it.
func (r *Rule) UnmarshalJSON(b []byte) error {
	type properties Rule
	return decode(b, (*properties)(r))
}

// rule is a Rule whose pattern is read.
type rule struct {
	Rule
	arn   string
	wants pattern
}

// PutRule makes a rule with its targets. The queues for its dead letters must exist.
func (s *Service) PutRule(r Rule) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	wants, err := parsePattern(r.EventPattern)
	if err != nil {
		return fmt.Errorf("rule %s: %w", r.Name, err)
	}
	if r.State != "" && r.State != "ENABLED" && r.State != "DISABLED" {
		return fmt.Errorf("rule %s: its State is %s; it can be ENABLED or DISABLED", r.Name, r.State)
	}
	for _, t := range r.Targets {
		if err := s.checkTarget(t); err != nil {
			return fmt.Errorf("rule %s, target %s: %w", r.Name, t.ID, err)
		}
	}
	s.rules[r.Name] = rule{Rule: r, arn: s.arn("events", "rule/"+r.Name), wants: wants}
	return nil
}

func (s *Service) checkTarget(t Target) error {
	machine := strings.HasPrefix(t.ARN, "arn:aws:states:")
	switch {
	case !machine && !strings.HasPrefix(t.ARN, "arn:aws:lambda:"):
		return fmt.Errorf("%s is neither a state machine nor a function, and the local AWS delivers to nothing else", t.ARN)
	case machine && t.RoleARN == "":
		return errors.New("a state machine needs a RoleArn, with which its execution is started")
	case !machine && t.RoleARN != "":
		return errors.New("a function takes no RoleArn; its own policy lets EventBridge invoke it")
	default:
		return s.checkDelivery(t.Input, t.RetryPolicy, t.DeadLetterConfig)
	}
}

// Event is what happened.
type Event struct {
	// Source and DetailType say which kind of event it is: "aws.rds", "RDS DB Snapshot Event".
	Source, DetailType string
	// Resources are the ARNs of what it happened to.
	Resources []string
	// Detail is encoded as a JSON object.
	Detail any
}

// encode is the event as targets get it (EventBridge guide, "AWS service event metadata").
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
		panic(fmt.Sprintf("events: encode %s: %v", e.DetailType, err)) // a bug of ours: the types are ours
	}
	return b
}

// Put delivers an event to the targets of all rules that want it.
func (s *Service) Put(e Event) {
	event := s.encode(e)
	var decoded any
	_ = json.Unmarshal(event, &decoded) // was encoded just now
	s.mu.Lock()
	var matching []rule
	for _, r := range s.rules {
		if r.State != "DISABLED" && r.wants(decoded) {
			matching = append(matching, r)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(matching, func(a, b rule) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range matching {
		for _, t := range r.Targets {
			s.deliver(r, t, event)
		}
	}
}

// deliver gives the event to a target, or to its dead-letter queue.
func (s *Service) deliver(r rule, t Target, event []byte) {
	input := event
	if t.Input != "" {
		input = []byte(t.Input)
	}
	code, err := s.hand(r, t, input)
	if err == nil {
		return
	}
	letter := Message{Body: string(event), Attributes: map[string]string{
		"RULE_ARN": r.arn, "TARGET_ARN": t.ARN, "ERROR_CODE": code, "ERROR_MESSAGE": err.Error(), "RETRY_ATTEMPTS": "0",
	}}
	s.bury(t.DeadLetterConfig.ARN, letter, func() error {
		return s.options.Guard.CheckService("events.amazonaws.com", iam.Call{
			Action: "sqs:SendMessage", Resource: t.DeadLetterConfig.ARN, Keys: s.keys(r.arn),
		})
	})
}

// hand starts the execution or invokes the function. When that cannot be, it gives EventBridge's code for it, too (EventBridge
// guide, "Using dead-letter queues to process undelivered events in EventBridge").
func (s *Service) hand(r rule, t Target, input []byte) (code string, err error) {
	if t.RoleARN == "" {
		call := iam.Call{Action: "lambda:InvokeFunction", Resource: t.ARN, Keys: s.keys(r.arn)}
		if err := s.options.Guard.CheckService("events.amazonaws.com", call); err != nil {
			return "NO_PERMISSIONS", err
		}
		return s.outcome(s.options.Functions.InvokeEvent(context.Background(), t.ARN, input))
	}
	if err := s.options.Guard.Assume("events.amazonaws.com", t.RoleARN, s.keys(r.arn)); err != nil {
		return "FAILED_TO_ASSUME_ROLE", err
	}
	ctx := iam.WithCaller(context.Background(), iam.Caller{Role: t.RoleARN, Session: r.Name})
	if err := s.options.Guard.Check(ctx, iam.Call{Action: "states:StartExecution", Resource: t.ARN}); err != nil {
		return "NO_PERMISSIONS", err
	}
	_, err = s.options.StateMachines.StartExecution(t.ARN, "", string(input))
	return s.outcome(err)
}

// outcome is what a target said.
func (s *Service) outcome(err error) (code string, _ error) {
	if err == nil {
		return "", nil
	}
	switch wire.AsError(err).Code {
	case "StateMachineDoesNotExist", "ResourceNotFoundException":
		return "NO_RESOURCE", err
	default:
		return "ERROR_FROM_TARGET", err
	}
}
