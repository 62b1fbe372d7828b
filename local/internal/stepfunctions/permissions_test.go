package stepfunctions_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

// guarded returns a service with a guard. The role of the state machines trusts one service and allows the calls in policies.
func guarded(t *testing.T, ledger *iam.AccessLog, service string, policies ...string) testService {
	t.Helper()
	const account = " if StringEquals aws:SourceAccount 123456789012"
	const machines = " and ArnLike aws:SourceArn arn:aws:states:ap-northeast-1:123456789012:stateMachine:*"
	g := iamtest.NewGuard(t, ledger.Record, iamtest.Role("machine", service+account+machines, policies...))
	return newService(t, answers(`{}`), func(o *stepfunctions.Options) { o.Guard = g })
}

func TestCreateStateMachine_ChecksTheRole(t *testing.T) {
	for name, test := range map[string]struct {
		service string
		allowed []string
		logging bool
		want    string
	}{
		"allowed":    {"states.amazonaws.com", []string{"logs:* *"}, true, ""},
		"no logging": {"states.amazonaws.com", nil, false, ""},
		"role of Glue": {"glue.amazonaws.com", []string{"logs:* *"}, true, "AccessDeniedException: " +
			"Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role."},
		"one action of many": {"states.amazonaws.com", []string{"logs:CreateLogDelivery *"}, true, "AccessDeniedException: " +
			"The state machine IAM Role is not authorized to access the Log Destination: " +
			iamtest.Refusal(iam.Caller{Role: role, Session: "m"}, "logs:GetLogDelivery", "*")},
	} {
		t.Run(name, func(t *testing.T) {
			s := guarded(t, &iam.AccessLog{}, test.service, test.allowed...)
			got := ""
			in := stepfunctions.StateMachine{Name: "m", RoleARN: role, Definition: oneWait, Logging: test.logging}
			if _, err := s.CreateStateMachine(in); err != nil {
				got = err.Error()
			}
			equal(t, test.want, got)
		})
	}
}

func TestTask_InvokesFunctionAsRoleOfStateMachine(t *testing.T) {
	var caller iam.Caller
	s := newService(t, func(ctx context.Context, _ string, _ []byte) (lambda.Invocation, error) {
		caller = iam.CallerOf(ctx)
		return answer(`{}`)
	})
	s.run(invokeTask, `{}`)
	equal(t, iam.Caller{Role: role, Session: "e"}, caller)
}

func TestRun_IsTracedOnlyIfRoleAllowsIt(t *testing.T) {
	for _, allowed := range []bool{true, false} {
		ledger, policies := &iam.AccessLog{}, []string{}
		want := []string{"xray:PutTraceSegments false"}
		if allowed {
			policies = append(policies, "xray:* *")
			want = nil
			for _, action := range []string{"PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"} {
				want = append(want, "xray:"+action+" true")
			}
		}
		s := guarded(t, ledger, "states.amazonaws.com", policies...)
		must[string](t)(s.CreateStateMachine(stepfunctions.StateMachine{Name: "m", RoleARN: role, Definition: invokeTask, Tracing: true}))
		equal(t, stepfunctions.Succeeded, s.wait(s.start("e", "")).Status)
		var got []string
		for _, d := range ledger.Decisions() {
			if d.Caller.Role == role {
				got = append(got, fmt.Sprint(d.Call.Action, " ", d.Denied == nil))
			}
		}
		equal(t, want, got)
	}
}

func TestAPI_ChecksPoliciesOfCaller(t *testing.T) {
	caller := iam.Caller{Role: role, Session: "e"}
	client := guarded(t, &iam.AccessLog{}, "states.amazonaws.com").client(caller)
	machine, execution := aws.String(machineARN), aws.String("arn:aws:states:ap-northeast-1:123456789012:execution:m:e")
	for want, call := range map[string]func(context.Context) error{
		"states:StartExecution " + *machine: func(ctx context.Context) error {
			_, err := client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: machine})
			return err
		},
		"states:RedriveExecution " + *execution: func(ctx context.Context) error {
			_, err := client.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: execution})
			return err
		},
		"states:DescribeExecution " + *execution: func(ctx context.Context) error {
			_, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: execution})
			return err
		},
		"states:GetExecutionHistory " + *execution: func(ctx context.Context) error {
			_, err := client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: execution})
			return err
		},
	} {
		action, resource, _ := strings.Cut(want, " ")
		equal(t, "AccessDeniedException: "+iamtest.Refusal(caller, action, resource), apiError(call(t.Context())))
	}
}
