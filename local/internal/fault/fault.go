// Package fault plans what goes wrong in the local AWS: which call, function, export, crawl or view, how, and how often. The
// services ask a [Plan] and do what it says; they know how it shows on AWS.
package fault

import "strconv"

// Fault is one thing that goes wrong. Its text is what [Parse] reads.
type Fault struct {
	// Target is what goes wrong: a call, "rds.DescribeExportTasks"; a function, "lambda.CheckExport"; an "export"; a "crawl"; the
	// statement that makes a view, "view:users".
	Target string
	// From and To are the first and the last occurrence that it strikes, counted from 1. Both 0 is every one.
	From, To int
	// Percent is the share of the occurrences that it strikes, by chance, in place of From and To. 0 is no share.
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

// Strike is a fault that took place.
type Strike struct {
	Fault Fault
	// Occurrence of its target, counted from 1.
	Occurrence int
}

// String is the fault of this occurrence alone: "rds.DescribeExportTasks:3=throttle".
func (s Strike) String() string {
	return Fault{Target: s.Fault.Target, From: s.Occurrence, To: s.Occurrence, Kind: s.Fault.Kind}.String()
}
