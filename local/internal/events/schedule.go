package events

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Schedule is a schedule of EventBridge Scheduler, with the fields of AWS::Scheduler::Schedule.
//
// None fires by itself here: somebody asleep until tonight would make the local AWS's clock run fast all day, see
// clock.Scaled. [Service.Fire] is what the time would do.
type Schedule struct {
	Name, Description string
	// GroupName is "default" when it is "".
	GroupName                                      string
	ScheduleExpression, ScheduleExpressionTimezone string
	FlexibleTimeWindow                             struct {
		Mode                   string
		MaximumWindowInMinutes int
	}
	// State is ENABLED or DISABLED; "" means ENABLED.
	State  string
	Target ScheduleTarget
}

// ScheduleTarget is the state machine that a schedule starts.
type ScheduleTarget struct {
	// ARN of the state machine.
	ARN string `json:"Arn"`
	// RoleARN is the role that starts the execution, and sends what could not be started to the queue.
	RoleARN string `json:"RoleArn"`
	// Input of the execution, a JSON text; "" means "{}".
	Input            string
	RetryPolicy      RetryPolicy
	DeadLetterConfig DeadLetterConfig
}

// UnmarshalJSON reads the properties of an AWS::Scheduler::Schedule. One that is not here is refused by name.
func (c *Schedule) UnmarshalJSON(b []byte) error {
	type properties Schedule
	return decode(b, (*properties)(c))
}

// decode reads properties into a struct that has them all.
func decode(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the local AWS does not take this: %w", err)
	}
	return nil
}

// CreateSchedule makes a schedule. Its queue for dead letters must exist. A role that Scheduler may not assume is refused, as
// Scheduler does.
func (s *Service) CreateSchedule(c Schedule) error {
	if c.GroupName == "" {
		c.GroupName = "default"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkSchedule(c); err != nil {
		return fmt.Errorf("schedule %s: %w", c.Name, err)
	}
	s.schedules[c.Name] = c
	return nil
}

// checkSchedule refuses what cannot work. The caller holds mu.
func (s *Service) checkSchedule(c Schedule) error {
	if c.State != "" && c.State != "ENABLED" && c.State != "DISABLED" {
		return fmt.Errorf("its State is %s; it can be ENABLED or DISABLED", c.State)
	}
	if err := s.assume(c); err != nil {
		return wire.Errorf("ValidationException", "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	return s.checkDelivery(c.Target.Input, c.Target.RetryPolicy, c.Target.DeadLetterConfig)
}

// assume is Scheduler's taking of a schedule's role. Its source is the group, not the schedule (Scheduler guide, "Confused
// deputy prevention in EventBridge Scheduler").
func (s *Service) assume(c Schedule) error {
	return s.options.Guard.Assume("scheduler.amazonaws.com", c.Target.RoleARN, s.keys(s.arn("scheduler", "schedule-group/"+c.GroupName)))
}

// Fire lets a schedule start its execution now, and returns the execution's ARN. What could not be started is in the schedule's
// dead-letter queue then.
func (s *Service) Fire(name string) (executionARN string, err error) {
	s.mu.Lock()
	c, ok := s.schedules[name]
	s.mu.Unlock()
	switch {
	case !ok:
		return "", fmt.Errorf("there is no schedule %s", name)
	case c.State == "DISABLED":
		return "", fmt.Errorf("schedule %s is disabled", name)
	}
	ctx := iam.WithCaller(context.Background(), iam.Caller{Role: c.Target.RoleARN, Session: name})
	if executionARN, err = s.start(ctx, c); err == nil {
		return executionARN, nil
	}
	s.bury(c.Target.DeadLetterConfig.ARN, s.unstarted(c, err), func() error {
		return s.options.Guard.Check(ctx, iam.Call{Action: "sqs:SendMessage", Resource: c.Target.DeadLetterConfig.ARN})
	})
	return "", fmt.Errorf("schedule %s could not start an execution of %s: %w", name, c.Target.ARN, err)
}

// start starts the execution, with the schedule's role.
func (s *Service) start(ctx context.Context, c Schedule) (executionARN string, err error) {
	if err := s.assume(c); err != nil {
		return "", err
	}
	if err := s.options.Guard.Check(ctx, iam.Call{Action: "states:StartExecution", Resource: c.Target.ARN}); err != nil {
		return "", err
	}
	return s.options.StateMachines.StartExecution(c.Target.ARN, "", c.Target.Input)
}

// unstarted is the dead letter of a schedule (Scheduler guide, "Configuring a schedule's dead-letter queue").
func (s *Service) unstarted(c Schedule, err error) Message {
	return Message{Body: c.Target.Input, Attributes: map[string]string{
		"SCHEDULE_ARN":         s.arn("scheduler", "schedule/"+c.GroupName+"/"+c.Name),
		"TARGET_ARN":           c.Target.ARN,
		"SCHEDULED_TIME":       s.options.Clock.Now().UTC().Format(time.RFC3339),
		"EXECUTION_ID":         wire.NewRequestID(),
		"ERROR_CODE":           wire.AsError(err).Code,
		"ERROR_MESSAGE":        wire.AsError(err).Message,
		"RETRY_ATTEMPTS":       "0",
		"IS_PAYLOAD_TRUNCATED": "false",
	}}
}
