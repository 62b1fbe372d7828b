package rds

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"snaplake/local/internal/export"
)

// saved is the state that Save returns as JSON.
type saved struct {
	Taken     map[string]int // the number of snapshots, by database identifier
	Snapshots []savedSnapshot
	Tasks     []savedTask
}

type savedSnapshot struct {
	Database, ID, ARN string
	CreatedAt         time.Time
	Number            int
}

type savedTask struct {
	export.Task
	Profile ExportProfile
	// CanceledAt is zero if the task was not canceled.
	CanceledAt, WrittenAt time.Time
	Result                export.Result
	// Failure is the FailureCause of a failed task, or "".
	Failure string
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
			state.Snapshots = append(state.Snapshots, savedSnapshot{snap.db.id, snap.id, snap.arn, snap.createdAt, snap.number})
		}
	}
	for _, t := range s.tasks {
		one := savedTask{Task: t.Task, Profile: t.profile, CanceledAt: t.canceledAt, WrittenAt: t.writtenAt, Result: t.result}
		if err := errors.Join(t.err, t.failure); err != nil {
			one.Failure = failureCause(err)
		}
		state.Tasks = append(state.Tasks, one)
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
		db := s.databases[i]
		if source, ok := db.Source.(export.Repeatable); ok {
			s.snapshots[snap.ARN] = &snapshot{
				id: snap.ID, arn: snap.ARN, db: db, createdAt: snap.CreatedAt, number: snap.Number,
				data: &data{source.Repeat(snap.Number), 1},
			}
		}
	}
	for _, t := range state.Tasks {
		loaded := &task{
			Task: t.Task, profile: t.Profile, canceledAt: t.CanceledAt, writtenAt: t.WrittenAt, result: t.Result, cancel: func() {},
		}
		if t.Failure != "" {
			loaded.err = cause(t.Failure)
		}
		s.tasks[t.ID] = loaded
	}
	return nil
}
