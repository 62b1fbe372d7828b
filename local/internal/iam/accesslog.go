package iam

import (
	"fmt"
	"slices"
	"sync"
)

// AccessLog records the decisions of a Guard whose observer is Record. It records equal calls of different sessions only once.
type AccessLog struct {
	mu      sync.Mutex
	seen    map[string]bool
	entries []Decision
}

// Record adds a decision.
func (l *AccessLog) Record(d Decision) {
	// fmt sorts the keys of maps, so equal calls have equal IDs.
	id := fmt.Sprintf("%q", []any{d.Caller.Role, d.Caller.Via, d.Service, d.Call.Action, d.Call.Resource, d.Call.Keys, d.Denied != nil})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	if !l.seen[id] {
		l.seen[id] = true
		l.entries = append(l.entries, d)
	}
}

// Decisions returns all recorded decisions, in the order in which they were first made.
func (l *AccessLog) Decisions() []Decision {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Unused returns the permissions that the Guard's roles have but that no recorded call used.
func (l *AccessLog) Unused(g *Guard) []Permission {
	used := map[Permission]bool{}
	for _, d := range l.Decisions() {
		if d.Denied != nil || d.Service != "" {
			continue
		}
		r := g.request(d)
		for _, s := range g.roles[d.Caller.Role].identity {
			if s.matches(r) {
				used[s.permission(d.Caller.Role)] = true
			}
		}
	}
	return slices.DeleteFunc(g.Allowed(), func(p Permission) bool { return used[p] })
}

// Replay checks all recorded calls against the given Guard and returns its denials.
func (l *AccessLog) Replay(g *Guard) []*Denied {
	var all []*Denied
	for _, d := range l.Decisions() {
		if denied := g.decide(d); denied != nil {
			all = append(all, denied)
		}
	}
	return all
}
