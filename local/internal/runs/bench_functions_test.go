package runs

import (
	"archive/zip"
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"snaplake/workflow"
)

// BenchmarkFunctions measures each function with 10 tables: its start, the first and later invocations of a process, its memory, and the
// size of its archive. If Python and boto3 are installed, it also measures a Python handler that only starts an export.
func BenchmarkFunctions(b *testing.B) {
	w := openBench(b, func(int) []table { return sameTables(10) })
	names := slices.Clone(functionNames)
	if w.deployPython() {
		names = append(names, python)
	}
	for range 5 {
		w.redeploy(unchanged, names...)
		for range 2 {
			state := w.mustRun()
			w.invoke("notify", map[string]any{"detail": map[string]string{"executionArn": w.newest(), "status": "FAILED"}})
			if slices.Contains(names, python) {
				w.startWithPython(*state.Snapshot)
			}
		}
	}
	pythons := w.measure(python)
	for _, name := range names {
		m := w.measure(name)
		if name != python {
			m["max-MB"] = 64
			m["zip-MB"], m["max-zip-MB"] = zipMB(b, "../../../dist/lambda/"+name+"/bootstrap"), 4
		}
		if name == "startexport" && len(pythons) > 0 {
			m["max-start-ms"], m["max-MB"] = pythons["start-ms"]/10, pythons["MB"]/3
		}
		report(b, name, m)
	}
}

// measure returns the metrics of a function's invocations.
func (w *bench) measure(function string) metrics {
	var starts, first, warm []time.Duration
	m := metrics{}
	for _, i := range w.invocations {
		switch {
		case i.Function != function:
			continue
		case i.Init > 0:
			starts, first = append(starts, i.Init), append(first, i.Duration)
		default:
			warm = append(warm, i.Duration)
		}
		m["MB"] = max(m["MB"], megabytes(i.MaxMemory))
	}
	if len(starts) > 0 {
		m["start-ms"], m["first-ms"], m["warm-ms"] = milliseconds(median(starts)), milliseconds(median(first)), milliseconds(median(warm))
	}
	return m
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// zipMB returns the size of the archive that the CDK uploads for a function, in MB.
func zipMB(b *testing.B, file string) float64 {
	b.Helper()
	content, err := os.ReadFile(file)
	must(b, err)
	var size counter
	archive := zip.NewWriter(&size)
	entry, err := archive.Create("bootstrap")
	must(b, err)
	_, err = entry.Write(content)
	must(b, cmp.Or(err, archive.Close()))
	return float64(size) / 1e6
}

// counter counts the bytes written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// python is the name of the function in Python.
const python = "python"

// deployPython deploys the Python handler with the role and the variables of StartExport. It reports whether Python and boto3 are
// installed.
func (w *bench) deployPython() bool {
	w.b.Helper()
	const where = "import os, sys, boto3; print(os.path.dirname(sys.executable)); print(os.path.dirname(os.path.dirname(boto3.__file__)))"
	out, err := exec.CommandContext(w.b.Context(), "python3", "-c", where).Output()
	if err != nil {
		return false
	}
	bin, packages, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	f, err := w.Lambda.Function(w.config.Name + "-startexport")
	must(w.b, err)
	f.Name = w.config.Name + "-" + python
	f.Binary, err = filepath.Abs("testdata/start_export.py")
	must(w.b, err)
	f.Environment = maps.Clone(f.Environment)
	maps.Copy(f.Environment, map[string]string{"PATH": bin, "PYTHONPATH": packages})
	must(w.b, w.Lambda.Create(f))
	return true
}

// startWithPython exports a snapshot again with the Python handler, and waits until the export slot is free again.
func (w *bench) startWithPython(s workflow.Snapshot) {
	w.b.Helper()
	id := fmt.Sprintf("%s-%s", python, s.CreatedAt.Format("20060102-1504"))
	w.invoke(python, map[string]string{"id": id, "snapshot": s.ARN, "prefix": "exports/" + python})
	must(w.b, w.clock.Sleep(w.b.Context(), time.Hour))
}
