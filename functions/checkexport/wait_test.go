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

func TestATaskWithoutAStartTimeHasJustBegun(t *testing.T) {
	if got := wait(types.ExportTask{}, now); got != 60 {
		t.Errorf("got %d s", got)
	}
}
