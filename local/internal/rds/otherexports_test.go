package rds_test

import (
	"fmt"
	"testing"
	"time"

	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
)

func TestTakeExportSlots_BlocksExportsForDuration(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	arn := w.backup(t)
	w.TakeExportSlots(9, time.Hour) // starts five
	_, err := w.client.StartExportTask(t.Context(), request("shop-0", arn))
	wantError(t, err, 400, "ExportTaskLimitReachedFault", "You have reached the limit of 5 concurrent export tasks")

	out, err := w.client.DescribeExportTasks(t.Context(), &awsrds.DescribeExportTasksInput{})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for n, task := range out.ExportTasks {
		got = append(got, fmt.Sprint(*task.ExportTaskIdentifier, " ", *task.SourceArn, " ", *task.S3Bucket, " ", *task.Status))
		want = append(want, fmt.Sprintf("other-%d %ssnapshot:other-%d bucket-of-others IN_PROGRESS", n+1, arns, n+1))
	}
	wantLines(t, got, want...)
	if len(got) != 5 {
		t.Errorf("%d tasks are running, want 5", len(got))
	}

	w.clock.Advance(time.Hour)
	w.start(t, "shop-0", arn)
	w.TakeExportSlots(1, time.Hour)
	wantLines(t, []string{progress(w.task(t, "other-1")), progress(w.task(t, "other-7"))},
		"COMPLETE 100% 17:05:12 18:05:12", "IN_PROGRESS 0% 18:05:12 -")
}
