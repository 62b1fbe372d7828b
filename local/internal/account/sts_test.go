package account

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

func TestAssumeRole_ReturnsCredentialsOrAWSError(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/analysts"
	now := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	analysts := iamtest.Role("analysts", "arn:aws:iam::123456789012:root")
	chained := iam.Caller{Role: "arn:aws:iam::123456789012:role/redash", Session: "redash"}
	for name, test := range map[string]struct {
		caller     iam.Caller
		parameters string
		want       []string
	}{
		"session": {iam.Caller{}, "", []string{
			"<AssumeRoleResult><Credentials><AccessKeyId>key</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>",
			"<SessionToken>token</SessionToken><Expiration>2026-11-22T05:00:00Z</Expiration></Credentials><AssumedRoleUser>",
			"<AssumedRoleId>AROALOCAL:redash</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/analysts/redash</Arn>",
		}},
		"short session":   {iam.Caller{}, "DurationSeconds=900&ExternalId=redash", []string{"<Expiration>2026-11-22T04:15:00Z</Expiration>"}},
		"session of role": {chained, "", []string{"<Expiration>2026-11-22T05:00:00Z</Expiration>"}},
		"too long": {chained, "DurationSeconds=3601", []string{
			"<Code>ValidationError</Code>", "DurationSeconds must be a whole number from 900 to 3600",
		}},
		"too short":    {iam.Caller{}, "DurationSeconds=899", []string{"from 900 to 3600"}},
		"not a number": {iam.Caller{}, "DurationSeconds=1h", []string{"from 900 to 3600"}},
		"unknown role": {iam.Caller{}, "RoleArn=" + role + "2", []string{
			"<Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/operator is not authorized to perform: " +
				"sts:AssumeRole on resource: " + role + "2</Message>",
		}},
		"short external ID": {iam.Caller{}, "ExternalId=x", []string{
			"Value &#39;x&#39; at &#39;externalId&#39; failed to satisfy constraint: Member must satisfy regular expression pattern: ",
		}},
		"bad session name": {iam.Caller{}, "RoleSessionName=a+b", []string{
			"at &#39;roleSessionName&#39; failed to satisfy constraint: Member must satisfy regular expression pattern: ",
		}},
		"session policy": {iam.Caller{}, "Policy={}", []string{"the local STS does not support the parameter Policy of AssumeRole"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := New(Options{
				Stack: newStack(), Clock: clock.NewVirtual(now),
				Guard:      iamtest.NewGuard(t, nil, analysts, iamtest.Role("redash", "ec2.amazonaws.com", "sts:AssumeRole *")),
				NewSession: func(iam.Caller, time.Time) (string, string, string) { return "key", "secret", "token" },
			})
			all := url.Values{"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {"redash"}}
			given, err := url.ParseQuery(test.parameters)
			if err != nil {
				t.Fatal(err)
			}
			for name, values := range given {
				all[name] = values
			}
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(all.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			a.sts().ServeHTTP(w, r.WithContext(iam.WithCaller(t.Context(), test.caller)))
			for _, want := range test.want {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("%s\ndoes not contain %s", w.Body, want)
				}
			}
		})
	}
}
