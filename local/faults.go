package main

import (
	"errors"
	"fmt"
	"slices"

	"snaplake/local/internal/fault"
)

// faultFlags are the faults to inject.
type faultFlags struct {
	Fault []string `sep:"none" placeholder:"TARGET[:WHEN]=KIND" help:"A fault to inject; repeatable. --fault help lists all."`
	Seed  uint64   `default:"1" help:"Seed for faults that strike a share of the calls."`
}

// wantsHelp prints the list of faults for --fault help.
func (f faultFlags) wantsHelp() bool {
	if !slices.Contains(f.Fault, "help") {
		return false
	}
	fmt.Print(fault.Help())
	return true
}

// plan parses the faults and reports every mistake. It returns a nil plan if there are no faults.
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
