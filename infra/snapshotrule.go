package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"

	"snaplake/workflow"
)

// newSnapshotRuleRole creates the role of the rules on RDS snapshot events. Its trust policy names the rules (EventBridge guide,
// "Cross-service confused deputy prevention").
func (s *stack) newSnapshotRuleRole(machine awsstepfunctions.StateMachine) awsiam.Role {
	return s.newRole("SnapshotRuleRole", "Role of the rules that start runs on RDS snapshot events.",
		s.servicePrincipal("events.amazonaws.com", *s.ruleARNs()), actions{"states:StartExecution"}.on(machine.StateMachineArn()))
}

// addSnapshotRule starts a run when RDS has created an automated snapshot. The run itself finds the latest snapshot, because events are
// best effort, may arrive late or twice, and may be about another database with a similar name.
func (s *stack) addSnapshotRule(
	scope constructs.Construct, source workflow.Source, machine awsstepfunctions.StateMachine, role awsiam.Role,
) {
	// The events "Automated DB snapshot created" of instances and of clusters (RDS guide and Aurora guide, "Amazon RDS event
	// categories and event messages").
	kind, event := "RDS DB Snapshot Event", "RDS-EVENT-0091"
	if source.Cluster != "" {
		kind, event = "RDS DB Cluster Snapshot Event", "RDS-EVENT-0169"
	}
	s.addRule(scope, rule{
		id: "SnapshotRule", name: s.config.Name + "-" + source.Name + "-snapshot",
		description: "Starts a run of " + source.Identifier() + " when its automated snapshot is available.",
		source:      "aws.rds", detailType: kind,
		detail: map[string]any{
			"EventID": []string{event},
			// For example rds:shop-prod-2026-11-21-17-05. Without the 20, snapshots of shop-prod-eu would start runs of shop-prod.
			"SourceIdentifier": []any{map[string]string{"prefix": "rds:" + source.Identifier() + "-20"}},
		},
		target: awsevents.CfnRule_TargetProperty{Arn: machine.StateMachineArn(), RoleArn: role.RoleArn(), Input: runInput(source)},
	})
}
