//go:build trino

package trino

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// startTrino starts Trino in a temporary folder whose name contains characters with a meaning in Java's and Trino's settings.
func startTrino(t *testing.T) (s *Server, temp string) {
	t.Helper()
	installer, err := DefaultInstaller(func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	installed, err := installer.Install(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	temp = filepath.Join(t.TempDir(), `a b:c,日本=\`)
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)
	t.Setenv("JAVA_TOOL_OPTIONS", "-Xmx1M")
	s, err = Start(Options{Installation: *installed, Endpoint: "http://127.0.0.1:1", Region: "eu-west-1", Log: filepath.Join(t.TempDir(), "log")})
	if err != nil {
		t.Fatal(err)
	}
	return s, temp
}

func TestServer_AnswersOnlyItsOwnProcess(t *testing.T) {
	s, temp := startTrino(t)
	rows := 0
	err := s.Query(t.Context(), Statement{SQL: "SELECT 1"}, Reader{Row: func([]*string) error { rows++; return nil }})
	if err != nil || rows != 1 {
		t.Errorf("got %d rows, error %v", rows, err)
	}
	for _, proto := range []string{"http", "https"} {
		request, err := http.NewRequest(http.MethodPost, "http://"+s.address+"/v1/statement", strings.NewReader("SELECT 1"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header = http.Header{"X-Trino-User": {"athena"}, "X-Forwarded-Proto": {proto}}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden && response.StatusCode != http.StatusUnauthorized {
			t.Errorf("a client that calls itself %s got the status %s", request.Header, response.Status)
		}
	}
	s.Close()
	if left, _ := filepath.Glob(filepath.Join(temp, "*")); len(left) > 0 {
		t.Errorf("%q remain", left)
	}
}
