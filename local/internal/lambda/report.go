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

// Report is what Lambda tells about an invocation that is over.
type Report struct {
	Function, RequestID string
	// Init is from the start of the process to its first request for a call. It is 0 for a process that had a call before.
	Init time.Duration
	// Duration is from when the process got the call until it answered, or ended.
	Duration time.Duration
	// CPU is the processor time that the process has used since the invocation before, or since its start; 0 where the system does
	// not tell. Lambda does not report it.
	CPU time.Duration
	// MaxMemory is the most memory that the process ever had, in bytes; 0 where the system does not tell.
	MaxMemory int64
	// MemorySize is the function's setting, in MB.
	MemorySize int
	// Status is success, error (the function returned one), failure (its process ended) or timeout.
	Status string
}

// Billed is what is paid for, in whole milliseconds (Lambda pricing; the start of a custom runtime counts).
func (r Report) Billed() time.Duration {
	return (r.Init + r.Duration + time.Millisecond - 1).Truncate(time.Millisecond)
}

// report tells of an invocation that is over: to who observes, and in the function's log, as a function with the log format JSON
// has it there (Lambda guide, "Configuring JSON and plain text log formats"; Telemetry API schema, platform.report).
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
		fmt.Fprintf(os.Stderr, "the log of function %s: %v\n", r.Function, err)
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

// openLog opens what a function's log is appended to.
func (s *Service) openLog(function string) (*os.File, error) {
	return os.OpenFile(filepath.Join(s.options.LogFolder, function+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// milliseconds has two digits after the point, as Lambda's has.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

// usedCPU is the processor time since it was last asked for. Only the process's user asks.
func (e *environment) usedCPU() time.Duration {
	total := processorTime(e.process.Pid)
	used := max(0, total-e.cpu)
	e.cpu = total
	return used
}

// peakMemory is the most memory that a living process had resident, in bytes (proc(5), VmHWM); 0 where there is no /proc.
func peakMemory(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "kB")
	kilobytes, _ := strconv.ParseInt(strings.TrimSpace(line), 10, 64) // there is none in the status of a process that has ended
	return kilobytes << 10
}

// processorTime is what the threads of a living process have used (Linux's scheduler statistics, schedstat); 0 where there are none.
func processorTime(pid int) time.Duration {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return 0
	}
	var total int64
	for _, thread := range threads {
		text, _ := os.ReadFile(thread) // one that has ended meanwhile is not there
		first, _, _ := strings.Cut(string(text), " ")
		nanoseconds, _ := strconv.ParseInt(first, 10, 64)
		total += nanoseconds
	}
	return time.Duration(total)
}
