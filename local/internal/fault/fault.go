// Package fault plans failures in the local AWS: which call, function, export, crawl or view fails, how, and how often.
//
// The services ask a [Plan] and fail as AWS does. [Parse] reads faults from the command line, and [Help] lists them. Faults exist only
// for calls that the functions make, with the error codes of the services' API models.
package fault

import "strconv"

// Fault is one planned failure. [Parse] reads its text.
type Fault struct {
	// Target is a call ("rds.DescribeExportTasks"), a function ("lambda.CheckExport"), "export", "crawl", or the statement that creates a
	// view ("view:users").
	Target string
	// From and To are the first and the last affected occurrence, counted from 1. If both are 0, all are affected.
	From, To int
	// Percent is the percentage of occurrences affected, chosen at random; it replaces From and To. 0 means not set.
	Percent float64
	Kind    Kind
}

func (f Fault) String() string {
	when := ""
	switch {
	case f.Percent > 0:
		when = ":" + strconv.FormatFloat(f.Percent, 'f', -1, 64) + "%"
	case f.From > 0 && f.From == f.To:
		when = ":" + strconv.Itoa(f.From)
	case f.From > 0:
		when = ":" + strconv.Itoa(f.From) + "-" + strconv.Itoa(f.To)
	}
	return f.Target + when + "=" + string(f.Kind)
}

// Injection is an occurrence of a fault.
type Injection struct {
	Fault Fault
	// Occurrence of its target, counted from 1.
	Occurrence int
}

// String returns the fault of this occurrence alone, for example "rds.DescribeExportTasks:3=throttle".
func (s Injection) String() string {
	return Fault{Target: s.Fault.Target, From: s.Occurrence, To: s.Occurrence, Kind: s.Fault.Kind}.String()
}
