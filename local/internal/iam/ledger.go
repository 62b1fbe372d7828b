package iam

import (
	"fmt"
	"slices"
	"sync"
)

// Ledger keeps what a Guard decided, each question once whatever the session: give its method Record to [New].
type Ledger struct {
	mu      sync.Mutex
	seen    map[string]bool
	entries []Decision
}

// Record adds a decision.
func (l *Ledger) Record(d Decision) {
	// A map is printed in the order of its keys.
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

// Decisions are all that were recorded, in the order in which they were first made.
func (l *Ledger) Decisions() []Decision {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Denied are the refusals.
func (l *Ledger) Denied() []*Denied {
	var all []*Denied
	for _, d := range l.Decisions() {
		if d.Denied != nil {
			all = append(all, d.Denied)
		}
	}
	return all
}

// Unused is what the Guard's roles may do, and no call that was allowed has needed: neither action, resource and conditions of
// one fit.
func (l *Ledger) Unused(g *Guard) []Permission {
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

// Replay asks another Guard everything that was recorded, and gives its refusals: what would break under other policies.
func (l *Ledger) Replay(g *Guard) []*Denied {
	var all []*Denied
	for _, d := range l.Decisions() {
		if _, denied := g.decide(d); denied != nil {
			all = append(all, denied)
		}
	}
	return all
}
