package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// manyRows are far more than the exporter's memory would hold.
const manyRows = 10_000_000

// memoryBound is the issue's, in MB.
const memoryBound = 200

// manyRowsRun is what a process tells that has exported many rows.
type manyRowsRun struct {
	Seconds float64 `json:"seconds"`
	// PeakMB is the most memory that was resident; 0 where the system does not tell.
	PeakMB float64 `json:"peakMB"`
}

// fromManyRows exports them in a process of its own, whose memory is that of an export alone.
func fromManyRows(ctx context.Context, limit peer) ([]figure, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := exec.CommandContext(ctx, self, "--export-rows", strconv.Itoa(manyRows))
	child.Stderr = os.Stderr
	answer, err := child.Output()
	if err != nil {
		return nil, fmt.Errorf("export %d rows in a process of their own: %w", manyRows, err)
	}
	var r manyRowsRun
	if err := json.Unmarshal(answer, &r); err != nil {
		return nil, err
	}
	return []figure{
		{Name: "10,000,000 rows from memory, on all cores", Value: manyRows / r.Seconds, Unit: "rows/s", Peer: &limit},
		{Name: "memory at 10,000,000 rows", Value: r.PeakMB, Unit: "MB", Bound: atMost(memoryBound)},
	}, nil
}

// exportRows is that process.
func exportRows(ctx context.Context, rows int) error {
	began := time.Now()
	if _, err := exportOnce(ctx, tableOf("memory"), company{rows: rows}.read); err != nil {
		return err
	}
	took := time.Since(began)
	kilobytes, _ := strconv.ParseFloat(strings.TrimSuffix(procField("/proc/self/status", "VmHWM"), " kB"), 64)
	return json.NewEncoder(os.Stdout).Encode(manyRowsRun{took.Seconds(), kilobytes * 1024 / 1e6})
}
