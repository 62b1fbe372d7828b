package clock

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC)

func TestScaledTimeIsFastWhileSomebodySleeps(t *testing.T) {
	c := NewScaled(start, 1e6)
	if err := c.Sleep(t.Context(), 3*time.Hour); err != nil {
		t.Fatal(err)
	}
	// In real time this test would outlive its time limit.
	if got := c.Now().Sub(start); got < 3*time.Hour {
		t.Errorf("only %v passed", got)
	}
}

func TestScaledTimeIsRealWhileNobodySleepsOrSomethingIsHeld(t *testing.T) {
	c := NewScaled(start, 1e12) // a nanosecond is a quarter of an hour
	if got := c.Now().Sub(start); got > time.Hour {
		t.Errorf("%v passed while nobody slept", got)
	}
	release := c.Hold()
	ctx, cancel := context.WithCancel(t.Context())
	var slept sync.WaitGroup
	slept.Go(func() {
		if err := c.Sleep(ctx, 24*time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("the sleep ended with %v", err)
		}
	})
	cancel()
	slept.Wait()
	if got := c.Now().Sub(start); got > time.Hour {
		t.Errorf("%v passed while time was held", got)
	}
	release()
	release() // once is enough
	if err := c.Sleep(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
}

func TestAdvanceWakesWhoSleeps(t *testing.T) {
	c := NewScaled(start, 1)
	defer c.Hold()()
	awake := make(chan error)
	go func() { awake <- c.Sleep(t.Context(), time.Hour) }()
	for {
		select {
		case err := <-awake:
			if err != nil {
				t.Error(err)
			}
			return
		default:
			c.Advance(time.Minute)
			runtime.Gosched()
		}
	}
}

func TestVirtualTimePassesBySleepingAlone(t *testing.T) {
	c := NewVirtual(start)
	if err := c.Sleep(t.Context(), 90*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Now(), start.Add(90*time.Minute); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
