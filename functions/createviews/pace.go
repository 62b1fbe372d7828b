package main

import (
	"sync"
	"time"
)

// pace is how long statements take of late. A statement is looked at first when about nine tenths of that have passed, and then in
// short steps: an account has 100 looks a second, and 15 statements that are looked at all the time would take most of them.
type pace struct {
	mu sync.Mutex
	// usual is 0 when nothing is known.
	usual time.Duration
}

// shortestPause keeps statements that take almost no time from being looked at without end.
const shortestPause = 10 * time.Millisecond

// looks are how long to wait before the first look at a statement and before the second.
func (p *pace) looks() (first, next time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.usual == 0 {
		return firstPause, firstPause * 3 / 2
	}
	return max(p.usual*9/10, shortestPause), min(max(p.usual/10, shortestPause), longestPause)
}

// learn takes how long a statement took that was over at the look of this number. One that was over at the first may have been so for
// a while, and less is expected of the next. One that took much longer than usual changes little, for the others may not.
func (p *pace) learn(took time.Duration, looks int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if looks == 1 {
		took = took * 8 / 10
	}
	if p.usual > 0 {
		took = min(took, p.usual*5/4)
	}
	p.usual = took
}

// forget is for statements of another kind, which take another time.
func (p *pace) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.usual = 0
}
