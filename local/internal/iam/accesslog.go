package iam

import (
	"fmt"
	"slices"
	"sync"
)

// AccessLog keeps the decisions of a Guard. It keeps a question once, whatever the session. Its method Record is an observer for [New].
type AccessLog struct {
	mu      sync.Mutex
	seen    map[string]bool
	entries []Decision
}

// Record adds a decision.
func (l *AccessLog) Record(d Decision) {
	// fmt sorts the keys of a map.
	question := fmt.Sprintf("%q", []any{d.Caller.Role, d.Caller.Via, d.Service, d.Call.Action, d.Call.Resource, d.Call.Keys, d.Denied != nil})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	if !l.seen[question] {
		l.seen[question] = true
		l.entries = append(l.entries, d)
	}
}

// Decisions returns all recorded decisions, in the order in which they were first made.
func (l *AccessLog) Decisions() []Decision {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Denied returns the refusals.
func (l *AccessLog) Denied() []*Denied {
	var all []*Denied
	for _, d := range l.Decisions() {
		if d.Denied != nil {
			all = append(all, d.Denied)
		}
	}
	return all
}

// Unused returns the permissions of the Guard's roles that no allowed call needed.
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

// Replay asks another Guard all recorded questions, and returns its refusals: what would break under other policies.
func (l *AccessLog) Replay(g *Guard) []*Denied {
	var all []*Denied
	for _, d := range l.Decisions() {
		if denied := g.decide(d); denied != nil {
			all = append(all, denied)
		}
	}
	return all
}
