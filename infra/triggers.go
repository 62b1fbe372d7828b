package main

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// runInput returns the input of an execution for the source.
func runInput(source workflow.Source) *string {
	input, _ := json.Marshal(workflow.Input{Source: source.Name}) // cannot fail: all fields are strings
	return jsii.String(string(input))
}

// newSchedulerRole creates the role that the schedules use. Its trust policy names the schedule group, because it cannot name individual
// schedules (EventBridge Scheduler guide, "Confused deputy prevention").
func (s *stack) newSchedulerRole(machine awsstepfunctions.StateMachine) awsiam.Role {
	group := s.arn("scheduler", "schedule-group/default")
	return s.newRole("SchedulerRole", "Allows the schedules to start runs.", s.servicePrincipal("scheduler.amazonaws.com", *group),
		actions{"states:StartExecution"}.on(machine.StateMachineArn()),
		actions{"sqs:SendMessage"}.on(s.deadLetters.QueueArn()),
	)
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

// newSnapshotRuleRole creates the role that the rules for RDS snapshot events use. Its trust policy names the rules (EventBridge guide,
// "Cross-service confused deputy prevention").
func (s *stack) newSnapshotRuleRole(machine awsstepfunctions.StateMachine) awsiam.Role {
	return s.newRole("SnapshotRuleRole", "Allows the rules for RDS snapshot events to start runs.",
		s.servicePrincipal("events.amazonaws.com", *s.ruleARNs()), actions{"states:StartExecution"}.on(machine.StateMachineArn()))
}

// addSnapshotRule adds a rule that starts a run when RDS has created an automated snapshot. RDS events may be lost, late, duplicated, or
// about another database with a similar name. So FindSnapshot finds the latest snapshot in each run, whatever the event says.
func (s *stack) addSnapshotRule(
	scope constructs.Construct, source workflow.Source, machine awsstepfunctions.StateMachine, role awsiam.Role,
) {
	// The message of these events is "Automated DB snapshot created" (RDS guide, "Amazon RDS event categories and event messages").
	kind, event := "RDS DB Snapshot Event", "RDS-EVENT-0091"
	if source.Cluster != "" {
		kind, event = "RDS DB Cluster Snapshot Event", "RDS-EVENT-0169"
	}
	s.addRule(scope, rule{
		id: "SnapshotRule", name: s.config.Name + "-" + source.Name + "-snapshot",
		description: "Starts a run of " + source.Identifier() + " when its automated snapshot is available.",
		pattern: map[string]any{
			"source": []string{"aws.rds"}, "detail-type": []string{kind},
			"detail": map[string]any{
				"EventID": []string{event},
				// This prefix matches rds:shop-prod-2026-11-21-17-05. Without "-20", it would also match snapshots of shop-prod-eu.
				"SourceIdentifier": []any{map[string]string{"prefix": "rds:" + source.Identifier() + "-20"}},
			},
		},
		target: awsevents.CfnRule_TargetProperty{Arn: machine.StateMachineArn(), RoleArn: role.RoleArn(), Input: runInput(source)},
	})
}
