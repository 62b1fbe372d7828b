package cloud

import (
	"bytes"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/fault"
)

func TestUnknownFields_AreIgnoredBySDK(t *testing.T) {
	for target := range newEnv(t, 1).lists() {
		th := newEnv(t, 1, target+"=unknown-fields")
		if got, err := th.lists()[target](t.Context()); err != nil || got != "a|b|" {
			t.Errorf("%s: got %s, %v", target, got, err)
		}
	}
	th := newEnv(t, 1, "s3.GetObject=unknown-fields")
	got, err := th.s3().GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("lake"), Key: aws.String("a")})
	must(t, err)
	if content, err := io.ReadAll(got.Body); err != nil || string(content) != "a" {
		t.Errorf("got object %q, %v", content, err)
	}
}

func TestAddUnknown_AddsMembers(t *testing.T) {
	a := &answer{httptest.NewRecorder()}
	a.Header().Set("Content-Length", "9")
	for _, test := range []struct{ service, operation, body, want string }{
		{
			"glue", "GetTables", `{"TableList":[{"Name":"a","Parameters":{"rows":"1"}}]}`,
			`{"LocalUnknown":{"Member":[true]},"TableList":[{"LocalUnknown":{"Member":[true]},"Name":"a","Parameters":{"rows":"1"}}]}`,
		},
		{
			"rds", "DescribeExportTasks", `<R><Result><Marker>m</Marker></Result></R>`,
			`<R><Result><LocalUnknown><Member>true</Member></LocalUnknown><Marker>m</Marker></Result></R>`,
		},
		{"s3", "ListObjectsV2", `<List></List>`, `<List><LocalUnknown><Member>true</Member></LocalUnknown></List>`},
		{"s3", "GetObject", `{"content": "of the user"}`, `{"content": "of the user"}`},
	} {
		a.Body = bytes.NewBufferString(test.body)
		a.addUnknown(Call{Service: test.service, Operation: test.operation})
		if got := a.Body.String(); got != test.want {
			t.Errorf("%s: got %s", test.operation, got)
		}
	}
	if a.Header().Get("X-Amz-LocalUnknown") == "" || a.Header().Get("Content-Length") != "" {
		t.Errorf("got header %v", a.Header())
	}
}

func TestStopping_ReplacesReady(t *testing.T) {
	th := newEnv(t, 1, "glue.GetCrawler:2-3=stopping")
	var states []string
	for range 3 {
		states = append(states, th.crawlerState(t))
	}
	if diff := cmp.Diff([]string{"READY", "STOPPING", "RUNNING"}, states); diff != "" {
		t.Error(diff)
	}
	if th.calls[1].Fault != fault.Stopping || th.calls[2].Fault != fault.None {
		t.Errorf("got calls %v", th.calls)
	}
}
