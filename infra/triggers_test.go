package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSchedules_StartRunsInTimeZoneOfSource(t *testing.T) {
	schedule := func(source, database, expression, zone string) any {
		return object{
			"Name":                       "data-lake-" + source,
			"Description":                "Starts a run of " + database + ".",
			"ScheduleExpression":         expression,
			"ScheduleExpressionTimezone": zone,
			"FlexibleTimeWindow":         object{"Mode": "OFF"},
			"Target": object{
				"Arn":              "${StateMachine}",
				"RoleArn":          "${SchedulerRole.Arn}",
				"Input":            `{"source":"` + source + `"}`,
				"DeadLetterConfig": object{"Arn": "${DeadLetterQueue.Arn}"},
				"RetryPolicy":      object{"MaximumRetryAttempts": 10.0, "MaximumEventAgeInSeconds": 3600.0},
			},
		}
	}
	want := []any{
		schedule("billing", "billing-prod", "cron(0 20 * * ? *)", "UTC"),
		schedule("ledger", "ledger-prod", "cron(0 1 ? * SUN *)", "UTC"),
		schedule("shop", "shop-prod", "cron(30 3 * * ? *)", "Asia/Tokyo"),
	}
	if diff := cmp.Diff(want, theTemplate(t).properties("AWS::Scheduler::Schedule")); diff != "" {
		t.Errorf("schedules (-want +got):\n%s", diff)
	}
}

func TestSnapshotRules_StartRunOnAutomatedSnapshot(t *testing.T) {
	rule := func(source, database, kind, event string) any {
		return object{
			"Description": "Starts a run of " + database + " when its automated snapshot is available.",
			"State":       "ENABLED",
			"EventPattern": object{
				"account":     []any{"123456789012"},
				"source":      []any{"aws.rds"},
				"detail-type": []any{kind},
				"detail": object{
					"EventID":          []any{event},
					"SourceIdentifier": []any{object{"prefix": "rds:" + database + "-20"}},
				},
			},
			"Targets": []any{object{
				"Id": "Target0", "Arn": "${StateMachine}", "RoleArn": "${SnapshotRuleRole.Arn}", "Input": `{"source":"` + source + `"}`,
				"DeadLetterConfig": object{"Arn": "${DeadLetterQueue.Arn}"},
				"RetryPolicy":      object{"MaximumRetryAttempts": 10.0, "MaximumEventAgeInSeconds": 3600.0},
			}},
		}
	}
	want := object{
		"data-lake-billing-snapshot": rule("billing", "billing-prod", "RDS DB Snapshot Event", "RDS-EVENT-0091"),
		"data-lake-shop-snapshot":    rule("shop", "shop-prod", "RDS DB Cluster Snapshot Event", "RDS-EVENT-0169"),
	}
	got := rules(t)
	delete(got, "data-lake-failed")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

// rules returns the properties of the EventBridge rules by name.
func rules(t *testing.T) object {
	t.Helper()
	found := object{}
	for _, properties := range theTemplate(t).properties("AWS::Events::Rule") {
		rule := properties.(object)
		found[rule["Name"].(string)] = rule
		delete(rule, "Name")
		delete(rule, "Tags")
	}
	return found
}
