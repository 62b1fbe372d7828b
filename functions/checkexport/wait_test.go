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
		elapsed time.Duration // including 10 minutes in the status STARTING
		want    int
	}{
		{1, 20 * time.Minute, 300},    // a quarter of the elapsed time
		{30, 100 * time.Minute, 1500}, // the same
		{30, 5 * time.Hour, 1800},     // the maximum
		{70, 3 * time.Hour, 1092},     // a quarter of the remaining time
		{90, 3 * time.Hour, 283},      // the same
		{97, 3 * time.Hour, 211},      // 2%, less 5 seconds
		{99, 20 * time.Minute, 25},    // half a minute, less 5 seconds
		{99, 10 * time.Hour, 715},     // 2%, less 5 seconds
		{50, 40 * time.Hour, 2875},    // the same
		{0, 10 * time.Hour, 715},      // the progress is unknown
	} {
		got := wait(at(test.percent, now.Add(10*time.Minute-test.elapsed)), now.Add(-test.elapsed), now)
		if got != test.want {
			t.Errorf("at %d%% after %s: %d s, want %d", test.percent, test.elapsed, got, test.want)
		}
	}
}

func TestWait_GrowsWhileRDSPrepares(t *testing.T) {
	for elapsed, want := range map[time.Duration]int{
		0: 60, 8 * time.Minute: 60, 16 * time.Minute: 120, 2 * time.Hour: 900, 10 * time.Hour: 1800, 40 * time.Hour: 2875,
		-time.Hour: 60,
	} {
		if got := wait(types.ExportTask{}, now.Add(-elapsed), now); got != want {
			t.Errorf("after %s: got %d s, want %d", elapsed, got, want)
		}
	}
}

// at returns a task that RDS has been extracting since a time.
func at(percent int, since time.Time) types.ExportTask {
	return types.ExportTask{PercentProgress: aws.Int32(int32(percent)), TaskStartTime: &since}
}

func TestWait_UsesTheAgeOfTheTask(t *testing.T) {
	task := at(99, now.Add(-10*time.Hour))
	for _, startedAt := range []time.Time{now, now.Add(-10 * time.Hour), now.Add(time.Hour)} {
		if got := wait(task, startedAt, now); got != 715 {
			t.Errorf("started %v ago: got %d s, want 715", now.Sub(startedAt), got)
		}
	}
	// A redrive of CheckExport does not change EnteredAt.
	if got := wait(at(99, now.Add(time.Hour)), now.Add(-time.Minute), now); got != 25 {
		t.Errorf("a task that started after the poll: got %d s, want 25", got)
	}
}

// profile describes an export: how long it is STARTING, how long it is IN_PROGRESS, and its percentage after a part of that time.
type profile struct {
	starting, working time.Duration
	percent           func(part float64) float64
}

func evenly(part float64) float64 { return 100 * part }

// inJumps is the progress of an export whose tables have different sizes.
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

// inATail reaches 99% after half of the time.
func inATail(part float64) float64 { return 200 * part }

func unknownPercent(float64) float64 { return 0 }

// watch polls like the state machine, from a minute after the start until the export is complete. lost is the time between the end and the
// last poll.
func (p profile) watch() (polls int, lost time.Duration) {
	startedAt := now
	began := startedAt.Add(p.starting)
	end := began.Add(p.working)
	poll := startedAt.Add(time.Minute)
	for polls = 1; poll.Before(end); polls++ {
		task := types.ExportTask{}
		if !poll.Before(began) {
			part := poll.Sub(began).Seconds() / p.working.Seconds()
			task = at(min(int(p.percent(part)), 99), began)
		}
		poll = poll.Add(time.Duration(wait(task, startedAt, poll)) * time.Second)
	}
	return polls, poll.Sub(end)
}

// An export of ten hours takes at most 60 polls. If the percentage is unknown, it takes more, because each poll can be only 2% later than the
// previous one.
func TestWait_LosesAtMostTwoPercentOrHalfAMinute(t *testing.T) {
	const minute, hour = time.Minute, time.Hour
	for name, test := range map[string]struct {
		profile
		polls int
	}{
		"a small database":                   {profile{4 * minute, 3 * minute, evenly}, 20},
		"15 minutes, 12 of them in STARTING": {profile{12 * minute, 3 * minute, evenly}, 30},
		"2 hours":                            {profile{12 * minute, 108 * minute, evenly}, 40},
		"2 hours in jumps":                   {profile{12 * minute, 108 * minute, inJumps}, 40},
		"10 hours":                           {profile{12 * minute, 10*hour - 12*minute, evenly}, 60},
		"10 hours, one of them in STARTING":  {profile{hour, 9 * hour, evenly}, 60},
		"10 hours in jumps":                  {profile{12 * minute, 10*hour - 12*minute, inJumps}, 60},
		"1 hour, half of it at 99%":          {profile{12 * minute, 48 * minute, inATail}, 60},
		"6 hours, half of it at 99%":         {profile{12 * minute, 6*hour - 12*minute, inATail}, 80},
		"1 hour at 0%":                       {profile{12 * minute, 48 * minute, unknownPercent}, 100},
		"10 hours at 0%":                     {profile{12 * minute, 10*hour - 12*minute, unknownPercent}, 220},
		"1 day":                              {profile{12 * minute, 24 * hour, evenly}, 100},
	} {
		for more := range 300 { // seconds, so that the export ends at any time between two polls
			p := test.profile
			p.working += time.Duration(more) * time.Second
			polls, lost := p.watch()
			if limit := max((p.starting+p.working)/50, 30*time.Second); lost > limit || polls > test.polls {
				t.Errorf("%s and %d s: lost %v, limit %v; %d polls, limit %d", name, more, lost, limit, polls, test.polls)
				break
			}
		}
	}
}

// A task without progress must not fill the history before the state machine times out after two days, because an execution with a full
// history cannot be redriven. Each poll adds nine events.
func TestWait_TwoDaysOfPollsFitIntoAHistory(t *testing.T) {
	for name, p := range map[string]profile{
		"STARTING": {starting: 48 * time.Hour}, "at 0%": {working: 48 * time.Hour, percent: unknownPercent},
	} {
		if polls, _ := p.watch(); 9*polls > 5000 {
			t.Errorf("%s: %d polls add %d events", name, polls, 9*polls)
		}
	}
}
