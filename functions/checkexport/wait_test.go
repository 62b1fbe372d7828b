package main

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func TestLooksMoreOftenTowardsTheEnd(t *testing.T) {
	for _, test := range []struct {
		percent int
		elapsed time.Duration
		want    int
	}{
		{0, 0, 60},
		{0, -time.Hour, 60},
		{0, 10 * time.Minute, 150},
		{0, 5 * time.Hour, 300},
		{10, time.Hour, 300},
		{50, 2 * time.Minute, 60},
		{90, 30 * time.Minute, 100},
		{99, 10 * time.Minute, 15},
		{99, time.Hour, 72},
		{99, 10 * time.Hour, 300},
		{50, -time.Hour, 15},
	} {
		if got := waitSeconds(test.percent, test.elapsed); got != test.want {
			t.Errorf("at %d %% after %s: %d s, want %d", test.percent, test.elapsed, got, test.want)
		}
	}
}

func TestATaskWithoutAStartTimeBeganWhenItWasStarted(t *testing.T) {
	for started, want := range map[time.Time]int{
		now: 60, now.Add(-10 * time.Minute): 150,
		{}: 60, // in an execution that began under a definition without it
	} {
		if got := wait(types.ExportTask{}, started, now); got != want {
			t.Errorf("%v after its start: got %d s, want %d", now.Sub(started), got, want)
		}
	}
}

// A task that stays STARTING must not fill the history before the execution's time is over: what has a full history cannot be
// redriven. The definition gives two days; a look writes nine events.
func TestTwoDaysOfLooksFitIntoAHistory(t *testing.T) {
	looks := 0
	for at := now; at.Before(now.Add(48 * time.Hour)); looks++ {
		at = at.Add(time.Duration(wait(types.ExportTask{}, now, at)) * time.Second)
	}
	if events := 9 * looks; events > 20_000 {
		t.Errorf("%d looks write %d events", looks, events)
	}
}
