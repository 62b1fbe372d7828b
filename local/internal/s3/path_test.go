package s3

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// raw sends a request whose path is not cleaned.
func raw(t *testing.T, s *Store, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/", strings.NewReader(body))
	r.URL.Path, _, _ = strings.Cut(path, "?")
	_, r.URL.RawQuery, _ = strings.Cut(path, "?")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestServeHTTP_KeepsPathsInTheirBucket(t *testing.T) {
	store, _ := newStore(t, "users/1")
	outside := filepath.Join(store.dir, "outside")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/lake/../../outside", "/lake/users/../../../outside", "/../outside", "/lake/./users/1", "/lake//users/1"} {
		if w := raw(t, store, http.MethodGet, path, ""); w.Code < 400 || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("GET %s: %d %s", path, w.Code, w.Body)
		}
		if w := raw(t, store, http.MethodPut, path, "x"); w.Code < 400 {
			t.Errorf("PUT %s: %d %s", path, w.Code, w.Body)
		}
		raw(t, store, http.MethodDelete, path, "")
	}
	for _, path := range []string{"/lake?list-type=2&prefix=../../", "/..?list-type=2"} {
		if w := raw(t, store, http.MethodGet, path, ""); strings.Contains(w.Body.String(), "outside") {
			t.Errorf("GET %s: %d %s", path, w.Code, w.Body)
		}
	}
	if content, err := os.ReadFile(outside); err != nil || string(content) != "secret" {
		t.Errorf("the file outside the bucket contains %q, %v", content, err)
	}
	if err := store.MoveFile("lake", "../../moved", outside); err == nil {
		t.Error("a file was moved out of the bucket")
	}
	if objects, err := store.List("lake", ""); err != nil || len(objects) != 1 {
		t.Errorf("got %v, %v", objects, err)
	}
}
