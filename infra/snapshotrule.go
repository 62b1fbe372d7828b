package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"

	"snaplake/workflow"
)

// newSnapshotRuleRole makes the role of the rules on snapshots. A trust policy may name rules (EventBridge guide, "Cross-service
// confused deputy prevention").
func (l *lake) newSnapshotRuleRole(machine awsstepfunctions.StateMachine) awsiam.Role {
	return l.newRole("SnapshotRuleRole", "The rules on RDS's snapshot events start nights with it.",
		l.servicePrincipal("events.amazonaws.com", *l.ruleARNs()), actions{"states:StartExecution"}.on(machine.StateMachineArn()))
}

// addSnapshotRule starts a night as soon as RDS says that an automated snapshot is there. The event only starts it: the night
// looks for the newest snapshot itself, as any other does. Events are best effort, may come late or twice, and the rule may match
// a neighbour's snapshot.
func (l *lake) addSnapshotRule(scope constructs.Construct, source workflow.Source, machine awsstepfunctions.StateMachine, role awsiam.Role) {
	// The events "Automated DB snapshot created" of instances and of clusters (RDS guide and Aurora guide, "Amazon RDS event
	// categories and event messages").
	kind, event := "RDS DB Snapshot Event", "RDS-EVENT-0091"
	if source.Cluster != "" {
		kind, event = "RDS DB Cluster Snapshot Event", "RDS-EVENT-0169"
	}
	l.addRule(scope, rule{
		id: "SnapshotRule", name: l.config.Name + "-" + source.Name + "-snapshot",
		description: "Starts a night of " + source.Identifier() + " when its automated snapshot is there.",
		source:      "aws.rds", detailType: kind,
		detail: map[string]any{
			"EventID": []string{event},
			// As rds:shop-prod-2026-11-21-17-05. Without the 20, snapshots of shop-prod-eu would start nights of shop-prod.
			"SourceIdentifier": []any{map[string]string{"prefix": "rds:" + source.Identifier() + "-20"}},
		},
		target: awsevents.CfnRule_TargetProperty{Arn: machine.StateMachineArn(), RoleArn: role.RoleArn(), Input: nightOf(source)},
	})
}
