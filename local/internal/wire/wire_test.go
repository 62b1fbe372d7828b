package wire

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/iam"
)

type greeting struct{ Name string }

// refusal returns IAM's error.
func refusal() error { return &iam.Denied{Principal: "eve", Action: "hall:Greet", Resource: "*"} }

func newService() JSONService {
	return JSONService{Target: "AWSHall", Version: "1.1", Operations: map[string]Operation{
		"Greet": JSON(func(_ context.Context, in greeting) (any, error) {
			switch in.Name {
			case "":
				return nil, Errorf("InvalidInputException", "Name is missing")
			case "ghost":
				return nil, &Error{Code: "EntityNotFoundException", Message: "no ghost", Status: http.StatusNotFound}
			case "crowd":
				return nil, &Error{Code: "TooManyRequestsException", Message: "one at a time", Fields: map[string]string{"Reason": "CROWDED"}}
			case "eve":
				return nil, refusal()
			case "bug":
				return nil, errors.New("a bug")
			}
			return map[string]string{"Text": "Hello " + in.Name}, nil
		}),
		"Rest": JSON(func(context.Context, struct{}) (any, error) { return nil, nil }),
	}}
}

func TestJSONService_RespondsInJSONProtocol(t *testing.T) {
	for name, test := range map[string]struct {
		target, body string
		status       int
		want         string
	}{
		"result":       {"AWSHall.Greet", `{"Name": "Ann"}`, 200, `{"Text":"Hello Ann"}`},
		"empty result": {"AWSHall.Rest", ``, 200, `{}`},
		"error":        {"AWSHall.Greet", `{}`, 400, `{"__type":"InvalidInputException","message":"Name is missing"}`},
		"error with its own status": {
			"AWSHall.Greet", `{"Name": "ghost"}`, 404, `{"__type":"EntityNotFoundException","message":"no ghost"}`,
		},
		"error with additional members": {
			"AWSHall.Greet", `{"Name": "crowd"}`, 400, `{"Reason":"CROWDED","__type":"TooManyRequestsException","message":"one at a time"}`,
		},
		"permission denied": {
			"AWSHall.Greet", `{"Name": "eve"}`, 400, `{"__type":"AccessDeniedException","message":"User: eve is not authorized to perform: hall:Greet on resource: *"}`,
		},
		"unexpected error": {"AWSHall.Greet", `{"Name": "bug"}`, 500, `{"__type":"InternalFailure","message":"a bug"}`},
		"unknown operation": {
			"AWSHall.Leave", `{}`, 400,
			`{"__type":"UnknownOperationException","message":"the local AWS does not support the operation AWSHall.Leave"}`,
		},
		"operation of another service": {
			"AWSGlue.Greet", `{}`, 400,
			`{"__type":"UnknownOperationException","message":"the local AWS does not support the operation AWSGlue.Greet"}`,
		},
		"unknown parameter": {
			"AWSHall.Greet", `{"Nmae": "Ann"}`, 400,
			`{"__type":"SerializationException","message":"the local AWS cannot decode this request: json: unknown field \"Nmae\""}`,
		},
		"invalid JSON": {
			"AWSHall.Greet", `xml`, 400,
			`{"__type":"SerializationException","message":"the local AWS cannot decode this request: ` +
				`invalid character 'x' looking for beginning of value"}`,
		},
		"oversized request": {
			"AWSHall.Greet", strings.Repeat(" ", maxBody+1), 400,
			`{"__type":"SerializationException","message":"read the request: http: request body too large"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
			r.Header.Set("X-Amz-Target", test.target)
			w := httptest.NewRecorder()
			newService().ServeHTTP(w, r)
			if w.Code != test.status || w.Body.String() != test.want {
				t.Errorf("got  %d %s\nwant %d %s", w.Code, w.Body, test.status, test.want)
			}
			if got := w.Header().Get("Content-Type"); got != "application/x-amz-json-1.1" {
				t.Errorf("content type %s", got)
			}
		})
	}
}

func TestScope_ReadsHeader(t *testing.T) {
	const credential = "AKIATEST/20261121/ap-northeast-1/rds/aws4_request"
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+credential+", SignedHeaders=host, Signature=0")
	if key, service, ok := Scope(r); key != "AKIATEST" || service != "rds" || !ok {
		t.Errorf("got %q, %q, %v", key, service, ok)
	}
	if _, _, ok := Scope(httptest.NewRequest(http.MethodGet, "/", http.NoBody)); ok {
		t.Error("a request without a signature has a scope")
	}
}

func TestTime_KeepsMilliseconds(t *testing.T) {
	want := time.Date(2026, 11, 21, 17, 5, 12, 123e6, time.UTC)
	b, err := json.Marshal(Time(want))
	if err != nil || string(b) != "1795280712.123" {
		t.Errorf("got %s, %v", b, err)
	}
	var got Time
	if err := json.Unmarshal(b, &got); err != nil || !time.Time(got).Equal(want) {
		t.Errorf("got %v, %v", time.Time(got), err)
	}
}
