package events

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Schedule is a schedule of EventBridge Scheduler, with the fields of AWS::Scheduler::Schedule.
//
// The service does not wait for the scheduled time, because the clock would then run fast all day (see clock.Scaled).
type Schedule struct {
	Name, Description string
	// GroupName is the name of the schedule group. "" means "default".
	GroupName                                      string
	ScheduleExpression, ScheduleExpressionTimezone string
	FlexibleTimeWindow                             any
	// State is ENABLED or DISABLED. "" means ENABLED.
	State string
	// Target is a state machine. Target.RoleARN is also the role for sending dead letters.
	Target Target
}

// CreateSchedule creates a schedule. Scheduler must be allowed to assume the role.
func (s *Service) CreateSchedule(c Schedule) error {
	c.GroupName = cmp.Or(c.GroupName, "default")
	if s.options.Guard.Assume(scheduler, c.Target.RoleARN, s.groupKeys(c)) != nil {
		return fmt.Errorf("schedule %s: ValidationException: "+
			"The execution role you provide must allow AWS EventBridge Scheduler to assume the role", c.Name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedules[c.Name] = c
	return nil
}

const scheduler = "scheduler.amazonaws.com"

// groupKeys returns the condition keys of a schedule's calls. In aws:SourceArn, Scheduler passes the ARN of the group, not of the schedule
// (Scheduler guide, "Confused deputy prevention in EventBridge Scheduler").
func (s *Service) groupKeys(c Schedule) map[string]string {
	return s.keys(s.arn("scheduler", "schedule-group/"+c.GroupName))
}

// Fire starts a schedule's execution and returns its ARN. If the start fails, Fire sends the input to the schedule's dead-letter queue.
func (s *Service) Fire(name string) (executionARN string, err error) {
	s.mu.Lock()
	c, ok := s.schedules[name]
	s.mu.Unlock()
	switch {
	case !ok:
		return "", fmt.Errorf("schedule %s does not exist", name)
	case c.State == "DISABLED":
		return "", fmt.Errorf("schedule %s is disabled", name)
	}
	if executionARN, err = s.start(scheduler, s.groupKeys(c), name, c.Target, c.Target.Input); err == nil {
		return executionARN, nil
	}
	ctx := iam.WithCaller(context.Background(), iam.Caller{Role: c.Target.RoleARN, Session: name})
	s.bury(c.Target.DeadLetterConfig.ARN, s.deadLetter(c, err), func() error {
		return s.options.Guard.Check(ctx, iam.Call{Action: "sqs:SendMessage", Resource: c.Target.DeadLetterConfig.ARN})
	})
	return "", fmt.Errorf("schedule %s: start an execution of %s: %w", name, c.Target.ARN, err)
}

// deadLetter returns a schedule's dead letter for a failed start (Scheduler guide, "Configuring a schedule's dead-letter queue").
func (s *Service) deadLetter(c Schedule, err error) Message {
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
