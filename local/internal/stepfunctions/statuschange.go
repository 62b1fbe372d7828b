package stepfunctions

// StatusChange is the detail of the EventBridge event "Step Functions Execution Status Change" (Step Functions guide, "Automating event
// delivery for Step Functions with EventBridge"). It omits the fields for redrives, versions and aliases, which the pipeline does not read.
type StatusChange struct {
	ExecutionARN    string `json:"executionArn"`
	StateMachineARN string `json:"stateMachineArn"`
	Name            string `json:"name"`
	Status          Status `json:"status"`
	// StartDate and StopDate are in milliseconds since the Unix epoch.
	StartDate int64  `json:"startDate"`
	StopDate  *int64 `json:"stopDate"`
	// Input and Output are JSON.
	Input  string  `json:"input"`
	Output *string `json:"output"`
	Error  *string `json:"error"`
	Cause  *string `json:"cause"`
}

// statusChange returns the event detail for the execution's current status. The caller must hold the service's mu.
func (e *execution) statusChange() StatusChange {
	c := StatusChange{
		ExecutionARN: e.ARN, StateMachineARN: e.StateMachineARN, Name: e.Name, Status: e.Status, StartDate: e.StartedAt.UnixMilli(),
		Input: e.Input, Output: optional(e.Output), Error: optional(e.Error), Cause: optional(e.Cause),
	}
	if !e.StoppedAt.IsZero() {
		stopped := e.StoppedAt.UnixMilli()
		c.StopDate = &stopped
	}
	return c
}

// notify passes a status change to StatusChanged. The caller must not hold any lock.
func (s *Service) notify(c StatusChange) {
	if s.opts.StatusChanged != nil {
		s.opts.StatusChanged(c)
	}
}

// optional returns nil for an empty string. In JSON, nil is encoded as null.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
