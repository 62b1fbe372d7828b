package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// schedulerAPI describes schedules.
type schedulerAPI interface {
	GetSchedule(context.Context, *scheduler.GetScheduleInput, ...func(*scheduler.Options)) (*scheduler.GetScheduleOutput, error)
}

// checkSchedules looks whether each source's nights begin when the configuration says.
func (d *doctor) checkSchedules(ctx context.Context) []line {
	var lines []line
	for _, source := range d.config.Sources {
		part := "schedule " + source.Name
		name := d.config.Name + "-" + source.Name
		out, err := d.aws.scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &name})
		switch {
		case codeOf(err) == "ResourceNotFoundException":
			lines = append(lines, fault.says(part, "there is no schedule %s; run make deploy", name))
		case err != nil:
			lines = append(lines, d.couldNotLook(part, err))
		case out.State != types.ScheduleStateEnabled:
			lines = append(lines, fault.says(part, "%s is disabled, so that no night begins by itself; enable it", name))
		case aws.ToString(out.ScheduleExpression) != source.Schedule || aws.ToString(out.ScheduleExpressionTimezone) != source.TimeZone:
			lines = append(lines, fault.says(part, "%s is %s %s, and the configuration has %s %s; run make deploy", name,
				aws.ToString(out.ScheduleExpression), aws.ToString(out.ScheduleExpressionTimezone), source.Schedule, source.TimeZone))
		default:
			lines = append(lines, ok.says(part, "%s %s", source.Schedule, source.TimeZone))
		}
	}
	return lines
}
