// Command bench runs the project's Go benchmarks and checks their results against limits. It writes the tables in docs/performance.md and
// docs/cost.md, or checks that these documents match the reproducible results.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// rawFile is the file that receives the output of all benchmarks. The tool benchstat can read this file.
const rawFile = ".local/bench.txt"

func main() {
	only := flag.String("only", "", "run only the sections whose names match this regular expression, without writing the documents")
	update := flag.Bool("update", false, "write the documents even with -only")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *only, *update || *only == ""); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures the chosen sections. After all measurements, it returns an error that lists exceeded limits and outdated documents.
func run(ctx context.Context, only string, write bool) error {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(".local", 0o700); err != nil {
		return err
	}
	raw, err := os.Create(rawFile)
	if err != nil {
		return err
	}
	defer raw.Close()
	var failed []error
	for _, s := range chosen {
		results, conditions, err := s.measure(ctx, raw)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := s.check(results, conditions, write); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	return errors.Join(failed...)
}

// choose returns the sections whose names match the regular expression given with -only.
func choose(only string) ([]section, error) {
	matching, err := regexp.Compile(only)
	if err != nil {
		return nil, fmt.Errorf("-only: %w", err)
	}
	var names []string
	var chosen []section
	for _, s := range sections() {
		names = append(names, s.name)
		if matching.MatchString(s.name) {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("-only: no section matches %q; the sections are %s", only, strings.Join(names, ", "))
	}
	return chosen, nil
}

// measure runs the benchmarks of a section, each in its own process. conditions is a sentence that states the date and the machine.
func (s section) measure(ctx context.Context, raw io.Writer) (results []result, conditions string, err error) {
	for _, b := range s.benchmarks {
		fmt.Printf("%s: Benchmark%s\n", s.name, b.name)
		out, err := b.run(ctx)
		if err != nil {
			return nil, "", err
		}
		if _, err := raw.Write(out); err != nil {
			return nil, "", err
		}
		parsed, processor := parse(out)
		results = append(results, parsed...)
		conditions = fmt.Sprintf("Measured on %s, on %d cores (%s), with %s.",
			time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), processor, runtime.Version())
	}
	if s.derive != nil {
		results = s.derive(results)
	}
	return results, conditions, nil
}

// benchmark identifies a Go benchmark. name is its name without the prefix Benchmark.
type benchmark struct {
	pkg, name string
	// iterations is the number of iterations (-benchtime). 0 means 1.
	iterations int
}

func (b benchmark) run(ctx context.Context) ([]byte, error) {
	test := exec.CommandContext(ctx, "go", "test", "-vet=off", "-timeout=60m", "-run=^$", "-bench=^Benchmark"+b.name+"$",
		fmt.Sprintf("-benchtime=%dx", max(1, b.iterations)), b.pkg)
	out, err := test.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(test.Args, " "), err, out)
	}
	return out, nil
}

// check prints the section's tables. The error lists the metrics outside their limits and the outdated documents.
func (s section) check(results []result, conditions string, write bool) error {
	errs := violations(results)
	for _, p := range s.parts {
		text, err := p.render(results)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		fmt.Printf("\n%s\n", text)
		switch {
		case write && p.reproducible:
			err = p.write(text)
		case write:
			err = p.write(text + "\n" + conditions + "\n")
		case p.reproducible:
			err = p.compare(text)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
