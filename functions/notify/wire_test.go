package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// eventJSON is an event from EventBridge, which omits a long input.
const eventJSON = `{"version":"0","id":"e-1","detail-type":"Step Functions Execution Status Change","source":"aws.states","account":"123456789012",
	"time":"2026-11-21T19:31:04Z","region":"ap-northeast-1","resources":["` + executionARN + `"],
	"detail":{"executionArn":"` + executionARN + `","stateMachineArn":"arn:aws:states:ap-northeast-1:123456789012:stateMachine:snaplake",
	"name":"nightly-1","status":"FAILED","startDate":1795282264218,"stopDate":1795289464218,"input":null,"inputDetails":{"included":false},"output":null,"outputDetails":null}}`

func TestNotify_WorksWithTheRealClients(t *testing.T) {
	var published []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") == "Publish" {
			published = append(published, r.FormValue("TopicArn"), r.FormValue("Subject"), r.FormValue("Message"))
			fmt.Fprint(w, `<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		switch target := r.Header.Get("X-Amz-Target"); {
		case target == "AWSStepFunctions.DescribeExecution":
			fmt.Fprint(w, `{"executionArn":"`+executionARN+`","status":"FAILED","startDate":1795282264.218,"stopDate":1795289464.218,"input":"{\"source\":\"shop\"}",`+
				`"error":"PruneFailed","cause":"{\"errorMessage\":\"2 of 3 old exports are not deleted\",\"errorType\":\"PruneFailed\"}",`+
				`"redriveCount":0,"redriveStatus":"REDRIVABLE"}`)
		case target == "AWSStepFunctions.GetExecutionHistory" && strings.Contains(string(body), `"reverseOrder":true`):
			fmt.Fprint(w, `{"events":[{"id":3,"type":"ExecutionFailed","timestamp":1795289464.218},`+
				`{"id":2,"type":"TaskStateEntered","timestamp":1795289464.218,"stateEnteredEventDetails":{"name":"Prune"}}]}`)
		default:
			t.Errorf("called %s with %s", target, body)
		}
	}))
	defer server.Close()
	keys := credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")
	h := &Handler{
		Setup: setup.Setup{
			Config:  workflow.Config{Name: "snaplake", Region: "ap-northeast-1", Sources: []workflow.Source{{Name: "shop"}}},
			Metrics: metrics.Recorder{Out: io.Discard, Now: time.Now},
		},
		StepFunctions: sfn.New(sfn.Options{Region: "ap-northeast-1", BaseEndpoint: &server.URL, Credentials: keys, Retryer: aws.NopRetryer{}}),
		SNS:           sns.New(sns.Options{Region: "ap-northeast-1", BaseEndpoint: &server.URL, Credentials: keys, Retryer: aws.NopRetryer{}}),
		Topic:         "arn:aws:sns:ap-northeast-1:123456789012:snaplake",
	}
	var event Event
	if err := json.Unmarshal([]byte(eventJSON), &event); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Handle(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	if len(published) != 3 || published[0] != h.Topic || published[1] != "Snaplake snaplake: run of shop failed in Prune" {
		t.Fatalf("published %q", published)
	}
	contains(t, published[2], "Error: PruneFailed\n2 of 3 old exports are not deleted\n", "Input:     {\"source\":\"shop\"}\n", "until 2026-12-05 19:31 UTC")
}
