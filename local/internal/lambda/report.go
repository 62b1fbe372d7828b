package lambda

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Report is Lambda's report of an invocation.
type Report struct {
	Function, RequestID string
	// Init is the time from the start of the process to its first request for a call. It is 0 if the process is warm.
	Init time.Duration
	// Duration is the time from the call to the response, or to the end of the process.
	Duration time.Duration
	// CPU is the processor time since the previous invocation, or 0 on systems without /proc. Lambda does not report it.
	CPU time.Duration
	// MaxMemory is the peak memory of the process, in bytes. It is 0 on systems without /proc.
	MaxMemory int64
	// MemorySize is the function's memory setting, in MB.
	MemorySize int
	// Status is success, error (the function returned an error), failure (its process ended) or timeout.
	Status string
}

// Billed returns the billed duration in whole milliseconds, rounded up. It includes the startup of a custom runtime (Lambda pricing).
func (r Report) Billed() time.Duration {
	return (r.Init + r.Duration + time.Millisecond - 1).Truncate(time.Millisecond)
}

// report passes the report of an invocation to Options.Reported and writes it to the function's log in the JSON format (Lambda guide,
// "Configuring JSON and plain text log formats"; Telemetry API schema, platform.report).
func (s *Service) report(e *environment, c *call, status string) {
	r := Report{
		Function: e.function.Name, RequestID: c.requestID, MemorySize: e.function.MemorySize, Status: status,
		MaxMemory: peakMemory(e.process.Pid), CPU: e.usedCPU(),
	}
	if !c.handed.IsZero() {
		r.Duration = time.Since(c.handed)
	}
	if !e.warm {
		r.Init = e.initialized()
	}
	if s.options.Reported != nil {
		s.options.Reported(r)
	}
	if err := s.logReport(e, r); err != nil {
		fmt.Fprintf(os.Stderr, "write the log of function %s: %v\n", r.Function, err)
	}
}

func (s *Service) logReport(e *environment, r Report) error {
	if !e.logs {
		return nil
	}
	metrics := map[string]any{
		"durationMs": milliseconds(r.Duration), "billedDurationMs": r.Billed().Milliseconds(),
		"memorySizeMB": r.MemorySize, "maxMemoryUsedMB": (r.MaxMemory + 1<<20 - 1) >> 20,
	}
	if r.Init > 0 {
		metrics["initDurationMs"] = milliseconds(r.Init)
	}
	line, err := json.Marshal(map[string]any{
		"time": s.options.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "type": "platform.report",
		"record": map[string]any{"requestId": r.RequestID, "metrics": metrics, "status": r.Status},
	})
	if err != nil {
		return err
	}
	log, err := s.openLog(r.Function)
	if err != nil {
		return err
	}
	defer log.Close()
	_, err = log.Write(append(line, '\n'))
	return err
}

// openLog opens the log of a function for appending.
func (s *Service) openLog(function string) (*os.File, error) {
	return os.OpenFile(filepath.Join(s.options.LogFolder, function+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// milliseconds converts a duration to milliseconds with two decimals, as in Lambda's reports.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

// usedCPU returns the processor time since the previous call to usedCPU.
func (e *environment) usedCPU() time.Duration {
	total := processorTime(e.process.Pid)
	used := max(0, total-e.cpu)
	e.cpu = total
	return used
}

// peakMemory returns the peak resident memory of a running process, in bytes (proc(5), VmHWM). It returns 0 on systems without /proc.
func peakMemory(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "kB")
	kilobytes, _ := strconv.ParseInt(strings.TrimSpace(line), 10, 64) // 0 for a process that has ended
	return kilobytes << 10
}

// processorTime returns the total processor time of a running process's threads (Linux's schedstat), or 0 without /proc.
func processorTime(pid int) time.Duration {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return 0
	}
	var total int64
	for _, thread := range threads {
		text, _ := os.ReadFile(thread) // fails for a thread that has ended
		first, _, _ := strings.Cut(string(text), " ")
		nanoseconds, _ := strconv.ParseInt(first, 10, 64)
		total += nanoseconds
	}
	return time.Duration(total)
}
