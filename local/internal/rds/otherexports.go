package rds

import (
	"fmt"
	"time"

	"snaplake/local/internal/export"
)

// Occupy starts n export tasks of other people, who share the account and its five slots: fewer when fewer slots are free, as RDS
// would refuse the rest. They are IN_PROGRESS for d, and then COMPLETE. They are called other-1 and so on, and neither their
// snapshots nor their bucket are there to be seen.
func (s *Service) Occupy(n int, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	for range min(n, maxRunning-s.running(now)) {
		id := s.unusedID("other-")
		s.tasks[id] = &task{
			Task: export.Task{
				ID: id, SourceARN: s.arn("snapshot", id), SnapshotTime: now, StartTime: now, EndTime: now.Add(d), Bucket: "bucket-of-others",
				IAMRoleARN: "arn:aws:iam::" + s.account + ":role/export-of-others",
				KMSKeyID:   s.keyARN("alias/of-others"),
			},
			course: Course{Extracting: d}, cancel: func() {}, writtenAt: now,
		}
	}
}

// unusedID is the prefix and the lowest number that no task has. It is called with mu locked.
func (s *Service) unusedID(prefix string) string {
	for n := 1; ; n++ {
		id := fmt.Sprint(prefix, n)
		if _, used := s.tasks[id]; !used {
			return id
		}
	}
}
