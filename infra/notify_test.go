package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNotifier_ReceivesFailedExecutions(t *testing.T) {
	want := any(object{
		"Description": "Sends a notification if an execution failed, timed out or was aborted.",
		"State":       "ENABLED",
		"EventPattern": object{
			"account":     []any{"123456789012"},
			"source":      []any{"aws.states"},
			"detail-type": []any{"Step Functions Execution Status Change"},
			"detail": object{
				"stateMachineArn": []any{"${StateMachine}"},
				"status":          []any{"FAILED", "TIMED_OUT", "ABORTED"},
			},
		},
		"Targets": []any{object{
			"Id": "Target0", "Arn": "${NotifyFunction.Arn}",
			"DeadLetterConfig": object{"Arn": "${DeadLetterQueue.Arn}"},
			"RetryPolicy":      object{"MaximumRetryAttempts": 10.0, "MaximumEventAgeInSeconds": 3600.0},
		}},
	})
	if diff := cmp.Diff(want, rules(t)["data-lake-failed"]); diff != "" {
		t.Errorf("rule (-want +got):\n%s", diff)
	}
	permission := any(object{
		"Action": "lambda:InvokeFunction", "FunctionName": "${NotifyFunction.Arn}",
		"Principal": "events.amazonaws.com", "SourceArn": "${FailureRule.Arn}",
	})
	if diff := cmp.Diff([]any{permission}, theTemplate(t).properties("AWS::Lambda::Permission")); diff != "" {
		t.Errorf("permissions to invoke functions (-want +got):\n%s", diff)
	}
}

func TestNotifier_HasDeadLetterQueue(t *testing.T) {
	for _, f := range theTemplate(t).properties("AWS::Lambda::Function") {
		f := f.(object)
		var want any
		if f["Handler"] == "notify" {
			want = object{"TargetArn": "${DeadLetterQueue.Arn}"}
		}
		if diff := cmp.Diff(want, f["DeadLetterConfig"]); diff != "" {
			t.Errorf("dead letters of %v (-want +got):\n%s", f["Handler"], diff)
		}
	}
}

func TestTopic_SubscribesEveryAddress(t *testing.T) {
	var got []any
	for _, properties := range theTemplate(t).properties("AWS::SNS::Subscription") {
		s := properties.(object)
		got = append(got, []any{s["Protocol"], s["Endpoint"], s["TopicArn"]})
	}
	want := []any{
		[]any{"email", "data-team@example.com", "${Topic}"},
		[]any{"email", "on-call@example.com", "${Topic}"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("subscriptions (-want +got):\n%s", diff)
	}
}

func TestTopic_AllowsOnlyAlarmsOfAccount(t *testing.T) {
	want := any([]any{
		object{
			"Sid": "AllowPublishThroughSSLOnly", "Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "${Topic}",
			"Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
		},
		object{
			"Sid": "Alarms", "Effect": "Allow", "Principal": object{"Service": "cloudwatch.amazonaws.com"},
			"Action": "sns:Publish", "Resource": "${Topic}",
			"Condition": object{"StringEquals": object{"aws:SourceAccount": "123456789012"}},
		},
	})
	if diff := cmp.Diff(want, theTemplate(t).policy(t, "AWS::SNS::TopicPolicy")); diff != "" {
		t.Errorf("topic policy (-want +got):\n%s", diff)
	}
}
