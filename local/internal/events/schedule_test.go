package events_test

import (
	"strings"
	"testing"

	"snaplake/local/internal/events"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

const schedule = `{"Name": "snaplake-shop", "Description": "", "ScheduleExpression": "cron(30 3 * * ? *)", "ScheduleExpressionTimezone": ` +
	`"Asia/Tokyo",
	"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "` + machine + `", "RoleArn": "` + role + `", "Input": "{\"source\":\"shop\"}",
		"RetryPolicy": {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600}, "DeadLetterConfig": {"Arn": "` + queue + `"}}}`

// scheduled returns a service with the schedule, whose role has these permissions.
func scheduled(t *testing.T, may ...string) env {
	t.Helper()
	a := access{trust: "arn:aws:scheduler:ap-northeast-1:123456789012:schedule-group/default", may: may, invoke: failureARN, send: failureARN}
	w := newEnv(a.guard(t, "scheduler.amazonaws.com"))
	if err := w.CreateSchedule(properties[events.Schedule](t, schedule)); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestFire_StartsExecution(t *testing.T) {
	w := scheduled(t, "states:StartExecution "+machine)
	arn, err := w.Fire("snaplake-shop")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "arn:aws:states:ap-northeast-1:123456789012:execution:snaplake:1", arn)
	equal(t, []string{machine + ` {"source":"shop"}`}, w.targets.started)
}

func TestFire_SendsDeadLetter(t *testing.T) {
	denied := iamtest.Refusal(iam.Caller{Role: role, Session: "snaplake-shop"}, "states:StartExecution", machine)
	w := scheduled(t, "sqs:SendMessage "+queue)
	_, err := w.Fire("snaplake-shop")
	if want := "schedule snaplake-shop: start an execution of " + machine + ": " + denied; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	letters := w.queue.Messages()
	if len(letters) != 1 {
		t.Fatalf("%d dead letters; log: %s", len(letters), w.log)
	}
	letters[0].Attributes["EXECUTION_ID"] = identity.ReplaceAllString(letters[0].Attributes["EXECUTION_ID"], "ID")
	equal(t, events.Message{Body: `{"source":"shop"}`, Attributes: map[string]string{
		"SCHEDULE_ARN": "arn:aws:scheduler:ap-northeast-1:123456789012:schedule/default/snaplake-shop", "TARGET_ARN": machine,
		"SCHEDULED_TIME": "2026-11-21T17:05:12Z", "EXECUTION_ID": "ID", "ERROR_CODE": "AccessDeniedException", "ERROR_MESSAGE": denied,
		"RETRY_ATTEMPTS": "0", "IS_PAYLOAD_TRUNCATED": "false",
	}}, letters[0])
}

func TestFire_LogsLostEvent(t *testing.T) {
	w := scheduled(t, "states:StartExecution "+machine)
	w.targets.refusal = noMachine
	if _, err := w.Fire("snaplake-shop"); err == nil {
		t.Error("an execution was started")
	}
	equal(t, 0, len(w.queue.Messages()))
	if !strings.Contains(w.log.String(), "sqs:SendMessage") {
		t.Errorf("log: %s", w.log)
	}
}

func TestCreateSchedule_RejectsInvalidSchedules(t *testing.T) {
	const trusted = "arn:aws:scheduler:ap-northeast-1:123456789012:schedule-group/default"
	otherGroup := strings.NewReplacer(`"Description": ""`, `"GroupName": "other"`)
	for want, change := range map[string]*strings.Replacer{
		`R (T): unsupported properties: json: unknown field "EndDate"`: strings.NewReplacer(`"Description"`, `"EndDate"`),
		`schedule snaplake-shop: ValidationException: ` +
			`The execution role you provide must allow AWS EventBridge Scheduler to assume the role`: otherGroup,
	} {
		c, err := decoded[events.Schedule](t, change.Replace(schedule))
		if err == nil {
			err = newEnv(access{trust: trusted, invoke: failureARN, send: failureARN}.guard(t, "scheduler.amazonaws.com")).CreateSchedule(c)
		}
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestFire_RejectsDisabledSchedule(t *testing.T) {
	w := newEnv(nil)
	if err := w.CreateSchedule(properties[events.Schedule](t, strings.Replace(schedule, `"Name"`, `"State": "DISABLED", "Name"`,
		1))); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"snaplake-shop": "is disabled", "other": "does not exist"} {
		want := "schedule " + name + " " + want
		if _, err := w.Fire(name); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	equal(t, 0, len(w.targets.started))
}
