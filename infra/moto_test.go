//go:build deploy

package main

import (
	"bytes"
	"context"
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

// motoRegion is a Region that is not the default of any tool. motoAccount is not moto's default, which is the placeholder in pipeline.yaml.
const (
	motoRegion  = "ap-northeast-1"
	motoAccount = "111122223333"
)

// moto is a running moto_server, which fakes AWS in memory.
type moto struct {
	endpoint string
	// dir is the folder for files that make and the CDK would write elsewhere.
	dir string
	// ctx ends before the test's deadline, to kill started processes in time.
	ctx context.Context
}

// startMoto starts the server on a free port. The server is killed at the end of the test.
func startMoto(t *testing.T) *moto {
	t.Helper()
	deadline, ok := t.Deadline()
	if !ok {
		t.Fatal("this test needs a -timeout")
	}
	ctx, cancel := context.WithDeadline(t.Context(), deadline.Add(-10*time.Second))
	t.Cleanup(cancel)
	m := &moto{dir: t.TempDir(), ctx: ctx}

	log, err := os.Create(filepath.Join(m.dir, "moto.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	server := command(ctx, "moto_server", "-H", "127.0.0.1", "-p", "0")
	server.Env, server.Stderr = append(os.Environ(), "PYTHONWARNINGS=ignore", "MOTO_ACCOUNT_ID="+motoAccount), log
	if err := server.Start(); err != nil {
		t.Fatalf("start moto: %v; .ci/run installs it", err)
	}
	t.Cleanup(func() {
		server.Cancel()
		server.Wait()
		if text, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("output of moto:\n%s", text)
		}
	})
	for range 600 {
		text, _ := os.ReadFile(log.Name())
		if port := regexp.MustCompile(`Running on http://127\.0\.0\.1:(\d+)`).FindSubmatch(text); port != nil {
			m.endpoint = "http://localhost:" + string(port[1])
			return m
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("moto did not start to listen")
	return nil
}

// command returns a command in its own process group, so that its child processes are killed with it.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// environment returns variables that point the CDK to the server, and away from the user's credentials and caches.
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

// sdk returns the SDK configuration for the server.
func (m *moto) sdk() aws.Config {
	return aws.Config{
		Region:           motoRegion,
		BaseEndpoint:     &m.endpoint,
		Credentials:      credentials.NewStaticCredentialsProvider("testing", "testing", ""),
		RetryMaxAttempts: 1, // moto's errors are permanent
	}
}

// make runs a target with a configuration file and returns the output.
func (m *moto) make(target, config string, flags ...string) (string, error) {
	flags = append(flags, "--no-notices")
	cmd := command(m.ctx, "make", target, "CONFIG="+config, "CDK_OUT="+m.cdkOut(), "CDK_FLAGS="+strings.Join(flags, " "))
	cmd.Dir, cmd.Env = "..", append(os.Environ(), m.environment()...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// must runs a target and returns the output. It ends the test if the target fails.
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
