package rds

import "time"

// Course is how an export goes over time. The guide says that a task is STARTING while RDS restores and scales the whole database,
// that how long the rest takes depends on the data, and that a table without an evenly spread key is slow, since one thread reads
// it (RDS guide, "Exporting DB snapshot data to Amazon S3"). Of PercentProgress the API reference says no more than that it is a
// percentage, and not what it counts; in manifests of real exports it can be 0 when the status is COMPLETE.
type Course struct {
	// Preparing is the restore or the clone, which RDS reports as STARTING.
	Preparing time.Duration
	// Extracting is reported as IN_PROGRESS.
	Extracting time.Duration
	// Progress says where the percentage is on its way from 0, in the order of time. It is even between two points, and from the
	// last one to 100 at the end; two points of one moment are a jump. None is even all along.
	Progress []Point
}

// Point is where the percentage is at a moment after the extraction began.
type Point struct {
	After   time.Duration
	Percent int
}

// usual is the course of a small database.
func usual() Course { return Course{Preparing: 4 * time.Minute, Extracting: 3 * time.Minute} }

// SetCourse says how the exports go that are started from now on. A database whose data is still being written when the time of
// its course is over takes as long as that does.
func (s *Service) SetCourse(c Course) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.course = c
}

// percent is where the percentage is at a moment after the extraction began, below 100.
func (c Course) percent(after time.Duration) int {
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
