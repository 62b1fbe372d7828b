// Command bench measures Snaplake on this machine: what a night costs, and how much room is left to the limits. It prints a table,
// writes it into .local/bench.json, and into docs/performance.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// command is the command line.
type command struct {
	Only string `help:"Run only the benchmarks whose names this regular expression matches, and write no file."`
	// ExportRows is for the process that measureExporter starts.
	ExportRows int `hidden:""`
}

// benchmark measures one subject.
type benchmark struct {
	name string
	run  func(context.Context) (section, error)
}

// benchmarks are in the order of the table.
func benchmarks() []benchmark {
	return []benchmark{
		{"start", measureStart},
		{"tables", measureTables},
		{"waiting", measureWaiting},
		{"cost", measureCost},
		{"exporter", measureExporter},
		{"night", measureNight},
		{"build", measureBuild},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c command
	kong.Parse(&c, kong.Name("bench"), kong.Description("Measure Snaplake on this machine."))
	if err := c.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// choose returns the benchmarks whose names a regular expression matches.
func choose(only string) ([]benchmark, error) {
	matching, err := regexp.Compile(only)
	if err != nil {
		return nil, fmt.Errorf("--only: %w", err)
	}
	var names []string
	var chosen []benchmark
	for _, b := range benchmarks() {
		names = append(names, b.name)
		if matching.MatchString(b.name) {
			chosen = append(chosen, b)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("--only: %q matches none of %s", only, strings.Join(names, ", "))
	}
	return chosen, nil
}

func (c command) run(ctx context.Context) error {
	if c.ExportRows > 0 {
		return exportRows(ctx, c.ExportRows)
	}
	chosen, err := choose(c.Only)
	if err != nil {
		return err
	}
	report := report{Machine: thisMachine(), At: time.Now().UTC().Truncate(time.Second)}
	for _, b := range chosen {
		began := time.Now()
		s, err := b.run(ctx)
		if err != nil {
			return fmt.Errorf("measure %s: %w", b.name, err)
		}
		s.Name, s.Seconds = b.name, time.Since(began).Seconds()
		if err := s.print(os.Stdout); err != nil {
			return err
		}
		report.Sections = append(report.Sections, s)
	}
	if c.Only == "" {
		if err := report.write(); err != nil {
			return err
		}
	}
	return errors.Join(report.missed()...)
}
