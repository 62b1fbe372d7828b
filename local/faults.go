package main

import (
	"errors"
	"fmt"
	"slices"

	"snaplake/local/internal/fault"
)

// faultFlags are the flags that inject faults.
type faultFlags struct {
	Fault []string `sep:"none" placeholder:"TARGET[:WHEN]=KIND" help:"Fault to inject. Can be repeated. To list all faults, use --fault help."`
	Seed  uint64   `default:"1" help:"Random seed for faults that affect a percentage of the calls."`
}

// printHelp prints the list of faults if --fault help is set. It reports whether it printed the list.
func (f faultFlags) printHelp() bool {
	if !slices.Contains(f.Fault, "help") {
		return false
	}
	fmt.Print(fault.Help())
	return true
}

// plan returns the plan for the faults that are given with --fault, or nil if there are none. The error lists all invalid faults.
func (f faultFlags) plan() (*fault.Plan, error) {
	if len(f.Fault) == 0 {
		return nil, nil
	}
	var faults []fault.Fault
	var errs []error
	for _, text := range f.Fault {
		parsed, err := fault.Parse(text)
		faults, errs = append(faults, parsed), append(errs, err)
	}
	return fault.New(f.Seed, faults...), errors.Join(errs...)
}
