package main

import (
	"time"

	"snaplake/local/internal/rds"
)

// waitingShape is an export that is waited for.
type waitingShape struct {
	name   string
	course rds.Course
	// looks is how many it may take; 0 is any number.
	looks int
	// compared is true of one that other ways to wait are tried with.
	compared bool
}

// takes is how long the export takes from the request to COMPLETE.
func (s waitingShape) takes() time.Duration { return s.course.Preparing + s.course.Extracting }

// waitingShapes are the ways in which exports go that people tell of: the longer part is the preparation, the percentage moves in
// jumps, stands at 99 or stays at 0.
func waitingShapes() []waitingShape {
	const tenHours = 10*time.Hour - preparing
	return []waitingShape{
		{name: "15 min, 12 of them STARTING", course: rds.Course{Preparing: preparing, Extracting: 3 * time.Minute}, compared: true},
		{name: "2 h", course: rds.Course{Preparing: preparing, Extracting: 2*time.Hour - preparing}, compared: true},
		{name: "10 h", course: rds.Course{Preparing: preparing, Extracting: tenHours}, looks: 60, compared: true},
		{name: "10 h in jumps", course: rds.Course{Preparing: preparing, Extracting: tenHours, Progress: inJumps(tenHours)}, looks: 60},
		{name: "1 h, half of it at 99 %", course: inATail(time.Hour)},
		{name: "6 h, half of it at 99 %", course: inATail(6 * time.Hour), compared: true},
		{name: "30 min at 0 %", course: rds.Course{Preparing: preparing, Extracting: 30*time.Minute - preparing, Progress: []rds.Point{{After: never}}}},
	}
}

const (
	// preparing is as long as a restore takes at least.
	preparing = 12 * time.Minute
	// never is after the end of every export here.
	never = 24 * time.Hour
)

// inATail has done 99 percent after half of its time.
func inATail(takes time.Duration) rds.Course {
	return rds.Course{
		Preparing: preparing, Extracting: takes - preparing,
		Progress: []rds.Point{{After: takes/2 - preparing, Percent: 99}, {After: never, Percent: 99}},
	}
}

// inJumps counts tables, of which each is another part of the work.
func inJumps(work time.Duration) []rds.Point {
	var points []rds.Point
	before := 0
	jump := func(after time.Duration, percent int) {
		points = append(points, rds.Point{After: after, Percent: before}, rds.Point{After: after, Percent: percent})
		before = percent
	}
	for _, p := range []struct{ part, percent int }{{1, 3}, {3, 8}, {8, 20}, {20, 31}, {35, 44}, {50, 55}, {60, 71}, {75, 80}, {90, 93}} {
		jump(work*time.Duration(p.part)/100, p.percent)
	}
	jump(never, before)
	return points
}
