package stepfunctions

import (
	"context"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// target is an operation's parameters: they name what the operation is on.
type target interface {
	// resource is the ARN that policies see, or "*".
	resource(*Service) string
}

// operation makes one of the API's. It is for those who may do it: action is its name.
func operation[In target](s *Service, action string, f func(context.Context, In) (any, error)) wire.Operation {
	return wire.JSON(func(ctx context.Context, in In) (any, error) {
		if err := s.opts.Guard.Check(ctx, iam.Call{Action: "states:" + action, Resource: in.resource(s)}); err != nil {
			return nil, err
		}
		return f(ctx, in)
	})
}

// mayPass lets those give a state machine a role who may pass it to Step Functions.
func (s *Service) mayPass(ctx context.Context, roleARN string) error {
	return s.opts.Guard.Check(ctx, iam.Call{
		Action: "iam:PassRole", Resource: roleARN, Keys: map[string]string{"iam:PassedToService": "states.amazonaws.com"},
	})
}

// checkRole applies what Step Functions asks of a state machine's role when it is made or updated (Step Functions guide,
// "Creating an IAM role for your state machine in Step Functions" and "Using CloudWatch Logs to log execution history").
func (s *Service) checkRole(m StateMachine) error {
	keys := map[string]string{"aws:SourceAccount": s.opts.Account, "aws:SourceArn": s.arn("stateMachine", m.Name)}
	if err := s.opts.Guard.Assume("states.amazonaws.com", m.RoleARN, keys); err != nil {
		return wire.Errorf("AccessDeniedException",
			"Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.")
	}
	if m.Logging.Level == "OFF" {
		return nil
	}
	ctx := iam.WithCaller(context.Background(), iam.Caller{Role: m.RoleARN, Session: m.Name})
	if err := s.opts.Guard.Check(ctx, anywhere("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery",
		"logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies",
		"logs:DescribeLogGroups")...); err != nil {
		return wire.Errorf("AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination: %v", err)
	}
	return nil
}

// trace does of a run's tracing what IAM sees. Nothing becomes of it when the role does not allow it: AWS loses the trace and
// says nothing.
func (s *Service) trace(r *run) {
	if r.revision.Tracing {
		_ = s.opts.Guard.Check(r.ctx, anywhere("xray:PutTraceSegments", "xray:PutTelemetryRecords",
			"xray:GetSamplingRules", "xray:GetSamplingTargets")...)
	}
}

// anywhere are calls of actions that know no resource.
func anywhere(actions ...string) []iam.Call {
	calls := make([]iam.Call, len(actions))
	for i, action := range actions {
		calls[i] = iam.Call{Action: action, Resource: "*"}
	}
	return calls
}
