package main

import (
	"context"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"snaplake/workflow"
)

// pythonHandler starts an export with boto3, and does nothing else.
const pythonHandler = "local/bench/python/start_export.py"

// python is the name of the function that runs it, without the pipeline's.
const python = "python"

// findPython tells where Python and boto3 are, in the variables that a process without any others finds them by. It is nil when
// one of the two is not on this machine.
func findPython(ctx context.Context) map[string]string {
	const where = "import os, sys, boto3; print(os.path.dirname(sys.executable)); print(os.path.dirname(os.path.dirname(boto3.__file__)))"
	out, err := exec.CommandContext(ctx, "python3", "-c", where).Output()
	bin, packages, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil {
		return nil
	}
	return map[string]string{"PATH": bin, "PYTHONPATH": packages}
}

// deployPython puts the handler beside startexport, as that is deployed: with its role, and its variables.
func (w *world) deployPython(variables map[string]string) error {
	f, err := w.Lambda.Function(w.config.Name + "-startexport")
	if err != nil {
		return err
	}
	if f.Binary, err = filepath.Abs(pythonHandler); err != nil {
		return err
	}
	f.Name = w.config.Name + "-" + python
	f.Environment = maps.Clone(f.Environment)
	maps.Copy(f.Environment, variables)
	return w.Lambda.Create(f)
}

// invokePython exports the snapshot of a night once more, and returns when that export is complete: nothing else shall have to
// work beside it, and no slot of RDS's be taken.
func (w *world) invokePython(ctx context.Context, snapshot workflow.Snapshot) error {
	var answer struct{ ID string }
	if err := w.invoke(ctx, python, map[string]string{
		"id": fmt.Sprintf("%s-%s", python, snapshot.CreatedAt.Format("20060102-1504")), "snapshot": snapshot.ARN, "prefix": "exports/" + python,
	}, &answer); err != nil {
		return err
	}
	return w.clock.Sleep(ctx, time.Hour)
}

// redeploy gives functions new processes for their next calls.
func (w *world) redeploy(functions ...string) error {
	for _, name := range functions {
		f, err := w.Lambda.Function(w.config.Name + "-" + name)
		if err != nil {
			return err
		}
		if err := w.Lambda.Create(f); err != nil {
			return err
		}
	}
	return nil
}
