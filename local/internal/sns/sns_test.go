package sns_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
	"snaplake/local/internal/sns"
)

const topic = "arn:aws:sns:ap-northeast-1:123456789012:snaplake"

var notifier = iam.Caller{Role: "arn:aws:iam::123456789012:role/notify", Session: "snaplake-notify"}

// client returns an SDK client with the notifier's role.
func client(t *testing.T, s *sns.Service) *awssns.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r.WithContext(iam.WithCaller(r.Context(), notifier)))
	}))
	t.Cleanup(server.Close)
	return awssns.New(awssns.Options{
		Region: "ap-northeast-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})
}

// newService returns a service with a topic and two subscriptions. It appends the published messages to published, unless that is nil.
func newService(t *testing.T, g *iam.Guard, published *[]sns.Message) *sns.Service {
	t.Helper()
	o := sns.Options{Region: "ap-northeast-1", Account: "123456789012", Guard: g}
	if published != nil {
		o.Published = func(m sns.Message) { *published = append(*published, m) }
	}
	s := sns.New(o)
	if got := s.CreateTopic("snaplake"); got != topic {
		t.Fatalf("the topic is %s", got)
	}
	for _, address := range []string{"data@example.com", "oncall@example.com"} {
		if err := s.Subscribe(topic, "email", address); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestPublish_PassesOnMessageWithRecipients(t *testing.T) {
	var published []sns.Message
	s := newService(t, nil, &published)
	out, err := client(t, s).Publish(t.Context(), &awssns.PublishInput{
		TopicArn: aws.String(topic), Subject: aws.String("shop failed"), Message: aws.String("CheckExport: <ExportFailed> & more\n円"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []sns.Message{{
		ID: aws.ToString(out.MessageId), TopicARN: topic, Subject: "shop failed", Text: "CheckExport: <ExportFailed> & more\n円",
		To: []string{"data@example.com", "oncall@example.com"},
	}}
	if diff := cmp.Diff(want, published); diff != "" || want[0].ID == "" {
		t.Errorf("%v %s", out.MessageId, diff)
	}
}

func TestPublish_RejectsInvalidMessages(t *testing.T) {
	var published []sns.Message
	s := newService(t, nil, &published)
	c := client(t, s)
	for name, test := range map[string]struct {
		in   awssns.PublishInput
		want string
	}{
		"unknown topic": {awssns.PublishInput{TopicArn: aws.String(topic + "2")}, "NotFound: Topic does not exist"},
		"empty message": {awssns.PublishInput{Message: aws.String("")}, "InvalidParameter: Invalid parameter: Empty message"},
		"oversized message": {awssns.PublishInput{Message: aws.String(strings.Repeat("x", 256*1024+1))},
			"InvalidParameter: Invalid parameter: Message too long"},
		"long subject": {
			awssns.PublishInput{Subject: aws.String(strings.Repeat("x", 100))}, "InvalidParameter: Invalid parameter: Subject",
		},
		"line break in subject": {awssns.PublishInput{Subject: aws.String("shop\nfailed")}, "InvalidParameter: Invalid parameter: Subject"},
		"non-ASCII subject":     {awssns.PublishInput{Subject: aws.String("失敗")}, "InvalidParameter: Invalid parameter: Subject"},
		"unsupported parameters": {
			awssns.PublishInput{MessageAttributes: map[string]types.MessageAttributeValue{
				"a": {DataType: aws.String("String"), StringValue: aws.String("b")},
			}},
			"InvalidParameter: the local SNS does not support the parameter MessageAttributes.entry.1.Name, " +
				"MessageAttributes.entry.1.Value.DataType, MessageAttributes.entry.1.Value.StringValue of Publish"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.in.TopicArn == nil {
				test.in.TopicArn = aws.String(topic)
			}
			if test.in.Message == nil {
				test.in.Message = aws.String("x")
			}
			_, err := c.Publish(t.Context(), &test.in)
			if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode()+": "+api.ErrorMessage() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	_, err := c.ListTopics(t.Context(), &awssns.ListTopicsInput{})
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorMessage() != `the local SNS does not support the operation `+
		`ListTopics in version "2010-03-31"` {
		t.Errorf("got %v", err)
	}
	if len(published) != 0 {
		t.Errorf("rejected messages were passed on: %v", published)
	}
	if err := s.Subscribe(topic, "sms", "+358"); err == nil || err.Error() != "InvalidParameter: the local AWS does not support the protocol "+
		"sms; use email" {
		t.Errorf("got %v", err)
	}
}

func TestPublish_RequiresPermission(t *testing.T) {
	for action, want := range map[string]string{
		"sns:Publish":            "",
		"sns:GetTopicAttributes": "AuthorizationError: " + iamtest.Refusal(notifier, "SNS:Publish", topic),
	} {
		guard := iamtest.NewGuard(t, nil, iamtest.Role("notify", "lambda.amazonaws.com", action+" "+topic))
		_, err := client(t, newService(t, guard, nil)).Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String(topic),
			Message: aws.String("x")})
		got := ""
		if api, ok := errors.AsType[smithy.APIError](err); ok {
			got = api.ErrorCode() + ": " + api.ErrorMessage()
		}
		if got != want {
			t.Errorf("with %s got %q (%v), want %q", action, got, err, want)
		}
	}
}
