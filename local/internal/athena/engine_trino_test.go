//go:build trino

package athena_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/trino"
	"snaplake/local/internal/wire"
)

// sharedTrino is a Trino that all tests use, one after the other. Its requests are served by the environment of the current test.
type sharedTrino struct {
	server *trino.Server
	serve  atomic.Pointer[http.HandlerFunc]
}

var shared = sync.OnceValues(func() (*sharedTrino, error) {
	installer, err := trino.DefaultInstaller(func(string) {})
	if err != nil {
		return nil, err
	}
	installed, err := installer.Install(context.Background())
	if err != nil {
		return nil, err
	}
	s := &sharedTrino{}
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.serve.Load())(w, r) }))
	s.server, err = trino.Start(trino.Options{
		Installation: *installed, Endpoint: endpoint.URL, Region: "ap-northeast-1", AccessKeyID: "TRINO", SecretAccessKey: "secret",
		Log: filepath.Join(os.TempDir(), "snaplake-athena-test-trino.log"),
	})
	return s, err
})

func TestMain(m *testing.M) {
	status := m.Run()
	if s, err := shared(); err == nil {
		s.server.Close()
	}
	os.Exit(status)
}

// useEngine makes the service of an environment use the engine of these tests: DuckDB or, with the build tag trino, Trino.
func (env *testEnv) useEngine(o *athena.Options) (started func(*athena.Service)) {
	s, err := shared()
	if err != nil {
		env.t.Fatal(err)
	}
	o.Trino = s.server
	return func(service *athena.Service) {
		serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var to http.Handler = env.store
			if _, name, _ := wire.Scope(r); name == "glue" {
				to = env.glue
			}
			service.ServeTrino(to, w, r)
		})
		s.serve.Store(&serve)
	}
}
