package main

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func TestWait_IsShorterTowardsTheEnd(t *testing.T) {
	for _, test := range []struct {
		percent int
		elapsed time.Duration // of which the first ten minutes were STARTING
		want    int
	}{
		{1, 20 * time.Minute, 300},    // a quarter of what has passed
		{30, 100 * time.Minute, 1500}, // the same
		{30, 5 * time.Hour, 1800},     // the longest
		{70, 3 * time.Hour, 1092},     // a quarter of what is left
		{90, 3 * time.Hour, 283},      // the same
		{97, 3 * time.Hour, 211},      // two percent, without five seconds
		{99, 20 * time.Minute, 25},    // half a minute, without them
		{99, 10 * time.Hour, 715},     // two percent
		{50, 40 * time.Hour, 2875},    // the same
		{0, 10 * time.Hour, 715},      // nothing is known
	} {
		got := wait(at(test.percent, now.Add(10*time.Minute-test.elapsed)), now.Add(-test.elapsed), now)
		if got != test.want {
			t.Errorf("at %d %% after %s: %d s, want %d", test.percent, test.elapsed, got, test.want)
		}
	}
}

func TestWait_IsLongWhileRDSPrepares(t *testing.T) {
	for elapsed, want := range map[time.Duration]int{
		0: 60, 8 * time.Minute: 60, 16 * time.Minute: 120, 2 * time.Hour: 900, 10 * time.Hour: 1800, 40 * time.Hour: 2875,
		-time.Hour: 60,
	} {
		if got := wait(types.ExportTask{}, now.Add(-elapsed), now); got != want {
			t.Errorf("after %s: got %d s, want %d", elapsed, got, want)
		}
	}
}

// at is a task that is being extracted since then.
func at(percent int, since time.Time) types.ExportTask {
	return types.ExportTask{PercentProgress: aws.Int32(int32(percent)), TaskStartTime: &since}
}

func TestWait_UsesTheAgeOfTheTask(t *testing.T) {
	task := at(99, now.Add(-10*time.Hour))
	for _, asked := range []time.Time{now, now.Add(-10 * time.Hour), now.Add(time.Hour)} {
		if got := wait(task, asked, now); got != 715 {
			t.Errorf("asked for %v ago: got %d s, want 715", now.Sub(asked), got)
		}
	}
	// After a redrive of CheckExport, whose EnteredAt stays what it was.
	if got := wait(at(99, now.Add(time.Hour)), now.Add(-time.Minute), now); got != 25 {
		t.Errorf("begun after the look: got %d s, want 25", got)
	}
}

// course is how an export goes: how long it is STARTING, how long it is IN_PROGRESS, and where its percentage is at a part of that.
type course struct {
	starting, working time.Duration
	percent           func(part float64) float64
}

func evenly(part float64) float64 { return 100 * part }

// inJumps counts tables of different sizes.
func inJumps(part float64) (percent float64) {
	for _, jump := range []struct{ part, percent float64 }{
		{0.01, 3}, {0.03, 8}, {0.08, 20}, {0.2, 31}, {0.35, 44}, {0.5, 55}, {0.6, 71}, {0.75, 80}, {0.9, 93},
	} {
		if part >= jump.part {
			percent = jump.percent
		}
	}
	return percent
}

// inATail has done all but the last percent after half of the time.
func inATail(part float64) float64 { return 200 * part }

func unknownPercent(float64) float64 { return 0 }

// watch looks as the state machine does, first a minute after the request, until the task is complete. lost is the time from then on.
func (c course) watch() (looks int, lost time.Duration) {
	asked := now
	began := asked.Add(c.starting)
	end := began.Add(c.working)
	look := asked.Add(time.Minute)
	for looks = 1; look.Before(end); looks++ {
		task := types.ExportTask{}
		if !look.Before(began) {
			part := look.Sub(began).Seconds() / c.working.Seconds()
			task = at(min(int(c.percent(part)), 99), began)
		}
		look = look.Add(time.Duration(wait(task, asked, look)) * time.Second)
	}
	return looks, look.Sub(end)
}

// Whenever an export ends, at most two percent of its time, or half a minute, is lost until the next look. One of ten hours takes
// 60 looks at most. Where the percentage tells nothing, more looks are the price: to lose two percent at most whenever it ends,
// each can be only two percent later than the one before.
func TestWait_LosesAtMostTwoPercent(t *testing.T) {
	const minute, hour = time.Minute, time.Hour
	for name, test := range map[string]struct {
		course
		looks int
	}{
		"a small database":             {course{4 * minute, 3 * minute, evenly}, 20},
		"15 minutes, 12 of them ahead": {course{12 * minute, 3 * minute, evenly}, 30},
		"2 hours":                      {course{12 * minute, 108 * minute, evenly}, 40},
		"2 hours in jumps":             {course{12 * minute, 108 * minute, inJumps}, 40},
		"10 hours":                     {course{12 * minute, 10*hour - 12*minute, evenly}, 60},
		"10 hours, one of them ahead":  {course{hour, 9 * hour, evenly}, 60},
		"10 hours in jumps":            {course{12 * minute, 10*hour - 12*minute, inJumps}, 60},
		"1 hour, half of it at 99 %":   {course{12 * minute, 48 * minute, inATail}, 60},
		"6 hours, half of it at 99 %":  {course{12 * minute, 6*hour - 12*minute, inATail}, 80},
		"1 hour at 0 %":                {course{12 * minute, 48 * minute, unknownPercent}, 100},
		"10 hours at 0 %":              {course{12 * minute, 10*hour - 12*minute, unknownPercent}, 220},
		"1 day":                        {course{12 * minute, 24 * hour, evenly}, 100},
	} {
		for more := range 300 { // seconds, so that the end is between two looks in any way
			c := test.course
			c.working += time.Duration(more) * time.Second
			looks, lost := c.watch()
			if limit := max((c.starting+c.working)/50, 30*time.Second); lost > limit || looks > test.looks {
				t.Errorf("%s and %d s: %v lost of %v, %d looks of %d", name, more, lost, limit, looks, test.looks)
				break
			}
		}
	}
}

// A task that stays as it is must not fill the history before the execution's time is over: what has a full history cannot be
// redriven. The definition gives two days; a look writes nine events.
func TestWait_TwoDaysOfPollsFitIntoAHistory(t *testing.T) {
	for name, c := range map[string]course{
		"STARTING": {starting: 48 * time.Hour}, "at 0 %": {working: 48 * time.Hour, percent: unknownPercent},
	} {
		if looks, _ := c.watch(); 9*looks > 5000 {
			t.Errorf("%s: %d looks write %d events", name, looks, 9*looks)
		}
	}
}
