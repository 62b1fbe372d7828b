package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// pipedQuery runs the query command on a data lake, with the given standard input. It returns both outputs and the exit status.
func pipedQuery(t *testing.T, lake, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	c := command(t, append([]string{"query", "--dir", lake}, args...)...)
	var out, errors bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errors
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errors.String(), c.ProcessState.ExitCode()
}

func TestQuery(t *testing.T) {
	lake := t.TempDir()
	run(t, "run", fast, "--dir", lake)
	t.Run("reads the query from standard input", func(t *testing.T) {
		out, stderr, _ := pipedQuery(t, lake, "\ufeff-- the first user\nSELECT id FROM users\nWHERE id = 1;\n", "--format", "csv")
		if out != "\"id\"\n\"1\"\n" {
			t.Errorf("got %q %s", out, stderr)
		}
	})
	t.Run("reads the query from a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "query.sql")
		if err := os.WriteFile(file, []byte("SELECT id, prefecture FROM users ORDER BY id LIMIT 2"), 0o600); err != nil {
			t.Fatal(err)
		}
		want := "[\n{\"id\": 1, \"prefecture\": null},\n{\"id\": 2, \"prefecture\": \"大阪府\"}\n]\n"
		if got := run(t, "query", "--dir", lake, "--format", "json", "--file", file); got != want {
			t.Errorf("got %s", got)
		}
	})
	t.Run("writes one line per row to a pipe", func(t *testing.T) {
		c := command(t, "query", "--dir", lake, "SELECT * FROM every_type")
		c.Env = append(c.Env, "COLUMNS=20")
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(out), "\n") {
			if strings.Contains(line, "│ 9999999.99 ") && strings.Contains(line, "│ 18446744073709551615 ") {
				return
			}
		}
		t.Errorf("got %s", out)
	})
	t.Run("finds names in the given database", func(t *testing.T) {
		out, stderr, _ := pipedQuery(t, lake, "", "--database", "snaplake_crawled", "--format", "csv", "SHOW TABLES")
		if !strings.Contains(out, "shop_") || stderr != "" {
			t.Errorf("got %s%s", out, stderr)
		}
	})
	t.Run("lists the views without a query", func(t *testing.T) {
		out := run(t, "query", "--dir", lake)
		want := regexp.MustCompile(`(?s)^Database shop: 1\d views\n.*\nshop.coupons +snapshot of 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC.*\n` +
			` +code +varchar\n +discount +decimal\(5,2\)\n.*\nshop.daily_sales\n.*\nDatabase snaplake_crawled: 0 views\n`)
		if !want.MatchString(out) {
			t.Errorf("got %s", out)
		}
	})
	t.Run("lists only the given database", func(t *testing.T) {
		if out := run(t, "query", "--dir", lake, "--database", "snaplake_crawled"); out != "Database snaplake_crawled: 0 views\n\n" {
			t.Errorf("got %s", out)
		}
		if got, want := fails(t, "", "query", "--dir", lake, "--database", "shpo"), `snaplake: there is no database "shpo"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("separates the fields of DESCRIBE", func(t *testing.T) {
		if out := run(t, "query", "--dir", lake, "DESCRIBE coupons"); !strings.Contains(out, "│ expires_on │ date         │\n") {
			t.Errorf("got %s", out)
		}
		want := "\"column\",\"type\"\n\"code\",\"varchar\"\n\"discount\",\"decimal(5,2)\"\n\"expires_on\",\"date\"\n"
		if got := run(t, "query", "--dir", lake, "--format", "csv", "DESC coupons"); got != want {
			t.Errorf("got %s", got)
		}
	})
	t.Run("writes the SQL of a view so that it can be copied", func(t *testing.T) {
		if out := run(t, "query", "--dir", lake, "SHOW CREATE VIEW daily_sales"); !strings.HasPrefix(out, "CREATE VIEW shop.daily_sales AS\nSELECT\n  date(") {
			t.Errorf("got %s", out)
		}
	})
	t.Run("ends silently if its output is closed", func(t *testing.T) { endsWithReader(t, lake) })
	t.Run("ends if it is interrupted", func(t *testing.T) { endsWhenInterrupted(t, lake) })
	for name, test := range map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"empty standard input": {"\n", nil, "the query is empty; without a query, this command lists the views"},
		"empty argument":       {"", []string{""}, "the query is empty; without a query, this command lists the views"},
		"two queries":          {"", []string{"SELECT 1", "--file", "a.sql"}, "there are two queries; use either the argument or --file"},
		"no file":              {"", []string{"--file", "nowhere.sql"}, "open nowhere.sql: no such file or directory"},
		"several statements":   {"SELECT 1; SELECT 2", nil, "Only one sql statement is allowed. Got: SELECT 1; SELECT 2"},
		"a change": {"", []string{"CREATE VIEW v AS SELECT 1"}, "this command does not execute CREATE, because it only reads; " +
			"to change the views, change the configuration (docs/views.md)"},
		"no table":    {"", []string{"SELECT * FROM usrs"}, "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.usrs' does not exist"},
		"no database": {"", []string{"--database", "shpo", "SHOW VIEWS"}, "SCHEMA_NOT_FOUND: line 1:1: Schema 'shpo' does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			out, stderr, status := pipedQuery(t, lake, test.stdin, test.args...)
			if want := "snaplake: " + test.want + "\n"; status != 1 || out != "" || stderr != want {
				t.Errorf("status %d, %s%s\nwant %s", status, out, stderr, want)
			}
		})
	}
}

// manyRows is a query with more rows than a pipe can hold.
const manyRows = "SELECT a.id, a.name, b.email FROM users a CROSS JOIN users b"

// startReading starts a query with many rows and reads its first line.
func startReading(t *testing.T, lake string) (c *exec.Cmd, out io.ReadCloser, stderr *bytes.Buffer) {
	t.Helper()
	c, stderr = command(t, "query", "--dir", lake, "--format", "csv", manyRows), &bytes.Buffer{}
	c.Stderr = stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "\"id\",\"name\",\"email\"\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	return c, out, stderr
}

func endsWithReader(t *testing.T, lake string) {
	c, out, stderr := startReading(t, lake)
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed by SIGPIPE, like other commands
	if s := c.ProcessState.Sys().(syscall.WaitStatus); s.Signal() != syscall.SIGPIPE || stderr.Len() > 0 {
		t.Errorf("%v: %s", c.ProcessState, stderr)
	}
}

func endsWhenInterrupted(t *testing.T, lake string) {
	c, out, stderr := startReading(t, lake)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.Copy(io.Discard, out)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // the exit status is checked below
	if got := c.ProcessState.ExitCode(); got != 130 || stderr.String() != "snaplake: stopped\n" {
		t.Errorf("status %d after %d bytes: %s", got, rest, stderr)
	}
}

func TestQuery_UsesRunningServe(t *testing.T) {
	dir := t.TempDir()
	c := command(t, "serve", "--dir", dir)
	waitFor(t, c, "To query the views")
	out, stderr, _ := pipedQuery(t, dir, "", "--format", "csv", "SHOW DATABASES") // the folder has no data lake yet
	if !strings.Contains(out, `"shop"`) || stderr != "" {
		t.Errorf("got %s%s", out, stderr)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	const noRun = `no run has finished yet`
	if out, stderr, _ := pipedQuery(t, dir, "", "SHOW DATABASES"); !strings.Contains(stderr, noRun) {
		t.Errorf("after serve was killed: %s%s", out, stderr)
	}
}

func TestServedClient_IgnoresOtherServersAndInvalidFiles(t *testing.T) {
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	valid, err := json.Marshal(served{Endpoint: stranger.URL, Region: "ap-northeast-1", AccessKeyID: "stale", SecretAccessKey: "key"})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "serve.json")
	for _, content := range []string{"", "{}", "null", "{", string(valid)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, ok := servedClient(t.Context(), file); ok {
			t.Errorf("%q was accepted", content)
		}
	}
}

func TestSnapshotAge(t *testing.T) {
	const at = "2026-11-21 17:05:12.345"
	for now, want := range map[string]string{
		"2026-11-21 17:05:30.000": "snapshot of 2026-11-21 17:05:12 UTC",
		"2026-11-20 00:00:00.000": "snapshot of 2026-11-21 17:05:12 UTC",
		"2026-11-21 17:50:30.000": "snapshot of 2026-11-21 17:05:12 UTC, 45m old",
		"2026-11-23 18:06:00.000": "snapshot of 2026-11-21 17:05:12 UTC, 49h0m old",
	} {
		if got := snapshotAge(at, now); got != want {
			t.Errorf("at %s: %s", now, got)
		}
	}
}
