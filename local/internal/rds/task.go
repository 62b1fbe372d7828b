package rds

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"snaplake/local/internal/export"
	"snaplake/local/internal/wire"
)

// stopping is reported as CANCELING, and is what a cancellation takes at least.
const stopping = time.Minute

// maxRunning is RDS's limit of an account.
const maxRunning = 5

// The statuses of a task, in RDS's words.
const (
	starting   = "STARTING"
	inProgress = "IN_PROGRESS"
	complete   = "COMPLETE"
	failed     = "FAILED"
	canceling  = "CANCELING"
	canceled   = "CANCELED"
)

// task is an export task. What it was asked for and what goes wrong with it does not change once it runs; Service.mu guards the
// rest. Nothing waits for its times: its status is worked out from them whenever somebody asks.
type task struct {
	// The task's StartTime and EndTime are planned: when extraction begins and ends at the earliest.
	export.Task
	course Course
	cancel context.CancelFunc
	// damage is what a fault does to its files; nil is none.
	damage export.Damage
	// failure is what it is going to fail of at the end of its time, or nil.
	failure error

	// canceledAt is when somebody cancelled it, or is going to. It is zero when nobody does.
	canceledAt time.Time
	// writtenAt is when the writing was over, for better or worse; zero until then.
	writtenAt time.Time
	result    export.Result
	err       error
}

// status is the task's at a moment. ended is when it came to its last status, zero before that.
func (t *task) status(now time.Time) (status string, ended time.Time) {
	written := !t.writtenAt.IsZero()
	if t.isCanceled(now) {
		end := later(t.canceledAt.Add(stopping), t.writtenAt)
		if !written || now.Before(end) {
			return canceling, time.Time{}
		}
		return canceled, end
	}
	if now.Before(t.StartTime) {
		return starting, time.Time{}
	}
	if written && t.err != nil {
		return failed, later(t.StartTime, t.writtenAt)
	}
	end := later(t.EndTime, t.writtenAt)
	if !written || now.Before(end) {
		return inProgress, time.Time{}
	}
	if t.failure != nil {
		return failed, end
	}
	return complete, end
}

func (t *task) isCanceled(now time.Time) bool {
	return !t.canceledAt.IsZero() && !now.Before(t.canceledAt)
}

// started is when extraction began, or zero when it had not yet begun. RDS reports no TaskStartTime before (the AWS CLI's
// examples of start-export-task and cancel-export-task).
func (t *task) started(now time.Time) time.Time {
	if t.isCanceled(now) {
		now = t.canceledAt
	}
	if now.Before(t.StartTime) {
		return time.Time{}
	}
	return t.StartTime
}

// percent is the course's, and 100 once the task is complete.
func (t *task) percent(now time.Time) int {
	switch status, ended := t.status(now); status {
	case complete:
		return 100
	case failed:
		now = ended
	case canceling, canceled:
		now = t.canceledAt
	}
	return t.course.percent(max(now.Sub(t.StartTime), 0))
}

// isRunning tells whether the task takes one of the account's slots.
func (t *task) isRunning(now time.Time) bool {
	_, ended := t.status(now)
	return ended.IsZero()
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// start registers a task and begins to write. It is called with mu locked.
func (s *Service) start(t *task, from origin) {
	ctx, cancel := context.WithCancel(context.Background()) // the task outlives the request
	ctx, release := s.clock.Hold(ctx)
	t.cancel = cancel
	s.tasks[t.ID] = t
	if from.data != nil {
		from.data.holders++
	}
	s.exporting.Go(func() {
		defer release()
		result, err := s.write(ctx, t.Task, t.damage, from)
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		if err == nil && t.damage == nil && t.canceledAt.IsZero() && from.snapshot != nil {
			err = from.snapshot.exported()
		}
		t.result, t.err, t.writtenAt = result, err, s.clock.Now()
		if err != nil && t.writtenAt.Before(t.canceledAt) {
			t.canceledAt = time.Time{} // it has failed before anybody cancels it
		}
	})
}

// write exports into the task's bucket, and then lets go of the data.
func (s *Service) write(ctx context.Context, t export.Task, damage export.Damage, from origin) (result export.Result, err error) {
	held := from.data
	if held == nil {
		clone, err := from.db.Source.Snapshot(ctx)
		if err != nil {
			return result, cause(fmt.Sprintf("Failed to find or access the source DB cluster: %s: %v", from.db.id, err))
		}
		held = &data{clone, 1}
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		err = errors.Join(err, held.release())
	}()
	if t.Dir, err = s.store.TempDir(); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(t.Dir)) }()
	if ctx, err = s.assume(ctx, t); err != nil {
		return result, err
	}
	return export.Damaged{Snapshot: held, Damage: damage}.Export(ctx, t, func(name, file string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.mayPut(ctx, t, folder(t)+name); err != nil {
			return err
		}
		return s.store.MoveFile(t.Bucket, folder(t)+name, file)
	})
}

// folder is what the keys of an export begin with.
func folder(t export.Task) string {
	if prefix := strings.Trim(t.Prefix, "/"); prefix != "" {
		return prefix + "/" + t.ID + "/"
	}
	return t.ID + "/"
}

// origin is what an export reads.
type origin struct {
	db *database
	// time is the snapshot's, or the moment of the request for a cluster.
	time time.Time
	// snapshot and data are nil for a cluster: it is cloned when the task starts.
	snapshot *snapshot
	data     *data
}

// origin finds what a source ARN names; a snapshot must be available. It is called with mu locked.
func (s *Service) origin(arn string) (origin, error) {
	resource, _ := strings.CutPrefix(arn, s.arnPrefix())
	kind, name, _ := strings.Cut(resource, ":")
	if err := s.expire(); err != nil {
		return origin{}, err
	}
	now := s.clock.Now()
	switch kind {
	case "cluster":
		db, found := s.database(name, true)
		if !found {
			return origin{}, notFound("DBClusterNotFoundFault", "DBCluster %s not found.", name)
		}
		return origin{db: db, time: now}, nil
	case "snapshot", "cluster-snapshot":
		code := codeOf(kind == "cluster-snapshot", "DBSnapshotNotFound", "DBClusterSnapshotNotFoundFault")
		snap, found := s.snapshots[arn]
		if !found {
			return origin{}, notFound(code, "Could not find snapshot with name %s", name)
		}
		if snap.data == nil {
			delete(s.snapshots, arn) // or the next run would find it as well
			return origin{}, notFound(code, "Could not find snapshot with name %s: its transaction in the database ended when its export was complete", name)
		}
		if status := snap.status(now); status != available {
			return origin{}, wire.Errorf("InvalidExportSourceState", "The snapshot %s is %s. Only an available snapshot can be exported", name, status)
		}
		return origin{snap.db, snap.createdAt, snap, snap.data}, nil
	default:
		return origin{}, wire.Errorf("InvalidParameterValue", "The source ARN %s is not that of a snapshot, a cluster snapshot or a cluster in Region %s of account %s", arn, s.region, s.account)
	}
}
