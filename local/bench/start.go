package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"snaplake/local/internal/lambda"
)

// The bounds of the functions that are deployed.
const (
	maxZipMB    = 4
	maxMemoryMB = 64
)

// What startexport may take of the time and the memory of a Python handler that does the same.
const (
	partOfPythonStart  = 0.1
	partOfPythonMemory = 1. / 3
)

// measureStart measures each function at its start, in its first call and in a later one, over a source with few tables.
func measureStart(ctx context.Context) (_ section, err error) {
	s := section{Title: "Start and memory of the functions, at 10 tables"}
	w, err := openWorld(company{tables: 10, rows: 10})
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	variables := findPython(ctx)
	if variables != nil {
		if err := w.deployPython(variables); err != nil {
			return s, err
		}
	}
	of, err := w.measureInvocations(ctx, variables != nil)
	if err != nil {
		return s, err
	}
	for _, name := range functions() {
		size, err := zipMB(filepath.Join(deployedFolder, name, "bootstrap"))
		if err != nil {
			return s, err
		}
		s.Figures = append(s.Figures, figuresOfFunction(name, of[name], size)...)
	}
	s.Figures = append(s.Figures, besidePython(of["startexport"], of[python])...)
	return s, nil
}

// functions are all that are deployed, in the order of the night.
func functions() []string {
	return []string{"findsnapshot", "startexport", "checkexport", "startcrawler", "checkcrawler", "createviews", "prune", "notify"}
}

func figuresOfFunction(name string, of invocations, zipMB float64) []figure {
	return []figure{
		{Name: name + ": start", Value: of.start(), Unit: "ms"},
		{Name: name + ": first invocation", Value: of.first(), Unit: "ms"},
		{Name: name + ": warm invocation", Value: of.later(), Unit: "ms"},
		{Name: name + ": memory", Value: of.memory(), Unit: "MB", Bound: atMost(maxMemoryMB)},
		{Name: name + ": zip", Value: zipMB, Unit: "MB", Bound: atMost(maxZipMB)},
	}
}

// besidePython compares startexport with a handler that starts an export without looking for one before.
func besidePython(ours, theirs invocations) []figure {
	figures := []figure{
		{Name: "StartExportTask in Go: start", Value: ours.start(), Unit: "ms", Bound: atMostOfPeer(partOfPythonStart)},
		{Name: "StartExportTask in Go: start and first invocation", Value: ours.start() + ours.first(), Unit: "ms"},
		{Name: "StartExportTask in Go: first invocation", Value: ours.first(), Unit: "ms"},
		{Name: "StartExportTask in Go: warm invocation", Value: ours.later(), Unit: "ms"},
		{Name: "StartExportTask in Go: memory", Value: ours.memory(), Unit: "MB", Bound: atMostOfPeer(partOfPythonMemory)},
	}
	values := []float64{theirs.start(), theirs.start() + theirs.first(), theirs.first(), theirs.later(), theirs.memory()}
	for i := range figures {
		if len(theirs.cold) > 0 {
			figures[i].Peer = &peer{Name: "Python with boto3", Value: values[i]}
		} else {
			figures[i].Name += " (no Python with boto3 here)"
			figures[i].Bound = nil
		}
	}
	return figures
}

// invocations are what Lambda reports of one function: of the first ones of its processes, and of those after them.
type invocations struct{ cold, warm []lambda.Report }

// start is from the start of a process to its first request on the Runtime API, in ms.
func (i invocations) start() float64 {
	return median(i.cold, func(r lambda.Report) float64 { return milliseconds(r.Init) })
}

func (i invocations) first() float64 { return median(i.cold, duration) }
func (i invocations) later() float64 { return median(i.warm, duration) }

func duration(r lambda.Report) float64 { return milliseconds(r.Duration) }

// memory is the most that any process had, in MB.
func (i invocations) memory() float64 {
	var most int64
	for _, r := range slices.Concat(i.cold, i.warm) {
		most = max(most, r.MaxMemory)
	}
	return megabytes(most)
}

// median of what was measured, which is 0 for nothing.
func median(reports []lambda.Report, measure func(lambda.Report) float64) float64 {
	if len(reports) == 0 {
		return 0
	}
	values := make([]float64, len(reports))
	for i, r := range reports {
		values[i] = measure(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// zipMB is the size of what the CDK uploads for a function: an archive of the one file, deflated.
func zipMB(file string) (float64, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("%w; make test builds it", err)
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	entry, err := w.Create(filepath.Base(file))
	if err != nil {
		return 0, err
	}
	if _, err := entry.Write(content); err != nil {
		return 0, err
	}
	err = w.Close()
	return float64(archive.Len()) / 1e6, err
}
