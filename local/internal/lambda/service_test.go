package lambda

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/wire"
)

// TestMain makes the test binary act as a function when the service starts it.
func TestMain(m *testing.M) {
	if behaviour := os.Getenv("TEST_FUNCTION"); behaviour != "" {
		runFunction(behaviour)
		return
	}
	os.Exit(m.Run())
}

// runFunction runs the event loop of a function with the given behaviour.
func runFunction(behaviour string) {
	if behaviour == "exit at start" {
		os.Exit(3)
	}
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	os.Stdout.WriteString("started\n")
	post := func(id, kind, body string) {
		r, err := http.Post(api+id+"/"+kind, "application/json", strings.NewReader(body))
		if err != nil {
			os.Exit(4)
		}
		r.Body.Close()
	}
	for {
		r, err := http.Get(api + "next")
		if err != nil {
			os.Exit(4)
		}
		payload, err := io.ReadAll(r.Body)
		if err != nil {
			os.Exit(4)
		}
		id := r.Header.Get("Lambda-Runtime-Aws-Request-Id")
		os.Stdout.WriteString("called with " + string(payload) + "\n")
		switch behaviour {
		case "echo":
			post(id, "response", string(payload))
		case "echo and exit":
			post(id, "response", string(payload))
			os.Exit(0)
		case "exit":
			os.Exit(1)
		case "hang":
			select {}
		case "fail":
			post(id, "error", `{"errorMessage": "no such table", "errorType": "TablesMissing"}`)
		case "large":
			post(id, "response", `"`+strings.Repeat("x", maxPayload)+`"`)
		case "call": // call another service, and return its response
			post(id, "response", `"`+callService(payload)+`"`)
		case "call and read": // call another service, and return the content of the layer
			callService(payload)
			content, err := os.ReadFile(os.Getenv("SNAPLAKE_LAYER") + "/pipeline.json")
			if err != nil {
				os.Exit(6)
			}
			post(id, "response", string(content))
		case "environment":
			post(id, "response", `"`+strings.Join(os.Environ(), " ")+`"`)
		}
	}
}

// callService calls another service, with the session token of the process.
func callService(payload []byte) string {
	r, err := http.NewRequest(http.MethodPost, os.Getenv("AWS_ENDPOINT_URL")+"/service", bytes.NewReader(payload))
	if err != nil {
		os.Exit(5)
	}
	r.Header.Set("X-Amz-Security-Token", os.Getenv("AWS_SESSION_TOKEN"))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		os.Exit(5)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		os.Exit(5)
	}
	return string(body)
}

func newService(t *testing.T, behaviour string, timeout time.Duration) *Service {
	t.Helper()
	service := open(t, Options{})
	if err := service.Create(function(behaviour, timeout)); err != nil {
		t.Fatal(err)
	}
	return service
}

// open starts a service on a loopback port, without functions.
func open(t *testing.T, o Options) *Service {
	t.Helper()
	return openBeside(t, o, quiet)
}

// quiet is a service that returns empty responses.
func quiet(http.ResponseWriter, *http.Request) {}

// openBeside is like open, with another service that functions can call.
func openBeside(t *testing.T, o Options, other http.HandlerFunc) *Service {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	o.Region, o.Account, o.Endpoint, o.LogFolder = "ap-northeast-1", "123456789012", "http://"+server.Listener.Addr().String(), t.TempDir()
	if o.Clock == nil {
		o.Clock = clock.NewVirtual(start)
	}
	service := New(o)
	routes := http.NewServeMux()
	routes.Handle("/", service)
	routes.Handle("/service", other)
	server.Config.Handler = routes
	server.Start()
	t.Cleanup(func() {
		service.Close()
		server.Close()
	})
	return service
}

func function(behaviour string, timeout time.Duration) Function {
	return Function{
		Name: "FindSnapshot", Binary: os.Args[0], Timeout: timeout,
		Environment: map[string]string{"TEST_FUNCTION": behaviour},
		RoleARN:     findRole,
		Role:        Credentials{AccessKeyID: "ASIAFIND", SecretAccessKey: "secret", SessionToken: "token"},
	}
}

const (
	findRole = "arn:aws:iam::123456789012:role/find"
	findARN  = "arn:aws:lambda:ap-northeast-1:123456789012:function:FindSnapshot"
)

const long = time.Minute

// start is the start time of the tests.
var start = time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC)

func TestInvoke_ReturnsOutcome(t *testing.T) {
	for behaviour, test := range map[string]struct {
		timeout       time.Duration
		functionError string
		payload       string
	}{
		"echo":          {long, "", `{"source": "shop"}`},
		"echo and exit": {long, "", `{"source": "shop"}`},
		"fail":          {long, "Unhandled", `{"errorMessage":"no such table","errorType":"TablesMissing"}`},
		"exit": {
			long, "Unhandled", `{"errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 1","errorType":"Runtime.ExitError"}`,
		},
		"exit at start": {
			long, "Unhandled", `{"errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 3","errorType":"Runtime.ExitError"}`,
		},
		"large": {long, "Unhandled", tooLarge},
		"hang": {
			50 * time.Millisecond, "Unhandled",
			`{"errorMessage":"RequestId: ID Error: Task timed out after 0.05 seconds","errorType":"Sandbox.Timedout"}`,
		},
	} {
		t.Run(behaviour, func(t *testing.T) {
			service := newService(t, behaviour, test.timeout)
			for range 2 { // the outcome of the first call does not affect the second
				answer, err := service.Invoke(t.Context(), findARN, []byte(`{"source": "shop"}`))
				if err != nil {
					t.Fatal(err)
				}
				got := strings.ReplaceAll(string(answer.Payload), answer.RequestID, "ID")
				if got != test.payload || answer.FunctionError != test.functionError {
					t.Errorf("got %s, %s", answer.FunctionError, got)
				}
			}
		})
	}
}

func TestInvoke_GivesProcessOnlyItsOwnEnvironment(t *testing.T) {
	t.Setenv("AWS_PROFILE", "production")
	service := newService(t, "environment", long)
	answer, err := service.Invoke(t.Context(), "FindSnapshot", []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	got := string(answer.Payload)
	if strings.Contains(got, "AWS_PROFILE") {
		t.Errorf("the process inherited AWS_PROFILE: %s", got)
	}
	for _, want := range []string{
		"AWS_ACCESS_KEY_ID=ASIAFIND", "AWS_SESSION_TOKEN=token/", "AWS_REGION=ap-northeast-1", "AWS_LAMBDA_FUNCTION_NAME=FindSnapshot",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/FindSnapshot", "AWS_ENDPOINT_URL=http://127.0.0.1",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

func TestInvoke_ReportsUnknownFunction(t *testing.T) {
	service := newService(t, "echo", long)
	_, err := service.Invoke(t.Context(), "Nothing", nil)
	want := &wire.Error{
		Code: "ResourceNotFoundException", Status: 404,
		Message: "Function not found: arn:aws:lambda:ap-northeast-1:123456789012:function:Nothing:$LATEST",
	}
	got, _ := errors.AsType[*wire.Error](err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestInvoke_EndsProcessOfCanceledCall(t *testing.T) {
	service := newService(t, "hang", long)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := service.Invoke(ctx, "FindSnapshot", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	service.Close() // must not hang
}

func TestInvoke_EndsIdleProcess(t *testing.T) {
	service := open(t, Options{MaxIdle: 1})
	if err := service.Create(function("echo", long)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second call starts a new process, or uses the first one before it expires
		if got, err := service.Invoke(t.Context(), "FindSnapshot", []byte(`"hello"`)); err != nil || string(got.Payload) != `"hello"` {
			t.Fatalf("got %s, %v", got.Payload, err)
		}
	}
	service.running.Wait() // must not hang
}

func TestInvoke_RejectsUnknownFunction(t *testing.T) {
	_, err := newService(t, "echo", long).Invoke(t.Context(), "Nothing", []byte(`{}`))
	want := "ResourceNotFoundException: Function not found: " + strings.Replace(findARN, "FindSnapshot", "Nothing", 1) + ":$LATEST"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestServeHTTP_NamesUnsupportedOperation(t *testing.T) {
	const path = "/2015-03-31/functions/FindSnapshot/invocations"
	w := httptest.NewRecorder()
	newService(t, "echo", long).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("{}")))
	want := `{"Message":"the local Lambda does not support the operation POST ` + path + `"}` + "\n"
	if w.Code != 404 || w.Body.String() != want {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
