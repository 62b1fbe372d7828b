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

// minCanceling is the minimum time for which a task has the status CANCELING.
const minCanceling = time.Minute

// maxRunning is RDS's limit on the number of running export tasks per account and Region.
const maxRunning = 5

// The statuses of a task.
const (
	starting   = "STARTING"
	inProgress = "IN_PROGRESS"
	complete   = "COMPLETE"
	failed     = "FAILED"
	canceling  = "CANCELING"
	canceled   = "CANCELED"
)

// task is an export task. The service's mu guards the fields after damage. The status is computed for each request. Save saves the exported
// fields.
type task struct {
	// Task describes the export. Its StartTime and EndTime are the earliest times at which the extraction can begin and end.
	export.Task
	Profile ExportProfile
	// PlannedFailure is the FailureCause of the fault that makes the task fail at the end, or "".
	PlannedFailure string
	cancel         context.CancelFunc
	// damage specifies how a fault damages the exported files. It is nil if no fault damages them.
	damage export.Damage

	// CanceledAt is the time of the cancellation, which may be in the future, or zero before a cancellation.
	CanceledAt time.Time
	// WrittenAt is the time at which the task stopped writing files, with or without an error. It is zero until then.
	WrittenAt time.Time
	Result    export.Result
	// Failure is the FailureCause of the error with which the task stopped, or "".
	Failure string
}

// status returns the task's status at the given time, and the time at which the task ended, or zero if it is still running.
func (t *task) status(now time.Time) (status string, ended time.Time) {
	written := !t.WrittenAt.IsZero()
	if t.isCanceled(now) {
		end := later(t.CanceledAt.Add(minCanceling), t.WrittenAt)
		if !written || now.Before(end) {
			return canceling, time.Time{}
		}
		return canceled, end
	}
	if now.Before(t.StartTime) {
		return starting, time.Time{}
	}
	if written && t.Failure != "" {
		return failed, later(t.StartTime, t.WrittenAt)
	}
	end := later(t.EndTime, t.WrittenAt)
	if !written || now.Before(end) {
		return inProgress, time.Time{}
	}
	if t.PlannedFailure != "" {
		return failed, end
	}
	return complete, end
}

func (t *task) isCanceled(now time.Time) bool {
	return !t.CanceledAt.IsZero() && !now.Before(t.CanceledAt)
}

// started returns the time at which the extraction began, or zero if it has not begun. RDS omits TaskStartTime until then (AWS CLI examples
// for start-export-task and cancel-export-task).
func (t *task) started(now time.Time) time.Time {
	if t.isCanceled(now) {
		now = t.CanceledAt
	}
	if now.Before(t.StartTime) {
		return time.Time{}
	}
	return t.StartTime
}

// percent returns the task's PercentProgress, which is 100 for a complete task. Otherwise, it follows the export profile.
func (t *task) percent(now time.Time) int {
	switch status, ended := t.status(now); status {
	case complete:
		return 100
	case failed:
		now = ended
	case canceling, canceled:
		now = t.CanceledAt
	}
	return t.Profile.percent(max(now.Sub(t.StartTime), 0))
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// start registers a task and starts to write its files in the background. The caller must hold s.mu.
func (s *Service) start(t *task, from origin) {
	ctx, cancel := context.WithCancel(context.Background()) // the task outlives the request
	ctx, release := s.options.Clock.Hold(ctx)
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
		if err == nil && t.damage == nil && t.CanceledAt.IsZero() && from.snapshot != nil {
			err = from.snapshot.releaseExported()
		}
		t.Result, t.Failure, t.WrittenAt = result, failureCause(err), s.options.Clock.Now()
		if err != nil && t.WrittenAt.Before(t.CanceledAt) {
			t.CanceledAt = time.Time{} // it failed before its planned cancellation
		}
	})
}

// write writes the data of the source to the task's bucket, and then releases the data.
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
	if t.Dir, err = s.options.Store.TempDir(); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(t.Dir)) }()
	if ctx, err = s.assume(ctx, t); err != nil {
		return result, err
	}
	return export.Damaged(ctx, held, damage, t, func(name, file string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.checkPut(ctx, t, folder(t)+name); err != nil {
			return err
		}
		return s.options.Store.MoveFile(t.Bucket, folder(t)+name, file)
	})
}

// folder returns the key prefix that all objects of an export share.
func folder(t export.Task) string {
	if prefix := strings.Trim(t.Prefix, "/"); prefix != "" {
		return prefix + "/" + t.ID + "/"
	}
	return t.ID + "/"
}

// origin is the source of an export.
type origin struct {
	db *database
	// time is the time at which the snapshot was taken. For a cluster, it is the time of the request.
	time time.Time
	// snapshot and data are nil for a cluster, since RDS clones the cluster when the task starts.
	snapshot *snapshot
	data     *data
}

// origin returns the source of an export, given the ARN of the source. The caller must hold s.mu.
func (s *Service) origin(arn string) (origin, error) {
	resource, _ := strings.CutPrefix(arn, s.arnPrefix())
	kind, name, _ := strings.Cut(resource, ":")
	if err := s.expire(); err != nil {
		return origin{}, err
	}
	switch kind {
	case "cluster":
		for _, db := range s.databases {
			if db.Cluster && db.arn == arn {
				return origin{db: db, time: s.options.Clock.Now()}, nil
			}
		}
		return origin{}, clusterNotFound(name)
	case "snapshot", "cluster-snapshot":
		snap, found := s.snapshots[arn]
		if found && snap.data != nil {
			return origin{snap.db, snap.CreatedAt, snap, snap.data}, nil
		}
		reason := ""
		if found {
			delete(s.snapshots, arn) // otherwise, the next run would find it again
			reason = ": the snapshot's transaction ended when its export completed"
		}
		code := "DBSnapshotNotFound"
		if kind == "cluster-snapshot" {
			code = "DBClusterSnapshotNotFoundFault"
		}
		return origin{}, notFound(code, "Could not find snapshot with name %s%s", name, reason)
	default:
		return origin{}, wire.Errorf("InvalidParameterValue",
			"The source ARN %s is not the ARN of a snapshot, a cluster snapshot or a cluster in Region %s of account %s",
			arn, s.options.Region, s.options.Account)
	}
}
