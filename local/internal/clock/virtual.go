package clock

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Virtual is a clock that stands still while it is held. Otherwise it jumps to the time at which the next sleeper wakes, and wakes one
// sleeper at a time. The order of events is therefore deterministic if all work is done while the clock is held.
type Virtual struct {
	mu       sync.Mutex
	now      time.Time
	held     int
	sleepers []*sleeper // in the order in which they called Sleep
}

// sleeper is a pending call to Sleep.
type sleeper struct {
	until time.Time
	holds int           // 1 if the caller of Sleep held the clock, otherwise 0
	awake chan struct{} // closed to wake the sleeper
}

// NewVirtual returns a clock that starts at the given time.
func NewVirtual(start time.Time) *Virtual { return &Virtual{now: start} }

// Now returns the time on this clock.
func (c *Virtual) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward by d. A sleeper that is then due wakes as soon as nothing holds the clock.
func (c *Virtual) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Hold stops the clock until release is called.
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

// Sleep waits until d has passed on this clock.
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
		c.cancel(s)
	}
	return ctx.Err()
}

// cancel removes a sleeper whose context is done, unless it is already awake.
func (c *Virtual) cancel(s *sleeper) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.sleepers, s); i >= 0 {
		c.sleepers = slices.Delete(c.sleepers, i, i+1)
		c.held += s.holds
	}
}

// wake wakes sleepers until one of them holds the clock. The caller must hold mu.
func (c *Virtual) wake() {
	for c.held == 0 && len(c.sleepers) > 0 {
		s := slices.MinFunc(c.sleepers, func(a, b *sleeper) int { return a.until.Compare(b.until) })
		i := slices.Index(c.sleepers, s)
		c.sleepers = slices.Delete(c.sleepers, i, i+1)
		if s.until.After(c.now) {
			c.now = s.until
		}
		c.held += s.holds
		close(s.awake)
	}
}
