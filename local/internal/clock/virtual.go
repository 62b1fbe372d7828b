package clock

import (
	"context"
	"sync"
	"time"
)

// Virtual stands still while somebody works, and otherwise goes on to the moment when the first of those who sleep awakes. One
// awakes at a time, and those of the same moment in the order in which they lay down: what happens on this clock happens in one
// order only, as far as everybody who works holds it.
type Virtual struct {
	mu       sync.Mutex
	now      time.Time
	held     int
	sleepers []*sleeper // in the order in which they lay down
}

// sleeper is one who sleeps.
type sleeper struct {
	until time.Time
	holds int           // 1 when it holds the clock as soon as it awakes
	awake chan struct{} // closed then
}

// NewVirtual starts a clock at start.
func NewVirtual(start time.Time) *Virtual { return &Virtual{now: start} }

// Now is the time on this clock.
func (c *Virtual) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance lets d pass at once. Those who sleep less awake when nobody holds the clock.
func (c *Virtual) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Hold keeps the clock where it is until release is called.
func (c *Virtual) Hold(ctx context.Context) (held context.Context, release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held++
	return context.WithValue(ctx, holding{}, true), sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held--
		c.wake()
	})
}

// Sleep waits until it is the first to awake.
func (c *Virtual) Sleep(ctx context.Context, d time.Duration) error {
	s := &sleeper{awake: make(chan struct{})}
	if ctx.Value(holding{}) != nil {
		s.holds = 1
	}
	c.mu.Lock()
	s.until = c.now.Add(max(d, 0))
	c.sleepers = append(c.sleepers, s)
	c.held -= s.holds
	c.wake()
	c.mu.Unlock()
	select {
	case <-s.awake:
	case <-ctx.Done():
		c.rise(s)
	}
	return ctx.Err()
}

// rise lets a sleeper get up before its time, unless it has.
func (c *Virtual) rise(s *sleeper) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.sleepers {
		if c.sleepers[i] == s {
			c.sleepers = append(c.sleepers[:i:i], c.sleepers[i+1:]...)
			c.held += s.holds
			return
		}
	}
}

// wake goes on to the first who awakes, while nobody works. The caller holds the lock.
func (c *Virtual) wake() {
	for c.held == 0 && len(c.sleepers) > 0 {
		first := 0
		for i, s := range c.sleepers {
			if s.until.Before(c.sleepers[first].until) {
				first = i
			}
		}
		s := c.sleepers[first]
		c.sleepers = append(c.sleepers[:first:first], c.sleepers[first+1:]...)
		if s.until.After(c.now) {
			c.now = s.until
		}
		c.held += s.holds
		close(s.awake)
	}
}
