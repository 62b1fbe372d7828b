package stepfunctions

import (
	"context"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// operation returns an operation of the API that checks the caller's permission and then calls f.
func operation[In interface{ resource() string }](s *Service, name string, f func(context.Context, In) (any, error)) wire.Operation {
	return wire.JSON(func(ctx context.Context, in In) (any, error) {
		if err := s.opts.Guard.Check(ctx, iam.Call{Action: "states:" + name, Resource: in.resource()}); err != nil {
			return nil, err
		}
		return f(ctx, in)
	})
}

// checkRole checks that Step Functions may assume the role of a state machine, and that the role has the permissions for logging (Step
// Functions guide, "Creating an IAM role for your state machine in Step Functions" and "Using CloudWatch Logs to log execution history").
func (s *Service) checkRole(m StateMachine) error {
	keys := map[string]string{"aws:SourceAccount": s.opts.Account, "aws:SourceArn": s.arn("stateMachine", m.Name)}
	if err := s.opts.Guard.Assume("states.amazonaws.com", m.RoleARN, keys); err != nil {
		return wire.Errorf("AccessDeniedException",
			"Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.")
	}
	if !m.Logging {
		return nil
	}
	ctx := iam.WithCaller(context.Background(), iam.Caller{Role: m.RoleARN, Session: m.Name})
	if err := s.opts.Guard.Check(ctx, onAnyResource("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery",
		"logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies",
		"logs:DescribeLogGroups")...); err != nil {
		return wire.Errorf("AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination: %v", err)
	}
	return nil
}

// checkTracing checks the role's permissions for X-Ray. A missing permission is not an error. On AWS, only the trace is lost.
func (s *Service) checkTracing(r *run) {
	if r.execution.Machine.Tracing {
		_ = s.opts.Guard.Check(r.ctx, onAnyResource("xray:PutTraceSegments", "xray:PutTelemetryRecords",
			"xray:GetSamplingRules", "xray:GetSamplingTargets")...)
	}
}

// onAnyResource returns one call for each action, on the resource "*".
func onAnyResource(actions ...string) []iam.Call {
	calls := make([]iam.Call, len(actions))
	for i, action := range actions {
		calls[i] = iam.Call{Action: action, Resource: "*"}
	}
	return calls
}
