package lambda

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// reported invokes a function several times and returns the reports and the log.
func reported(t *testing.T, behaviour string, timeout time.Duration, times int) (reports []Report, log string) {
	t.Helper()
	service := open(t, Options{Reported: func(r Report) { reports = append(reports, r) }})
	f := function(behaviour, timeout)
	f.MemorySize = 256
	if err := service.Create(f); err != nil {
		t.Fatal(err)
	}
	for range times {
		if _, err := service.Invoke(t.Context(), f.Name, []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(service.options.LogFolder, f.Name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	return reports, string(text)
}

func TestReport_OfEachInvocation(t *testing.T) {
	for behaviour, test := range map[string]struct {
		timeout  time.Duration
		statuses string
		// started says for each call whether it started a process.
		started string
	}{
		"echo":          {long, "success success", "true false"},
		"echo and exit": {long, "success success", "true true"},
		"fail":          {long, "error error", "true false"},
		"exit":          {long, "failure failure", "true true"},
		"hang":          {200 * time.Millisecond, "timeout timeout", "true true"},
	} {
		t.Run(behaviour, func(t *testing.T) {
			reports, _ := reported(t, behaviour, test.timeout, 2)
			var statuses, started []string
			for _, r := range reports {
				statuses = append(statuses, r.Status)
				started = append(started, map[bool]string{true: "true", false: "false"}[r.Init > 0])
				if r.Function != "FindSnapshot" || r.RequestID == "" || r.MemorySize != 256 || r.Duration <= 0 {
					t.Errorf("got %+v", r)
				}
			}
			if got := strings.Join(statuses, " "); got != test.statuses {
				t.Errorf("got %s", got)
			}
			if got := strings.Join(started, " "); got != test.started {
				t.Errorf("started: got %s", got)
			}
		})
	}
}

func TestReport_OfProcessWithoutRequest(t *testing.T) {
	reports, _ := reported(t, "exit at start", long, 1)
	if len(reports) != 1 || reports[0].Status != "failure" || reports[0].Init != 0 || reports[0].Duration != 0 {
		t.Errorf("got %+v", reports)
	}
}

func TestReport_HasMemoryAndProcessorTime(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("requires /proc")
	}
	reports, _ := reported(t, "echo", long, 2)
	first, second := reports[0], reports[1]
	if first.MaxMemory < 1<<20 || second.MaxMemory < first.MaxMemory {
		t.Errorf("memory: got %d, then %d", first.MaxMemory, second.MaxMemory)
	}
	if first.CPU <= 0 || second.CPU >= first.CPU { // the first value includes the start of the process
		t.Errorf("processor time: got %v, then %v", first.CPU, second.CPU)
	}
}

func TestReport_IsInLog(t *testing.T) {
	reports, log := reported(t, "echo", long, 2)
	lines := strings.Split(strings.TrimSpace(log), "\n")
	var got []map[string]any
	for _, line := range lines {
		var event map[string]any
		if json.Unmarshal([]byte(line), &event) == nil && event["type"] == "platform.report" {
			got = append(got, event)
		}
	}
	if len(got) != 2 {
		t.Fatalf("got log %s", log)
	}
	record, _ := got[0]["record"].(map[string]any)
	metrics, _ := record["metrics"].(map[string]any)
	if got[0]["time"] != "2026-11-21T17:05:12.000Z" || record["requestId"] != reports[0].RequestID || record["status"] != "success" ||
		metrics["billedDurationMs"] != float64(reports[0].Billed().Milliseconds()) || metrics["memorySizeMB"] != 256.0 ||
		metrics["initDurationMs"] == nil {
		t.Errorf("got %v", got[0])
	}
	record, _ = got[1]["record"].(map[string]any)
	if metrics, _ = record["metrics"].(map[string]any); metrics["initDurationMs"] != nil {
		t.Errorf("got an init duration for a warm call: %v", got[1])
	}
}

func TestReport_BillsWholeMillisecondsWithStart(t *testing.T) {
	for want, r := range map[time.Duration]Report{
		12 * time.Millisecond: {Init: 10 * time.Millisecond, Duration: 1001 * time.Microsecond},
		2 * time.Millisecond:  {Duration: 2 * time.Millisecond},
		0:                     {},
	} {
		if got := r.Billed(); got != want {
			t.Errorf("%+v: got %v, want %v", r, got, want)
		}
	}
}
