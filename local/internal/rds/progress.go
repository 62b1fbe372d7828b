package rds

import "time"

// ExportProfile is the timing of an export. A task is STARTING while RDS restores and scales the whole database; the time after that
// depends on the amount of data (RDS guide, "Exporting DB snapshot data to Amazon S3"). The API reference does not define what
// PercentProgress measures, and real manifests can report 0 with the status COMPLETE.
type ExportProfile struct {
	// Preparing is how long the restore or clone takes, during which the task is STARTING.
	Preparing time.Duration
	// Extracting is how long the task is IN_PROGRESS after that.
	Extracting time.Duration
	// Progress lists values of PercentProgress in order of time. The percentage grows linearly between two points, and from the last
	// point to 100 at the end. Two points with the same time form a jump.
	Progress []Point
}

// Point is the value of PercentProgress at a time after the extraction began.
type Point struct {
	After   time.Duration
	Percent int
}

// defaultProfile returns the profile for the export of a small database.
func defaultProfile() ExportProfile {
	return ExportProfile{Preparing: 4 * time.Minute, Extracting: 3 * time.Minute}
}

// SetExportProfile sets the profile of exports that start from now on. An export ends later if writing its data takes longer.
func (s *Service) SetExportProfile(p ExportProfile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.profile = p
}

// percent returns PercentProgress at a time after the extraction began. It is always below 100.
func (p ExportProfile) percent(after time.Duration) int {
	from, to := Point{}, Point{p.Extracting, 100}
	for _, point := range p.Progress {
		if point.After > after {
			to = point
			break
		}
		from = point
	}
	if to.After <= from.After {
		return min(from.Percent, 99)
	}
	passed := min(after, to.After) - from.After
	return min(from.Percent+int(time.Duration(to.Percent-from.Percent)*passed/(to.After-from.After)), 99)
}
