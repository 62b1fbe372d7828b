package main

import (
	"encoding/json"
	"os"
	"strings"
	"time"

	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/stepfunctions"
)

// report is the content of run.json: one entry for each source.
type report struct {
	Executions []executionReport `json:"executions"`
}

type executionReport struct {
	Source string `json:"source"`
	// Status is the status of the execution: SUCCEEDED, FAILED or TIMED_OUT.
	Status       string `json:"status"`
	ExecutionARN string `json:"executionArn"`
	// States lists the names of the states in the order in which they were entered.
	States []string `json:"states"`
	// Transitions is the number of state transitions that Step Functions bills: one for each entered state and each retry.
	Transitions int `json:"transitions"`
	// Invocations is the number of Lambda invocations.
	Invocations int `json:"invocations"`
	// DurationMs is the duration in real time, in milliseconds.
	DurationMs int64  `json:"durationMs"`
	Views      []view `json:"views"`
}

type view struct {
	Database string                `json:"database"`
	Name     string                `json:"name"`
	Rows     int64                 `json:"rows"`
	Columns  []athenaclient.Column `json:"columns"`
}

func newExecutionReport(o outcome, history []stepfunctions.Event, took time.Duration) executionReport {
	r := executionReport{
		Source: o.source.Name, Status: string(o.Status), ExecutionARN: o.ARN, DurationMs: took.Milliseconds(),
		States: []string{}, Views: []view{},
	}
	tries := 0 // attempts in the current state
	for _, event := range history {
		switch {
		case strings.HasSuffix(event.Type, "StateEntered"):
			r.States = append(r.States, event.Details.Name)
			r.Transitions++
			tries = 0
		case event.Type == "TaskScheduled":
			r.Invocations++
			if tries++; tries > 1 {
				r.Transitions++
			}
		}
	}
	return r
}

// writeJSONFile writes a value as JSON to a file that only this user can read.
func writeJSONFile(file string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o600)
}
