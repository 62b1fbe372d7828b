package rds

import "time"

// ExportProfile is the timing of an export. A task is STARTING while RDS restores and scales the whole database; how long the rest takes
// depends on the data (RDS guide, "Exporting DB snapshot data to Amazon S3"). The API reference does not say what PercentProgress
// counts. Real manifests can report 0 with the status COMPLETE.
type ExportProfile struct {
	// Preparing is the restore or clone, which RDS reports as STARTING.
	Preparing time.Duration
	// Extracting is reported as IN_PROGRESS.
	Extracting time.Duration
	// Progress lists points of PercentProgress in order of time. The percentage grows evenly between two points, and from the last
	// point to 100 at the end. Two points with the same time are a jump.
	Progress []Point
}

// Point is the percentage at a time after the extraction began.
type Point struct {
	After   time.Duration
	Percent int
}

// usualCourse is the course of a small database.
func usualCourse() ExportProfile {
	return ExportProfile{Preparing: 4 * time.Minute, Extracting: 3 * time.Minute}
}

// SetExportProfile sets the course of the exports that start from now on. An export whose data takes longer to write ends later.
func (s *Service) SetExportProfile(c ExportProfile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.course = c
}

// percent returns the percentage at a time after the extraction began. It is below 100.
func (c ExportProfile) percent(after time.Duration) int {
	from, to := Point{}, Point{c.Extracting, 100}
	for _, p := range c.Progress {
		if p.After > after {
			to = p
			break
		}
		from = p
	}
	if to.After <= from.After {
		return min(from.Percent, 99)
	}
	passed := min(after, to.After) - from.After
	return min(from.Percent+int(time.Duration(to.Percent-from.Percent)*passed/(to.After-from.After)), 99)
}
