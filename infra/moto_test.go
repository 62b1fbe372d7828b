//go:build deploy

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// motoRegion is not the default of any tool.
const motoRegion = "ap-northeast-1"

// moto is a moto_server, which fakes AWS in memory.
type moto struct {
	endpoint string
	// dir holds what make and the CDK would write elsewhere.
	dir string
	// ctx ends before the test's deadline, so that started processes are killed.
	ctx context.Context
}

// startMoto starts the server on a free port, and kills it at the end of the test.
func startMoto(t *testing.T) *moto {
	t.Helper()
	deadline, ok := t.Deadline()
	if !ok {
		t.Fatal("this test needs a -timeout")
	}
	ctx, cancel := context.WithDeadline(t.Context(), deadline.Add(-10*time.Second))
	t.Cleanup(cancel)
	m := &moto{dir: t.TempDir(), ctx: ctx}

	server := command(ctx, "moto_server", "-H", "127.0.0.1", "-p", "0")
	server.Env = append(os.Environ(), "PYTHONWARNINGS=ignore")
	heard, says := io.Pipe()
	server.Stderr = says
	if err := server.Start(); err != nil {
		t.Fatalf("start moto: %v; .ci/run installs it", err)
	}
	said := &transcript{endpoint: make(chan string, 1), ended: make(chan struct{})}
	go said.take(heard)
	go func() { says.CloseWithError(server.Wait()) }()
	t.Cleanup(func() {
		server.Cancel()
		<-said.ended
		if t.Failed() {
			t.Logf("moto said:\n%s", said.text.String())
		}
	})
	if m.endpoint = <-said.endpoint; m.endpoint == "" {
		t.Fatal("moto ended before it listened")
	}
	return m
}

// transcript is the output of the server: its address, a line per request, and tracebacks.
type transcript struct {
	endpoint chan string
	// text may be read once ended is closed.
	text  strings.Builder
	ended chan struct{}
}

var running = regexp.MustCompile(`Running on http://127\.0\.0\.1:(\d+)`)

// take reads to the end, without the requests that succeeded.
func (s *transcript) take(heard io.Reader) {
	defer close(s.ended)
	defer close(s.endpoint)
	for lines := bufio.NewScanner(heard); lines.Scan(); {
		if port := running.FindStringSubmatch(lines.Text()); port != nil {
			s.endpoint <- "http://localhost:" + port[1]
		} else if !strings.HasSuffix(lines.Text(), `" 200 -`) {
			s.text.WriteString(lines.Text() + "\n")
		}
	}
}

// command returns a process in its own group, so that it is killed with the processes that make and the CDK start.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// environment points the CDK to the server, and away from the user's credentials and caches.
func (m *moto) environment() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + m.endpoint, "NO_PROXY=localhost",
		"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_SESSION_TOKEN=", "AWS_PROFILE=",
		"AWS_REGION=" + motoRegion, "AWS_DEFAULT_REGION=" + motoRegion, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + filepath.Join(m.dir, "config"), "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(m.dir, "credentials"),
		"CDK_HOME=" + filepath.Join(m.dir, "cdk"), "CDK_DISABLE_CLI_TELEMETRY=true",
		"NO_COLOR=1", "FORCE_COLOR=0",
	}
}

// sdk returns the SDK's configuration for the server.
func (m *moto) sdk() aws.Config {
	return aws.Config{
		Region:           motoRegion,
		BaseEndpoint:     &m.endpoint,
		Credentials:      credentials.NewStaticCredentialsProvider("testing", "testing", ""),
		RetryMaxAttempts: 1, // moto's errors are permanent
	}
}

// make runs a target with a configuration file, and returns its output.
func (m *moto) make(target, config string, flags ...string) (string, error) {
	flags = append(flags, "--no-notices")
	cmd := command(m.ctx, "make", target, "CONFIG="+config, "CDK_OUT="+m.cdkOut(), "CDK_FLAGS="+strings.Join(flags, " "))
	cmd.Dir, cmd.Env = "..", append(os.Environ(), m.environment()...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// must runs a target that must succeed.
func (m *moto) must(t *testing.T, target, config string, flags ...string) string {
	t.Helper()
	start := time.Now()
	out, err := m.make(target, config, flags...)
	if err != nil {
		t.Fatalf("make %s: %v\n%s", target, err, out)
	}
	t.Logf("make %s: %s", target, time.Since(start).Round(time.Second))
	return out
}
