package s3

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestServeHTTP_NamesUnsupportedOperation(t *testing.T) {
	store, _ := newStore(t, "a/1")
	for target, header := range map[string]string{
		"PUT /sea": "", "GET /": "", "GET /lake?versions": "", "GET /lake/a/1?acl": "", "DELETE /lake/a/1?versionId=1": "",
		"GET /lake?location&policy": "", "PUT /lake/a/1?acl;": "", "PUT /lake/a/1?X-Amz-Acl=private": "", "PUT /lake/a/1?tagging%zz": "",
		"GET /lake/a/1?partNumber=1":             "",
		"GET /lake?list-type=2&fetch-owner=true": "", "GET /lake/a/1?response-expires=0": "", "GET /lake/a/1?X-Amz-Signature=0": "",
		"PUT /lake/a/2": "X-Amz-Copy-Source", "PUT /lake/a/3": "X-Amz-Tagging", "PUT /lake/a/4": "If-None-Match",
		"PUT /lake/a/5": "X-Amz-Acl", "PUT /lake/a/6": "X-Amz-Server-Side-Encryption-Customer-Algorithm",
		"PUT /lake/a/7": "X-Amz-Object-Lock-Mode", "PUT /lake/a/8": "X-Amz-Storage-Class", "PUT /lake/a/9": "Cache-Control",
		"DELETE /lake/a/1": "If-Match", "GET /lake/a/1": "X-Amz-Expected-Bucket-Owner", "HEAD /lake": "X-Amz-Future",
	} {
		method, path, _ := strings.Cut(target, " ")
		r := httptest.NewRequest(method, path, http.NoBody)
		r.Header.Set(header, "x")
		w := httptest.NewRecorder()
		store.ServeHTTP(w, r)
		want := "the local S3 does not support the operation " + OperationOf(r) + "<"
		if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), want) || !strings.HasSuffix(OperationOf(r), header) {
			t.Errorf("%s: got %d %s", target, w.Code, w.Body)
		}
	}
}

func TestOperationOf_NamesOrDescribesOperation(t *testing.T) {
	for target, want := range map[string]string{
		"GET /lake?list-type=2&prefix=exports%2F": "ListObjectsV2",
		"POST /lake?delete=":                      "DeleteObjects",
		"GET /lake/exports/a.json?x-id=GetObject": "GetObject",
		"HEAD /lake/a":                            "HeadObject",
		"PUT /lake/a":                             "PutObject",
		"PATCH /lake":                             "PATCH bucket",
		"PUT /lake/a?uploadId=u&partNumber=1":     "PUT object?partNumber?uploadId",
		"PUT /lake/a?versionId=v&tagging":         "PUT object?tagging?versionId",
	} {
		method, path, _ := strings.Cut(target, " ")
		if got := OperationOf(httptest.NewRequest(method, path, http.NoBody)); got != want {
			t.Errorf("%s: got %s, want %s", target, got, want)
		}
	}
}

func TestServeHTTP_AllowsNoOtherOrigins(t *testing.T) {
	store, _ := newStore(t, "a/1")
	for _, target := range []string{
		"GET /", "GET /lake?list-type=2", "HEAD /lake", "GET /lake/a/1", "HEAD /lake/a/1", "GET /lake/nothing", "PUT /lake/a/2",
		"POST /lake?uploads", "DELETE /lake/a/1",
		"OPTIONS /lake/a/1",
	} {
		method, path, _ := strings.Cut(target, " ")
		r := httptest.NewRequest(method, path, http.NoBody)
		r.Header.Set("Origin", "https://evil.example")
		w := httptest.NewRecorder()
		store.ServeHTTP(w, r)
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s (%d) allows %s", target, w.Code, got)
		}
	}
}
