package rds_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
)

// takeExportSlots adds n export tasks of other users, named other-FROM and so on. They are IN_PROGRESS for the duration d, then COMPLETE.
func (w env) takeExportSlots(t *testing.T, from, n int, d time.Duration) {
	t.Helper()
	now := w.clock.Now()
	var tasks []string
	for i := from; i < from+n; i++ {
		tasks = append(tasks, fmt.Sprintf(`{"ID": "other-%d", "SourceARN": "%ssnapshot:other-%d", "StartTime": %q, "EndTime": %q, "WrittenAt": %[4]q}`,
			i, arns, i, now.Format(time.RFC3339Nano), now.Add(d).Format(time.RFC3339Nano)))
	}
	if err := w.Load([]byte(`{"Tasks": [` + strings.Join(tasks, ", ") + `]}`)); err != nil {
		t.Fatal(err)
	}
}

func TestStartExportTask_FailsAtLimitOfRunningTasks(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	arn := w.backup(t)
	w.takeExportSlots(t, 1, 5, time.Hour)
	_, err := w.client.StartExportTask(t.Context(), request("shop-0", arn))
	wantError(t, err, 400, "ExportTaskLimitReachedFault", "You have reached the limit of 5 concurrent export tasks")

	out, err := w.client.DescribeExportTasks(t.Context(), &awsrds.DescribeExportTasksInput{})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for n, task := range out.ExportTasks {
		got = append(got, fmt.Sprint(*task.ExportTaskIdentifier, " ", *task.SourceArn, " ", *task.Status))
		want = append(want, fmt.Sprintf("other-%d %ssnapshot:other-%d IN_PROGRESS", n+1, arns, n+1))
	}
	wantLines(t, got, want...)
	if len(got) != 5 {
		t.Errorf("%d tasks are running, want 5", len(got))
	}

	w.clock.Advance(time.Hour)
	w.start(t, "shop-0", arn)
	wantLines(t, []string{progress(w.task(t, "other-1"))}, "COMPLETE 100% 17:05:12 18:05:12")
}
