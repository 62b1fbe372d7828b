package stepfunctions_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
	"snaplake/local/internal/stepfunctions"
)

// guard knows the role of the state machines, which may do what the texts say and which a service may assume for them.
func guard(t *testing.T, ledger *iam.Ledger, service string, may ...string) *iam.Guard {
	t.Helper()
	const machines = " if StringEquals aws:SourceAccount 123456789012 and ArnLike aws:SourceArn arn:aws:states:ap-northeast-1:123456789012:stateMachine:*"
	return iamtest.NewGuard(t, ledger.Record, iamtest.Role("machine", service+machines, may...))
}

func guarded(t *testing.T, g *iam.Guard, f invoke) world {
	t.Helper()
	c := clock.NewVirtual(evening())
	return world{t: t, clock: c, Service: stepfunctions.New(stepfunctions.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: c, Invoker: lambda{f}, Guard: g,
	})}
}

const deliveries = "logs:* *"

// logging is that of the stack.
func logging() stepfunctions.Logging {
	l := stepfunctions.Logging{Level: "ALL", Destinations: make([]stepfunctions.LogDestination, 1)}
	l.Destinations[0].CloudWatchLogsLogGroup.LogGroupARN = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/machine:*"
	return l
}

func TestTheRoleMustLetStepFunctionsAssumeItAndLog(t *testing.T) {
	for name, test := range map[string]struct {
		service string
		allowed []string
		logging stepfunctions.Logging
		want    string
	}{
		"it does":              {"states.amazonaws.com", []string{deliveries}, logging(), ""},
		"it does, without any": {"states.amazonaws.com", nil, stepfunctions.Logging{}, ""},
		"another service's role": {"glue.amazonaws.com", []string{deliveries}, logging(),
			"AccessDeniedException: Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role."},
		"it allows one action of eight": {"states.amazonaws.com", []string{"logs:CreateLogDelivery *"}, logging(),
			"AccessDeniedException: The state machine IAM Role is not authorized to access the Log Destination: " +
				iamtest.Refusal(iam.Caller{Role: role, Session: "m"}, "logs:GetLogDelivery", "*")},
		"logging into nothing": {"states.amazonaws.com", []string{deliveries}, stepfunctions.Logging{Level: "ALL"},
			"InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination."},
	} {
		t.Run(name, func(t *testing.T) {
			w := guarded(t, guard(t, &iam.Ledger{}, test.service, test.allowed...), nil)
			got := ""
			if _, err := w.CreateStateMachine(stepfunctions.StateMachine{Name: "m", RoleARN: role, Definition: succeed, Logging: test.logging}); err != nil {
				got = err.Error()
			}
			equal(t, test.want, got)
		})
	}
}

func TestALambdaTaskIsTheMachinesRoles(t *testing.T) {
	var caller iam.Caller
	w := newWorld(t, func(ctx context.Context, _ string, _ []byte) (stepfunctions.Invocation, error) {
		caller = iam.CallerOf(ctx)
		return answer(`{}`)
	})
	w.run(invokeTask, `{}`)
	equal(t, iam.Caller{Role: role, Session: "e"}, caller)
}

func TestEachRunIsTracedWhenTheRoleAllowsItAndElseRunsAnyway(t *testing.T) {
	for _, allowed := range []bool{true, false} {
		ledger, policies := &iam.Ledger{}, []string{}
		want := []string{"xray:PutTraceSegments false"}
		if allowed {
			policies = append(policies, "xray:* *")
			want = []string{"xray:PutTraceSegments true", "xray:PutTelemetryRecords true", "xray:GetSamplingRules true", "xray:GetSamplingTargets true"}
		}
		w := guarded(t, guard(t, ledger, "states.amazonaws.com", policies...), nil)
		arn, err := w.CreateStateMachine(stepfunctions.StateMachine{Name: "m", RoleARN: role, Definition: succeed, Tracing: true})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, stepfunctions.Succeeded, w.wait(w.start(arn, "e", "")).Status)
		var got []string
		for _, d := range ledger.Decisions() {
			if d.Caller.Role == role {
				got = append(got, fmt.Sprint(d.Call.Action, " ", d.Denied == nil))
			}
		}
		equal(t, want, got)
	}
}

func TestTheAPIIsForThoseWhoMay(t *testing.T) {
	const arn = "arn:aws:states:ap-northeast-1:123456789012:"
	w := guarded(t, guard(t, &iam.Ledger{}, "states.amazonaws.com", "states:CreateStateMachine *"), nil)
	caller := iam.Caller{Role: role, Session: "e"}
	client := w.clientAs(caller)
	machine, execution := aws.String(arn+"stateMachine:m"), aws.String(arn+"execution:m:e")
	for want, call := range map[string]func(context.Context) error{
		"states:UpdateStateMachine " + *machine: func(ctx context.Context) error {
			_, err := client.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: machine})
			return err
		},
		"states:DescribeStateMachine " + *machine: func(ctx context.Context) error {
			_, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: machine})
			return err
		},
		"states:DescribeStateMachineForExecution " + *execution: func(ctx context.Context) error {
			_, err := client.DescribeStateMachineForExecution(ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: execution})
			return err
		},
		"states:ListStateMachines *": func(ctx context.Context) error {
			_, err := client.ListStateMachines(ctx, &sfn.ListStateMachinesInput{})
			return err
		},
		"states:StartExecution " + *machine: func(ctx context.Context) error {
			_, err := client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: machine})
			return err
		},
		"states:StopExecution " + *execution: func(ctx context.Context) error {
			_, err := client.StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: execution})
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
		"states:ListExecutions " + *machine: func(ctx context.Context) error {
			_, err := client.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: machine})
			return err
		},
		"states:GetExecutionHistory " + *execution: func(ctx context.Context) error {
			_, err := client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: execution})
			return err
		},
		"iam:PassRole " + role: func(ctx context.Context) error { // it may create a machine, but not give it a role
			_, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("m"), RoleArn: aws.String(role), Definition: aws.String(succeed)})
			return err
		},
	} {
		action, resource, _ := strings.Cut(want, " ")
		text := "AccessDeniedException: " + iamtest.Refusal(caller, action, resource)
		if api, ok := errors.AsType[smithy.APIError](call(t.Context())); !ok || api.ErrorCode()+": "+api.ErrorMessage() != text {
			t.Errorf("got %v, want %s", api, text)
		}
	}
}
