package main

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// newSchedulerRole creates the role of the schedules. Its trust policy names their group, default, because it cannot name schedules
// (EventBridge Scheduler guide, "Confused deputy prevention").
func (s *stack) newSchedulerRole(machine awsstepfunctions.StateMachine) awsiam.Role {
	group := s.arn("scheduler", "schedule-group/default")
	return s.newRole("SchedulerRole", "Role of the schedules, which start runs.", s.servicePrincipal("scheduler.amazonaws.com", *group),
		actions{"states:StartExecution"}.on(machine.StateMachineArn()),
		actions{"sqs:SendMessage"}.on(s.deadLetters.QueueArn()),
	)
}

// runInput returns the execution input for a run of the source.
func runInput(source workflow.Source) *string {
	input, err := json.Marshal(workflow.Input{Source: source.Name})
	if err != nil {
		panic(err) // cannot happen: the struct holds only strings
	}
	return jsii.String(string(input))
}

func (s *stack) addSchedule(scope constructs.Construct, source workflow.Source, machine awsstepfunctions.StateMachine, role awsiam.Role) {
	schedule := awsscheduler.NewCfnSchedule(scope, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       jsii.String(s.config.Name + "-" + source.Name),
		Description:                jsii.String("Starts a run of " + source.Identifier() + "."),
		ScheduleExpression:         &source.Schedule,
		ScheduleExpressionTimezone: &source.TimeZone,
		FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              machine.StateMachineArn(),
			RoleArn:          role.RoleArn(),
			Input:            runInput(source),
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: s.deadLetters.QueueArn()},
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumRetryAttempts:     jsii.Number(deliveryRetries),
				MaximumEventAgeInSeconds: jsii.Number(deliveryAgeSeconds),
			},
		},
	})
	schedule.Node().AddDependency(role)
}
