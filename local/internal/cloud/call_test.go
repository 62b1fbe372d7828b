package cloud

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOperationOf_ReadsTheRequest(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8"
	for _, test := range []struct {
		service, method, target, header, body string
		want                                  string
	}{
		{"glue", "POST", "/", "X-Amz-Target: AWSGlue.GetTables", "{}", "GetTables"},
		{"states", "POST", "/", "X-Amz-Target: AWSStepFunctions.DescribeExecution", "{}", "DescribeExecution"},
		{"rds", "POST", "/", form, "Version=2014-10-31&Action=DescribeExportTasks", "DescribeExportTasks"},
		{"rds", "POST", "/", form, "Action=%", "POST /"},
		{"lambda", "GET", "/2015-03-31/functions/lake-prune/configuration", "", "", "GET /2015-03-31/functions/lake-prune/configuration"},
		{"s3", "GET", "/lake?list-type=2&prefix=exports%2F", "", "", "ListObjectsV2"},
	} {
		r := httptest.NewRequest(test.method, test.target, strings.NewReader(test.body))
		if name, value, ok := strings.Cut(test.header, ": "); ok {
			r.Header.Set(name, value)
		}
		if got := operationOf(test.service, r); got != test.want {
			t.Errorf("%s %s of %s: got %s, want %s", test.method, test.target, test.service, got, test.want)
		}
		if left, err := io.ReadAll(r.Body); err != nil || string(left) != test.body {
			t.Errorf("%s of %s: the service reads %q, %v", test.want, test.service, left, err)
		}
	}
}

func TestBodyOf_KeepsBodyReadable(t *testing.T) {
	body := strings.Repeat("x", maxBody+1)
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	if got := len(bodyOf(r)); got != maxBody {
		t.Errorf("got %d bytes", got)
	}
	if left, err := io.ReadAll(r.Body); err != nil || string(left) != body {
		t.Errorf("the service reads %d bytes, %v", len(left), err)
	}
}
