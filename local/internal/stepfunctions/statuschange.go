package stepfunctions

// statusChange returns the detail of the EventBridge event for the execution's current status (Step Functions guide, "Automating event
// delivery for Step Functions with EventBridge"). It omits the fields for redrives, versions and aliases, which the pipeline does not read.
// The caller must hold the service's mu.
func (e *execution) statusChange() map[string]any {
	detail := map[string]any{
		"executionArn": e.ARN, "stateMachineArn": e.StateMachineARN, "name": e.Name, "status": e.Status,
		"startDate": e.StartedAt.UnixMilli(), "stopDate": nil, "input": e.Input, "output": nil, "error": nil, "cause": nil,
	}
	if !e.StoppedAt.IsZero() {
		detail["stopDate"] = e.StoppedAt.UnixMilli()
	}
	for name, text := range map[string]string{"output": e.Output, "error": e.Error, "cause": e.Cause} {
		if text != "" {
			detail[name] = text
		}
	}
	return detail
}

// notify passes the detail of a status change to StatusChanged. The caller must not hold any lock.
func (s *Service) notify(e *execution, detail map[string]any) {
	if s.opts.StatusChanged != nil {
		s.opts.StatusChanged(e.ARN, detail)
	}
}
