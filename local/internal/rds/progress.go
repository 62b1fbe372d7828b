package rds

import "time"

// ExportProfile defines how long an export takes (RDS guide, "Exporting DB snapshot data to Amazon S3").
type ExportProfile struct {
	// Preparing is the duration of the restore or clone, during which the task is STARTING.
	Preparing time.Duration
	// Extracting is the duration of the extraction, during which the task is IN_PROGRESS.
	Extracting time.Duration
	// Progress lists values of PercentProgress in chronological order. The percentage grows linearly between them, and then to 100.
	Progress []Point
}

// Point is a value of PercentProgress, and the time at which it is reached, measured from the start of the extraction.
type Point struct {
	After   time.Duration
	Percent int
}

// SetExportProfile sets the profile of future exports. If writing the data takes longer than the profile specifies, the export ends later.
func (s *Service) SetExportProfile(p ExportProfile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.profile = p
}

// percent returns PercentProgress at the given time after the start of the extraction. The result is below 100.
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
