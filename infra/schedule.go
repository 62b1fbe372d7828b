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

// newSchedulerRole makes the role of the schedules. They are in the group default, and a group is all that a trust policy may
// name (EventBridge Scheduler guide, "Confused deputy prevention").
func (l *lake) newSchedulerRole(machine awsstepfunctions.StateMachine) awsiam.Role {
	group := l.arn("scheduler", "schedule-group/default")
	return l.newRole("SchedulerRole", "The schedules start nights with it.", l.servicePrincipal("scheduler.amazonaws.com", *group),
		actions{"states:StartExecution"}.on(machine.StateMachineArn()),
		actions{"sqs:SendMessage"}.on(l.deadLetters.QueueArn()),
	)
}

// nightOf is the input of an execution for the source.
func nightOf(source workflow.Source) *string {
	input, err := json.Marshal(workflow.Input{Source: source.Name})
	if err != nil {
		panic(err) // a bug of ours: the struct holds strings only
	}
	return jsii.String(string(input))
}

func (l *lake) addSchedule(scope constructs.Construct, source workflow.Source, machine awsstepfunctions.StateMachine, role awsiam.Role) {
	schedule := awsscheduler.NewCfnSchedule(scope, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       jsii.String(l.config.Name + "-" + source.Name),
		Description:                jsii.String("Starts a night of " + source.Identifier() + "."),
		ScheduleExpression:         &source.Schedule,
		ScheduleExpressionTimezone: &source.TimeZone,
		FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              machine.StateMachineArn(),
			RoleArn:          role.RoleArn(),
			Input:            nightOf(source),
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: l.deadLetters.QueueArn()},
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumRetryAttempts:     jsii.Number(deliveryRetries),
				MaximumEventAgeInSeconds: jsii.Number(deliveryAgeSeconds),
			},
		},
	})
	schedule.Node().AddDependency(role)
}
