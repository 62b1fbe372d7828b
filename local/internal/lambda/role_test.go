package lambda

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
	"snaplake/local/internal/wire"
)

// guard returns a guard with the function's role and a role that Lambda may not assume. Both allow the calls in may.
func guard(t *testing.T, log *iam.AccessLog, may ...string) *iam.Guard {
	t.Helper()
	return iamtest.NewGuard(t, log.Record,
		iamtest.Role("find", "lambda.amazonaws.com", may...), iamtest.Role("crawl", "glue.amazonaws.com", may...))
}

const crawlRole = "arn:aws:iam::123456789012:role/crawl"

// asked returns the decisions about calls of the function's role.
func asked(log *iam.AccessLog) []string {
	var calls []string
	for _, d := range log.Decisions() {
		if d.Caller.Role == findRole {
			stream, _, _ := strings.Cut(d.Call.Resource, ":log-stream:")
			calls = append(calls, fmt.Sprint(d.Call.Action, " ", stream, " ", d.Denied == nil))
		}
	}
	slices.Sort(calls)
	return calls
}

const logs = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/find:"

func TestInvoke_LogsAndTracesWithRole(t *testing.T) {
	for name, test := range map[string]struct {
		allowed []string
		asked   []string
		logs    bool
	}{
		"allowed": {
			[]string{"logs:CreateLogStream " + logs + "*", "logs:PutLogEvents " + logs + "*", "xray:* *"},
			[]string{
				"logs:CreateLogStream " + strings.TrimSuffix(logs, ":") + " true", "logs:PutLogEvents " + strings.TrimSuffix(logs, ":") + " true",
				"xray:PutTelemetryRecords * true", "xray:PutTraceSegments * true",
			},
			true,
		},
		"no permission to put logs": {
			[]string{"logs:CreateLogStream " + logs + "*", "xray:* *"},
			[]string{
				"logs:CreateLogStream " + strings.TrimSuffix(logs, ":") + " true", "logs:PutLogEvents " + strings.TrimSuffix(logs, ":") + " false",
				"xray:PutTelemetryRecords * true", "xray:PutTraceSegments * true",
			},
			false,
		},
		"no permission to trace": {
			[]string{"logs:* " + logs + "*"},
			[]string{
				"logs:CreateLogStream " + strings.TrimSuffix(logs, ":") + " true", "logs:PutLogEvents " + strings.TrimSuffix(logs, ":") + " true",
				"xray:PutTraceSegments * false",
			},
			true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log iam.AccessLog
			service := open(t, Options{Guard: guard(t, &log, test.allowed...)})
			f := function("echo", long)
			f.LogGroup, f.Tracing = "/find", true
			if err := service.Create(f); err != nil {
				t.Fatal(err)
			}
			if _, err := service.Invoke(t.Context(), "FindSnapshot", []byte(`{}`)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.asked, asked(&log)); diff != "" {
				t.Error(diff)
			}
			if got := logged(t, service) != ""; got != test.logs {
				t.Errorf("logged: %v", got)
			}
		})
	}
}

func TestInvoke_RefusesCallerWithoutPermission(t *testing.T) {
	var log iam.AccessLog
	service := open(t, Options{Guard: guard(t, &log)})
	if err := service.Create(function("echo", long)); err != nil {
		t.Fatal(err)
	}
	caller := iam.Caller{Role: crawlRole, Session: "shop"}
	ctx := iam.WithCaller(t.Context(), caller)
	want := &wire.Error{Code: "AccessDeniedException", Status: 403, Message: iamtest.Refusal(caller, "lambda:InvokeFunction", findARN)}
	for name, invoke := range map[string]func(context.Context) error{
		"Invoke":      func(ctx context.Context) error { _, err := service.Invoke(ctx, "FindSnapshot", nil); return err },
		"InvokeEvent": func(ctx context.Context) error { return service.InvokeEvent(ctx, findARN, nil) },
	} {
		got, _ := errors.AsType[*wire.Error](invoke(ctx))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestCreate_ChecksRole(t *testing.T) {
	var log iam.AccessLog
	service := open(t, Options{Guard: guard(t, &log)})
	for want, change := range map[string]func(*Function){
		"InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.": func(f *Function) {
			f.RoleARN = crawlRole
		},
		"InvalidParameterValueException: The provided execution role does not have permissions to call SendMessage on SQS": func(f *Function) {
			f.DeadLetterQueue = "arn:aws:sqs:ap-northeast-1:123456789012:dead"
		},
	} {
		f := function("echo", long)
		change(&f)
		if err := service.Create(f); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
