package account

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/iam"
)

// newStack returns a stack with a KMS key, a schedule and an output.
func newStack() *cloudformation.Stack {
	resources := map[string]cloudformation.Resource{
		"LakeKey9CD7BBD2": {
			LogicalID: "LakeKey9CD7BBD2", Type: "AWS::KMS::Key", PhysicalID: "0123",
			Properties: map[string]any{"KeyPolicy": map[string]any{"Statement": []any{map[string]any{
				"Effect": "Allow", "Principal": map[string]any{"Service": "logs.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*",
			}}}},
		},
		"shopSchedule": {
			LogicalID: "shopSchedule", Type: "AWS::Scheduler::Schedule", PhysicalID: "lake-shop",
			Properties: map[string]any{"ScheduleExpression": "cron(0 4 * * ? *)", "FlexibleTimeWindow": map[string]any{"Mode": "OFF"}},
		},
	}
	s := &cloudformation.Stack{Name: "lake", Outputs: map[string]string{"Bucket": "lake-bucket"}, Resources: resources}
	s.Account, s.Region = "123456789012", "eu-west-1"
	return s
}

func newAccount() *Account {
	return New(Options{Stack: newStack(), Deployed: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)})
}

func form(action, version, more string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action="+action+"&Version="+version+more))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func call(target, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target)
	return r
}

func TestHandlers_RespondInServicesProtocol(t *testing.T) {
	for name, test := range map[string]struct {
		service string
		request *http.Request
		status  int
		want    []string
	}{
		"caller identity": {
			"sts", form("GetCallerIdentity", "2011-06-15", ""), 200,
			[]string{"<Arn>arn:aws:iam::123456789012:user/operator</Arn>", "<Account>123456789012</Account>"},
		},
		"stack": {
			"cloudformation", form("DescribeStacks", "2010-05-15", "&StackName=lake"), 200,
			[]string{"<StackStatus>CREATE_COMPLETE</StackStatus>", "<OutputKey>Bucket</OutputKey><OutputValue>lake-bucket</OutputValue>"},
		},
		"unknown stack": {
			"cloudformation", form("DescribeStacks", "2010-05-15", "&StackName=pond"), 400,
			[]string{"<Code>ValidationError</Code><Message>Stack with id pond does not exist</Message>"},
		},
		"stack resources": {
			"cloudformation", form("ListStackResources", "2010-05-15", "&StackName=lake"), 200,
			[]string{"<LogicalResourceId>shopSchedule</LogicalResourceId><PhysicalResourceId>lake-shop</PhysicalResourceId>"},
		},
		"unknown parameter of an operation": {
			"cloudformation", form("DescribeStacks", "2010-05-15", "&Name=lake"), 400,
			[]string{"does not support the parameter Name of DescribeStacks"},
		},
		"unknown operation": {"sts", form("AssumeRoleWithSAML", "2011-06-15", ""), 400, []string{"<Code>InvalidAction</Code>"}},
		"key with default properties": {
			"kms", call("TrentService.DescribeKey", `{"KeyId": "0123"}`), 200,
			[]string{`"KeyState":"Enabled"`, `"KeySpec":"SYMMETRIC_DEFAULT"`, `"Arn":"arn:aws:kms:eu-west-1:123456789012:key/0123"`},
		},
		"key of the databases": {
			"kms", call("TrentService.DescribeKey", `{"KeyId": "`+DatabaseKey("eu-west-1", "123456789012")+`"}`), 200,
			[]string{`"KeyState":"Enabled"`},
		},
		"unknown key": {
			"kms", call("TrentService.DescribeKey", `{"KeyId": "4567"}`), 400, []string{`"__type":"NotFoundException"`},
		},
		"key policy": {
			"kms", call("TrentService.GetKeyPolicy", `{"KeyId": "0123", "PolicyName": "default"}`), 200,
			[]string{`{"Policy":"{\"Statement\":[{\"Action\":\"kms:Decrypt\",`},
		},
		"quota": {
			"servicequotas", call("ServiceQuotasV20190624.GetServiceQuota", `{"ServiceCode": "athena", "QuotaCode": "L-3CE0BBA0"}`), 200,
			[]string{`"QuotaName":"Active DDL queries"`, `"Value":20`},
		},
		"unknown quota": {
			"servicequotas", call("ServiceQuotasV20190624.GetServiceQuota", `{"ServiceCode": "s3", "QuotaCode": "L-1"}`), 400,
			[]string{`"__type":"NoSuchResourceException"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			newAccount().Handlers()[test.service].ServeHTTP(w, test.request)
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			for _, want := range test.want {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("%s does not contain %s", w.Body, want)
				}
			}
		})
	}
}

func TestHandlers_DenyInServicesProtocol(t *testing.T) {
	guard, err := iam.New(newStack(), nil)
	if err != nil {
		t.Fatal(err)
	}
	handlers := New(Options{Stack: newStack(), Guard: guard}).Handlers()
	for service, test := range map[string]struct {
		request *http.Request
		status  int
		code    string
	}{
		"cloudformation": {form("DescribeStacks", "2010-05-15", "&StackName=lake"), 403, "<Code>AccessDenied</Code>"},
		"kms":            {call("TrentService.DescribeKey", `{"KeyId": "0123"}`), 400, `"__type":"AccessDeniedException"`},
	} {
		t.Run(service, func(t *testing.T) {
			ctx := iam.WithCaller(t.Context(), iam.Caller{Role: "arn:aws:iam::123456789012:role/nobody", Session: "test"})
			w := httptest.NewRecorder()
			handlers[service].ServeHTTP(w, test.request.WithContext(ctx))
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.code) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}
