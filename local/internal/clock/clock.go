// Package clock provides the clock of the local AWS. Every emulated service reads the time from a Clock, never from package time. A run
// that takes hours in AWS therefore takes seconds, and a test does not wait at all.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock is a source of time that can run faster than real time.
type Clock interface {
	Now() time.Time
	// Sleep waits until d has passed on this clock, or until ctx is done. If Hold returned ctx, that hold is suspended during the sleep.
	Sleep(ctx context.Context, d time.Duration) error
	// Hold marks the start of work that takes real time. Until release is called, the clock does not skip time, even if another goroutine
	// sleeps. Only the first call to release has an effect.
	Hold(ctx context.Context) (held context.Context, release func())
	// Advance moves the clock forward by d, even while it is held.
	Advance(d time.Duration)
}

// holding is the context key that marks the contexts returned by Hold.
type holding struct{}

// Scaled is a clock that runs faster than real time while a goroutine is in Sleep and no hold is active. Otherwise it runs in real time.
// The clock of an idle server therefore does not run ahead, and function processes, which run in real time, do not time out early.
type Scaled struct {
	mu       sync.Mutex
	speed    float64
	now      time.Time // time on this clock at the last update
	at       time.Time // real time of the last update
	sleepers int
	held     int
	changed  chan struct{} // closed and replaced when the pace changes
}

// NewScaled returns a clock that starts at the given time. At speed 60, a minute on the clock takes one second of real time.
func NewScaled(start time.Time, speed float64) *Scaled {
	return &Scaled{speed: speed, now: start, at: time.Now(), changed: make(chan struct{})}
}

// Now returns the time on this clock.
func (c *Scaled) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	return c.now
}

// Advance moves the clock forward by d.
func (c *Scaled) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	c.now = c.now.Add(d)
	c.announce()
}

// Hold makes the clock run in real time until release is called.
func (c *Scaled) Hold(ctx context.Context) (held context.Context, release func()) {
	c.adjust(1, 0)
	return context.WithValue(ctx, holding{}, true), sync.OnceFunc(func() { c.adjust(-1, 0) })
}

// Sleep waits until d has passed on this clock.
func (c *Scaled) Sleep(ctx context.Context, d time.Duration) error {
	until := c.Now().Add(d)
	holds := 0
	if ctx.Value(holding{}) != nil {
		holds = 1
	}
	c.adjust(-holds, 1)
	defer c.adjust(holds, -1)
	for {
		c.mu.Lock()
		c.settle()
		left := until.Sub(c.now)
		wait := time.Duration(float64(left) / c.pace())
		changed := c.changed
		c.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		select {
		case <-time.After(wait):
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// adjust changes the number of holders and the number of sleepers, which determine the pace.
func (c *Scaled) adjust(held, sleepers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	c.held += held
	c.sleepers += sleepers
	c.announce()
}

func (c *Scaled) pace() float64 {
	if c.held > 0 || c.sleepers == 0 {
		return 1
	}
	return c.speed
}

// settle adds the time that has passed since the last update, at the current pace. Call it before each change to the pace.
func (c *Scaled) settle() {
	real := time.Now()
	c.now = c.now.Add(time.Duration(float64(real.Sub(c.at)) * c.pace()))
	c.at = real
}

func (c *Scaled) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}
