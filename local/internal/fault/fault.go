// Package fault decides which failures to inject into the local AWS: which call, function, export, crawl or view fails, how, and how often.
//
// The services consult a [Plan] and fail as AWS does. [Parse] parses faults from the command line, and [Help] describes them. Only calls
// that the functions make can fail. The error codes are those in the services' API models.
package fault

import "strconv"

// Fault is a failure to inject.
type Fault struct {
	// Target is a call ("rds.DescribeExportTasks"), a function ("lambda.CheckExport"), "export", "crawl", or "view:" and a name.
	Target string
	// From and To are the first and the last affected occurrence of the target, counted from 1. If both are 0, all occurrences are affected.
	From, To int
	// Percent, if not 0, is the percentage of occurrences that are affected, chosen at random. From and To are then ignored.
	Percent float64
	Kind    Kind
}

// String returns the fault in the format of [Parse].
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
