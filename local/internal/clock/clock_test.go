package clock

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var start = time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC)

func TestScaled_RunsFastWhileSomethingSleeps(t *testing.T) {
	c := NewScaled(start, 1e6)
	if err := c.Sleep(t.Context(), 3*time.Hour); err != nil {
		t.Fatal(err)
	}
	// In real time, this test would exceed its time limit.
	if got := c.Now().Sub(start); got < 3*time.Hour {
		t.Errorf("only %v passed", got)
	}
}

func TestScaled_RunsInRealTimeWhenIdleOrHeld(t *testing.T) {
	c := NewScaled(start, 1e12) // each real nanosecond is 1,000 seconds on the clock
	if got := c.Now().Sub(start); got > time.Hour {
		t.Errorf("%v passed while nothing slept", got)
	}
	_, release := c.Hold(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	var slept sync.WaitGroup
	slept.Go(func() {
		if err := c.Sleep(ctx, 24*time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("Sleep returned %v", err)
		}
	})
	cancel()
	slept.Wait()
	if got := c.Now().Sub(start); got > time.Hour {
		t.Errorf("%v passed while held", got)
	}
	release()
	release() // the second call has no effect
	if err := c.Sleep(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
}

func TestAdvance_WakesSleepers(t *testing.T) {
	c := NewScaled(start, 1)
	_, release := c.Hold(t.Context())
	defer release()
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

func TestVirtual_AdvancesOnlyDuringSleep(t *testing.T) {
	c := NewVirtual(start)
	if err := c.Sleep(t.Context(), 90*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Now(), start.Add(90*time.Minute); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSleep_SuspendsHold(t *testing.T) {
	for name, c := range map[string]Clock{"scaled": NewScaled(start, 1e6), "virtual": NewVirtual(start)} {
		t.Run(name, func(t *testing.T) {
			held, release := c.Hold(t.Context())
			defer release()
			if err := c.Sleep(held, 3*time.Hour); err != nil {
				t.Fatal(err)
			}
			if got := c.Now().Sub(start); got < 3*time.Hour {
				t.Errorf("only %v passed", got)
			}
		})
	}
}

func TestVirtual_StandsStillWhileHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewVirtual(start)
		_, release := c.Hold(t.Context())
		var order []string
		var slept sync.WaitGroup
		for _, hours := range []time.Duration{3, 1, 2} {
			held, release := c.Hold(t.Context())
			slept.Go(func() {
				defer release()
				for range 2 {
					if err := c.Sleep(held, hours*time.Hour); err != nil {
						t.Error(err)
					}
					order = append(order, fmt.Sprintf("%d at %v", hours, c.Now().Sub(start).Hours()))
				}
			})
		}
		synctest.Wait()
		if len(order) > 0 || !c.Now().Equal(start) {
			t.Errorf("time moved to %v during work: %q", c.Now(), order)
		}
		release()
		slept.Wait()
		// Only one sleeper that holds the clock runs at a time, so order needs no lock.
		if got := strings.Join(order, ", "); got != "1 at 1, 2 at 2, 1 at 2, 3 at 3, 2 at 4, 3 at 6" {
			t.Errorf("woken in the order %s", got)
		}
	})
}

func TestVirtual_RestoresHoldOfCanceledSleeper(t *testing.T) {
	c := NewVirtual(start)
	_, other := c.Hold(t.Context())
	held, release := c.Hold(t.Context())
	ctx, cancel := context.WithCancel(held)
	cancel()
	if err := c.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep returned %v", err)
	}
	other()
	awake := make(chan error, 1)
	go func() { awake <- c.Sleep(t.Context(), time.Hour) }()
	if !c.Now().Equal(start) {
		t.Error("time moved during work")
	}
	release()
	if err := <-awake; err != nil || !c.Now().Equal(start.Add(time.Hour)) {
		t.Errorf("got %v at %v", err, c.Now())
	}
}
