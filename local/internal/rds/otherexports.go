package rds

import (
	"fmt"
	"time"

	"snaplake/local/internal/export"
)

// TakeExportSlots adds n running export tasks of other users, named other-N, or fewer if the limit is reached. They complete after d.
func (s *Service) TakeExportSlots(n int, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	for range min(n, maxRunning-s.running(now)) {
		id := fmt.Sprint("other-", len(s.tasks)+1) // unique, because tasks are never deleted
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
