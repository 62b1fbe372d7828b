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
