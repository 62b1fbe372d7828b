package account

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/wire"
)

// schedule is the response of GetSchedule. FlexibleTimeWindow and Target are copied from the template.
type schedule struct {
	Arn, GroupName, Name, State string
	Description                 string `json:",omitempty"`
	ScheduleExpression          string
	ScheduleExpressionTimezone  string
	FlexibleTimeWindow          any
	Target                      any
}

// serveScheduler serves EventBridge Scheduler's GetSchedule for the schedules of the stack.
func (a *Account) serveScheduler(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, "/schedules/")
	if !ok || r.Method != http.MethodGet {
		wire.AnswerREST(w, nil, &wire.Error{
			Code: "UnknownOperationException", Status: http.StatusNotFound,
			Message: "the local EventBridge Scheduler does not support the operation " + r.Method + " " + r.URL.Path,
		})
		return
	}
	found, err := a.schedule(r.Context(), cmp.Or(r.URL.Query().Get("groupName"), "default"), name)
	wire.AnswerREST(w, found, err)
}

func (a *Account) schedule(ctx context.Context, group, name string) (schedule, error) {
	arn := a.arn("scheduler", "schedule/"+group+"/"+name)
	if err := a.check(ctx, "scheduler:GetSchedule", arn); err != nil {
		return schedule{}, err
	}
	for _, r := range a.options.Stack.OfType("AWS::Scheduler::Schedule") {
		// These are the defaults of AWS::Scheduler::Schedule (CloudFormation template reference).
		s := schedule{GroupName: "default", State: "ENABLED", ScheduleExpressionTimezone: "UTC"}
		if err := cloudformation.Decode(r, &s); err != nil {
			return schedule{}, err
		}
		if s.Name = r.PhysicalID; s.Name == name && s.GroupName == group {
			s.Arn = arn
			return s, nil
		}
	}
	return schedule{}, &wire.Error{
		Code: "ResourceNotFoundException", Message: "Schedule " + name + " does not exist.", Status: http.StatusNotFound,
	}
}
