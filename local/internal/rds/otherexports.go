package rds

import (
	"fmt"
	"time"

	"snaplake/local/internal/export"
)

// TakeExportSlots adds export tasks that belong to other users of the account: n tasks, or fewer if the limit of five running exports is
// reached. The tasks are IN_PROGRESS for the duration d, then COMPLETE. Their identifiers are other-1, other-2 and so on. Their snapshots
// and their bucket do not exist.
func (s *Service) TakeExportSlots(n int, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	next := 1
	for range min(n, maxRunning-s.running(now)) {
		for s.tasks[fmt.Sprint("other-", next)] != nil {
			next++
		}
		id := fmt.Sprint("other-", next)
		s.tasks[id] = &task{
			Task: export.Task{
				ID: id, SourceARN: s.arn("snapshot", id), SnapshotTime: now, StartTime: now, EndTime: now.Add(d), Bucket: "bucket-of-others",
				IAMRoleARN: "arn:aws:iam::" + s.account + ":role/export-of-others",
				KMSKeyID:   s.keyARN("alias/of-others"),
			},
			profile: ExportProfile{Extracting: d}, cancel: func() {}, writtenAt: now,
		}
	}
}
