package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDeadLetters_EncryptedAndRetained(t *testing.T) {
	queue := theTemplate(t).one(t, "AWS::SQS::Queue").Properties
	if queue["SqsManagedSseEnabled"] != true || queue["MessageRetentionPeriod"] != 14*24*3600.0 {
		t.Errorf("the queue is %v, want encryption by SQS and a retention of 14 days", queue)
	}
}

func TestDeadLetters_AllowOnlyRulesOfStack(t *testing.T) {
	want := any([]any{
		object{
			"Effect": "Deny", "Principal": object{"AWS": "*"}, "Action": "sqs:*", "Resource": "${DeadLetterQueue.Arn}",
			"Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
		},
		object{
			"Sid": "Rules", "Effect": "Allow", "Principal": object{"Service": "events.amazonaws.com"},
			"Action": "sqs:SendMessage", "Resource": "${DeadLetterQueue.Arn}",
			"Condition": object{"ArnLike": object{"aws:SourceArn": "arn:aws:events:ap-northeast-1:123456789012:rule/data-lake-*"}},
		},
	})
	if diff := cmp.Diff(want, theTemplate(t).policy(t, "AWS::SQS::QueuePolicy")); diff != "" {
		t.Errorf("queue policy (-want +got):\n%s", diff)
	}
}
