package s3

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRefusesToRolesWhatItCannotCheck(t *testing.T) {
	guard := guardOf(t, "s3:* *", "kms:* *")
	store, _, _ := newLake(t, guard, "a/1")
	for name, test := range map[string]struct {
		method, path string
		header       [2]string
		want         string
	}{
		"another operation":    {method: "PUT", path: "/sea", want: "PUT bucket, and refuses it to roles"},
		"a subresource":        {method: "GET", path: "/lake/a/1?acl", want: "GET object with the parameter acl, and refuses it to roles"},
		"a version":            {method: "DELETE", path: "/lake/a/1?versionId=1", want: "DELETE object with the parameter versionId, and refuses it to roles"},
		"two operations":       {method: "GET", path: "/lake/a/1?uploads&uploadId=1", want: "GET object?uploads?uploadId, and refuses it to roles"},
		"an upload of no name": {method: "GET", path: "/lake/a/1?uploadId=", want: "GET object?uploadId with an empty uploadId, and refuses it to roles"},
		"a part that is copied": {
			method: "PUT", path: "/lake/a/2?uploadId=1&partNumber=1", header: [2]string{"X-Amz-Copy-Source", "lake/a/1"},
			want: "PUT object?uploadId from object, and refuses it to roles",
		},
		"tags": {
			method: "PUT", path: "/lake/a/2", header: [2]string{"X-Amz-Tagging", "team=shop"},
			want: "PUT object with the header X-Amz-Tagging, and refuses it to roles",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.path, http.NoBody)
			if test.header[0] != "" {
				r.Header.Set(test.header[0], test.header[1])
			}
			w := httptest.NewRecorder()
			store.ServeHTTP(w, r.WithContext(asRole(r.Context())))
			if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), "<Code>NotImplemented</Code><Message>the local AWS does not know which permissions S3 wants for "+test.want) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestAKeyLeadsToNoOtherObject(t *testing.T) {
	store, _, _ := newLake(t, nil, "athena/1")
	for name, test := range map[string]struct{ path, source string }{
		"as a key":           {path: "/lake/exports/../athena/1"},
		"as a bucket":        {path: "/../x"},
		"as what is copied":  {path: "/lake/exports/1", source: "lake/exports/../athena/1"},
		"encoded":            {path: "/lake/exports/1", source: "lake%2Fexports%2F..%2Fathena%2F1"},
		"as a copied bucket": {path: "/lake/exports/1", source: "../x/1"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPut, "/", strings.NewReader("x"))
			r.URL.Path = test.path
			if test.source != "" {
				r.Header.Set("X-Amz-Copy-Source", test.source)
			}
			w := httptest.NewRecorder()
			store.ServeHTTP(w, r)
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "the local AWS keeps objects as files, and cannot have one whose name is") {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestNoAnswerLetsAPageOfAnotherOriginReadIt(t *testing.T) {
	store, _ := newStore(t, "a/1")
	for _, target := range []string{
		"GET /", "GET /lake?list-type=2", "HEAD /lake", "GET /lake/a/1", "HEAD /lake/a/1", "GET /lake/nothing", "PUT /lake/a/2", "POST /lake?uploads", "DELETE /lake/a/1",
		"OPTIONS /lake/a/1",
	} {
		method, path, _ := strings.Cut(target, " ")
		r := httptest.NewRequest(method, path, http.NoBody)
		r.Header.Set("Origin", "https://evil.example")
		w := httptest.NewRecorder()
		store.ServeHTTP(w, r)
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s, which is answered with %d, allows %s", target, w.Code, got)
		}
	}
}
