package main

import (
	"errors"
	"fmt"
	"slices"

	"snaplake/local/internal/fault"
)

// faultFlags say what goes wrong.
type faultFlags struct {
	Fault []string `sep:"none" placeholder:"TARGET[:WHEN]=KIND" help:"Something that goes wrong, to rehearse it; any number of them. --fault help lists all."`
	Seed  uint64   `default:"1" help:"Decides which ones a fault strikes that strikes a share of them."`
}

// wantsHelp prints what there is for --fault help.
func (f faultFlags) wantsHelp() bool {
	if !slices.Contains(f.Fault, "help") {
		return false
	}
	fmt.Print(fault.Help())
	return true
}

// plan reads the faults, and tells of all that cannot be read. It is nil when there are none.
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
