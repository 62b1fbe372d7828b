// Package exporttask finds RDS export tasks.
package exporttask

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// List returns all tasks that match a request. If RDS does not know the identifier in the request, the list is empty.
func List(ctx context.Context, c rds.DescribeExportTasksAPIClient, in *rds.DescribeExportTasksInput) ([]types.ExportTask, error) {
	var tasks []types.ExportTask
	pages := rds.NewDescribeExportTasksPaginator(c, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == "ExportTaskNotFound" {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, page.ExportTasks...)
	}
	return tasks, nil
}

// Find returns the task with the given identifier. It reports false if RDS does not list the task.
func Find(ctx context.Context, c rds.DescribeExportTasksAPIClient, id string) (types.ExportTask, bool, error) {
	tasks, err := List(ctx, c, &rds.DescribeExportTasksInput{ExportTaskIdentifier: &id})
	if err != nil {
		return types.ExportTask{}, false, fmt.Errorf("describe export task %s: %w", id, err)
	}
	if len(tasks) == 0 {
		return types.ExportTask{}, false, nil
	}
	return tasks[0], true, nil
}

// HasTablesOf reports whether a task exports the tables that the source lists now. The configuration may have changed since the task began.
func HasTablesOf(source workflow.Source, task types.ExportTask) bool {
	return slices.Equal(slices.Sorted(slices.Values(task.ExportOnly)), slices.Sorted(slices.Values(source.ExportOnly())))
}
