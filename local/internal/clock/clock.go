// Package clock is the time that the local AWS lives in. Every emulated service takes its time from a Clock and never from
// package time, so that a night of hours passes in seconds, and in a test at once.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time and lets it pass.
type Clock interface {
	Now() time.Time
	// Sleep returns when d has passed on this clock, or with the context's error. Whoever holds the clock by this context does
	// not hold it meanwhile.
	Sleep(ctx context.Context, d time.Duration) error
	// Hold is for those who work: the time that others sleep through does not pass before the work is done. Work is done when
	// release is called; to call it again does nothing.
	Hold(ctx context.Context) (held context.Context, release func())
	// Advance lets d pass at once, whoever holds the clock.
	Advance(d time.Duration)
}

// holding is the mark of a context by which the clock is held.
type holding struct{}

// Scaled runs faster than real time while somebody sleeps and nothing is held, and in real time otherwise. So an idle server
// stays in the present, and what works, above all a Lambda function, whose process lives in real time, takes its real time.
type Scaled struct {
	mu       sync.Mutex
	speed    float64
	now      time.Time // on this clock, at the moment of at
	at       time.Time // real
	sleepers int
	held     int
	changed  chan struct{} // closed, and made anew, when the pace changes
}

// NewScaled starts a clock at start. A speed of 60 makes a minute pass in a second; 1 is real time.
func NewScaled(start time.Time, speed float64) *Scaled {
	return &Scaled{speed: speed, now: start, at: time.Now(), changed: make(chan struct{})}
}

// Now is the time on this clock.
func (c *Scaled) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	return c.now
}

// Advance lets d pass at once.
func (c *Scaled) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	c.now = c.now.Add(d)
	c.announce()
}

// Hold makes the clock run in real time until release is called.
func (c *Scaled) Hold(ctx context.Context) (held context.Context, release func()) {
	c.count(1, 0)
	return context.WithValue(ctx, holding{}, true), sync.OnceFunc(func() { c.count(-1, 0) })
}

// Sleep waits until d has passed on this clock.
func (c *Scaled) Sleep(ctx context.Context, d time.Duration) error {
	until := c.Now().Add(d)
	holds := 0
	if ctx.Value(holding{}) != nil {
		holds = 1
	}
	c.count(-holds, 1)
	defer c.count(holds, -1)
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
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
}

// count changes the two counters that the pace depends on.
func (c *Scaled) count(held, sleepers int) {
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

// settle brings now up to the present at the pace so far.
func (c *Scaled) settle() {
	real := time.Now()
	c.now = c.now.Add(time.Duration(float64(real.Sub(c.at)) * c.pace()))
	c.at = real
}

func (c *Scaled) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}
