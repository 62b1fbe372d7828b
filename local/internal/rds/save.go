package rds

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"snaplake/local/internal/export"
)

// saved is the state that Save returns as JSON.
type saved struct {
	Taken     map[string]int // the number of snapshots, by database identifier
	Snapshots []snapshot
	Tasks     []task
}

// Save returns the export tasks and the repeatable snapshots as JSON for [Service.Load]. Call it after [Service.Close].
func (s *Service) Save() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := saved{Taken: map[string]int{}, Snapshots: slices.Clone(s.absent.Snapshots)}
	maps.Copy(state.Taken, s.absent.Taken)
	for _, db := range s.databases {
		state.Taken[db.id] = db.taken
	}
	for _, snap := range s.snapshots {
		if _, ok := snap.db.Source.(export.Repeatable); ok {
			state.Snapshots = append(state.Snapshots, *snap)
		}
	}
	for _, t := range s.tasks {
		state.Tasks = append(state.Tasks, *t)
	}
	return json.Marshal(state)
}

// Load adds the state that [Service.Save] returned. It ignores the snapshots of databases that are not repeatable, and keeps those of
// databases that do not exist for the next call to Save.
func (s *Service) Load(b []byte) error {
	var state saved
	if err := json.Unmarshal(b, &state); err != nil {
		return fmt.Errorf("load the export tasks: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.absent.Taken = state.Taken
	for _, db := range s.databases {
		db.taken = max(db.taken, state.Taken[db.id])
		if source, ok := db.Source.(export.Repeatable); ok {
			source.Skip(db.taken)
		}
	}
	for _, snap := range state.Snapshots {
		i := slices.IndexFunc(s.databases, func(db *database) bool { return db.id == snap.Database })
		if i < 0 {
			s.absent.Snapshots = append(s.absent.Snapshots, snap)
			continue
		}
		snap.db = s.databases[i]
		if source, ok := snap.db.Source.(export.Repeatable); ok {
			snap.data = &data{source.Repeat(snap.Number), 1}
			s.snapshots[snap.ARN] = &snap
		}
	}
	for _, t := range state.Tasks {
		t.cancel = func() {}
		s.tasks[t.ID] = &t
	}
	return nil
}
