package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"snaplake/workflow"
)

// athenaAPI describes workgroups and their queries.
type athenaAPI interface {
	GetWorkGroup(context.Context, *athena.GetWorkGroupInput, ...func(*athena.Options)) (*athena.GetWorkGroupOutput, error)
	ListQueryExecutions(context.Context, *athena.ListQueryExecutionsInput, ...func(*athena.Options)) (*athena.ListQueryExecutionsOutput, error)
	BatchGetQueryExecution(context.Context, *athena.BatchGetQueryExecutionInput, ...func(*athena.Options)) (*athena.BatchGetQueryExecutionOutput, error)
}

// isUnknownWorkGroup tells whether Athena means that there is no such workgroup: it has no code for that.
func isUnknownWorkGroup(err error) bool {
	return codeOf(err) == "InvalidRequestException" && strings.Contains(err.Error(), "not found")
}

// checkWorkGroups looks at both workgroups: where results go, that clients cannot have them elsewhere, and what analysts may scan.
func (d *doctor) checkWorkGroups(ctx context.Context) []line {
	const part = "workgroups"
	groups := []struct {
		name, folder string
		limit        int64 // in bytes; 0 means none
	}{
		{d.config.Name, workflow.PipelineResults, 0},
		{d.config.AnalystsWorkGroup(), workflow.AnalystsResults, int64(d.config.Analysts.ScanLimitGB) * 1e9},
	}
	var faults []line
	for _, group := range groups {
		out, err := d.aws.athena.GetWorkGroup(ctx, &athena.GetWorkGroupInput{WorkGroup: &group.name})
		if isUnknownWorkGroup(err) {
			faults = append(faults, fault.says(part, "there is no workgroup %s; run make destroy, then make deploy", group.name))
			continue
		}
		if err != nil {
			faults = append(faults, d.couldNotLook(part, err))
			continue
		}
		where := workflow.S3URI(d.bucket(), group.folder)
		if wrong := wrongGroup(*out.WorkGroup, where, group.limit); wrong != "" {
			faults = append(faults, fault.says(part, "%s %s", group.name, wrong))
		}
	}
	return orElse(faults, part, "%s, and %s with a scan limit of %d GB", groups[0].name, groups[1].name, d.config.Analysts.ScanLimitGB)
}

// wrongGroup is what is not as it was deployed, or "".
func wrongGroup(group types.WorkGroup, where string, limit int64) string {
	settings := group.Configuration
	if settings == nil {
		settings = &types.WorkGroupConfiguration{}
	}
	output := ""
	if settings.ResultConfiguration != nil {
		output = aws.ToString(settings.ResultConfiguration.OutputLocation)
	}
	switch {
	case group.State != types.WorkGroupStateEnabled:
		return "is disabled; enable it"
	case !aws.ToBool(settings.EnforceWorkGroupConfiguration):
		return "lets clients choose where results go and how much they scan; turn on Override client-side settings"
	case output != where:
		return "writes results to " + output + ", and the configuration has " + where + "; run make deploy, or set it back"
	case aws.ToInt64(settings.BytesScannedCutoffPerQuery) != limit:
		return "has another scan limit than the configuration; run make deploy, or set it back"
	}
	return ""
}
