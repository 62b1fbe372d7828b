package events_test

import (
	"encoding/json"
	"strings"
	"testing"

	"snaplake/local/internal/events"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

const (
	eventPattern = `{"account": ["123456789012"], "source": ["aws.rds"], "detail-type": ["RDS DB Snapshot Event"],
			"detail": {"EventID": ["RDS-EVENT-0091"], "SourceIdentifier": [{"prefix": "rds:shop-prod-20"}]}}`
	snapshotRule = `{"Name": "shop-snapshot", "Description": "", "State": "ENABLED", "Tags": [{"Key": "team", "Value": "data"}],
		"EventPattern": ` + eventPattern + `,
		"Targets": [{"Id": "Target0", "Arn": "` + machine + `", "RoleArn": "` + role + `", "Input": "{\"source\":\"shop\"}",
			"RetryPolicy": {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600}, "DeadLetterConfig": {"Arn": "` + queue + `"}}]}`
	snapshotARN = "arn:aws:events:ap-northeast-1:123456789012:rule/shop-snapshot"

	failureRule = `{"Name": "failed", "EventPattern": {"source": ["aws.states"], "detail": {"status": ["FAILED", "TIMED_OUT"]}},
		"Targets": [{"Id": "Target0", "Arn": "` + function + `", "DeadLetterConfig": {"Arn": "` + queue + `"}}]}`
	failureARN = "arn:aws:events:ap-northeast-1:123456789012:rule/failed"
)

func snapshotEvent(id, identifier string) events.Event {
	return events.Event{
		Source: "aws.rds", DetailType: "RDS DB Snapshot Event", Resources: []string{"arn:aws:rds:ap-northeast-1:123456789012:snapshot:" +
			identifier},
		Detail: map[string]any{"EventID": id, "SourceIdentifier": identifier, "EventCategories": []string{"creation"}},
	}
}

func failureEvent() events.Event {
	return events.Event{Source: "aws.states", DetailType: "Step Functions Execution Status Change", Resources: []string{"e"},
		Detail: map[string]any{"status": "FAILED"}}
}

// everything returns the permissions that the two rules need.
func everything() access {
	return access{trust: snapshotARN, may: []string{"states:StartExecution " + machine}, invoke: failureARN,
		send: "arn:aws:events:*:123456789012:rule/*"}
}

// ruled returns a service with the two rules.
func ruled(t *testing.T, a access) env {
	t.Helper()
	w := newEnv(a.guard(t, "events.amazonaws.com"))
	for _, text := range []string{snapshotRule, failureRule} {
		if err := w.PutRule(properties[events.Rule](t, text)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func TestPut_DeliversToTargetsOfMatchingRules(t *testing.T) {
	w := ruled(t, everything())
	w.Put(snapshotEvent("RDS-EVENT-0091", "rds:shop-prod-2026-11-21-17-05"))
	w.Put(snapshotEvent("RDS-EVENT-0090", "rds:shop-prod-2026-11-21-17-05"))
	w.Put(snapshotEvent("RDS-EVENT-0091", "rds:shop-prod-eu-2026-11-21-17-05"))
	w.Put(failureEvent())
	equal(t, []string{machine + ` {"source":"shop"}`}, w.targets.started)
	for i, text := range w.targets.invoked {
		w.targets.invoked[i] = identity.ReplaceAllString(text, "ID")
	}
	equal(t, []string{function + ` {"version":"0","id":"ID","detail-type":"Step Functions Execution Status Change","source":"aws.states",` +
		`"account":"123456789012","time":"2026-11-21T17:05:12Z","region":"ap-northeast-1","resources":["e"],"detail":{"status":"FAILED"}}`},
		w.targets.invoked)
	equal(t, 0, len(w.queue.Messages()))
}

func TestPut_IgnoresDisabledRule(t *testing.T) {
	w := newEnv(nil)
	if err := w.PutRule(properties[events.Rule](t, strings.Replace(failureRule, `"Name"`, `"State": "DISABLED", "Name"`, 1))); err != nil {
		t.Fatal(err)
	}
	w.Put(failureEvent())
	equal(t, 0, len(w.targets.invoked))
}

func TestPut_SendsDeadLetter(t *testing.T) {
	started := iamtest.Refusal(iam.Caller{Role: role, Session: "shop-snapshot"}, "states:StartExecution", machine)
	for name, test := range map[string]struct {
		change     func(*access)
		refusal    error
		event      events.Event
		code, text string
	}{
		"the role may not start an execution": {func(a *access) { a.may = nil }, nil, snapshotEvent("RDS-EVENT-0091", "rds:shop-prod-2026"),
			"NO_PERMISSIONS", started},
		"the role trusts another rule": {func(a *access) { a.trust = failureARN }, nil, snapshotEvent("RDS-EVENT-0091", "rds:shop-prod-2026"),
			"FAILED_TO_ASSUME_ROLE", "sts:AssumeRole on resource: " + role},
		"missing state machine": {func(*access) {}, noMachine, snapshotEvent("RDS-EVENT-0091", "rds:shop-prod-2026"), "NO_RESOURCE",
			noMachine.Error()},
		"the function allows another rule": {func(a *access) { a.invoke = snapshotARN }, nil, failureEvent(), "NO_PERMISSIONS",
			"lambda:InvokeFunction on resource: " + function},
	} {
		t.Run(name, func(t *testing.T) {
			a := everything()
			test.change(&a)
			w := ruled(t, a)
			w.targets.refusal = test.refusal
			w.Put(test.event)
			letters := w.queue.Messages()
			if len(letters) != 1 {
				t.Fatalf("%d dead letters; log: %s", len(letters), w.log)
			}
			var event struct{ Source string }
			if err := json.Unmarshal([]byte(letters[0].Body), &event); err != nil || event.Source != test.event.Source {
				t.Errorf("got dead letter %s", letters[0].Body)
			}
			equal(t, test.code, letters[0].Attributes["ERROR_CODE"])
			if text := letters[0].Attributes["ERROR_MESSAGE"]; !strings.Contains(text, test.text) {
				t.Errorf("got error message %s", text)
			}
		})
	}
}

func TestPut_LogsLostEvent(t *testing.T) {
	a := everything()
	a.may, a.send = nil, failureARN
	w := ruled(t, a)
	w.Put(snapshotEvent("RDS-EVENT-0091", "rds:shop-prod-2026"))
	equal(t, 0, len(w.queue.Messages()))
	for _, want := range []string{"event lost", machine, "states:StartExecution", "sqs:SendMessage"} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("%s is not in the log: %s", want, w.log)
		}
	}
}

func TestPutRule_RejectsInvalidRules(t *testing.T) {
	replace := strings.NewReplacer
	const unknown = "R (T): unsupported properties: json: unknown field "
	for want, change := range map[string]*strings.Replacer{
		unknown + `"InputTransformer"`:   replace(`"Input"`, `"InputTransformer"`),
		unknown + `"ScheduleExpression"`: replace(`"Name"`, `"ScheduleExpression"`),
		`rule shop-snapshot: target ` + queue + `2 is neither a state machine nor a function`: replace(machine, queue+"2"),
	} {
		r, err := decoded[events.Rule](t, change.Replace(snapshotRule))
		if err == nil {
			err = newEnv(nil).PutRule(r)
		}
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
