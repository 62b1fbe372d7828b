package lambda

import (
	"context"

	"snaplake/local/internal/iam"
)

// Lambda itself also uses a function's role (Lambda guide, "Defining Lambda function permissions with an execution role"). If a
// permission is missing, the invocation does not fail, but its logs or traces are lost, as on AWS.

// mayLog reports whether the role may write logs.
func (s *Service) mayLog(f *Function, stream string) bool {
	arn := "arn:aws:logs:" + s.options.Region + ":" + s.options.Account + ":log-group:" + f.LogGroup + ":log-stream:" + stream
	return s.options.Guard.Check(roleContext(f),
		iam.Call{Action: "logs:CreateLogStream", Resource: arn}, iam.Call{Action: "logs:PutLogEvents", Resource: arn}) == nil
}

// trace checks the permissions for tracing. Traces are not recorded.
func (s *Service) trace(f *Function) {
	if f.Tracing {
		_ = s.options.Guard.Check(roleContext(f),
			iam.Call{Action: "xray:PutTraceSegments", Resource: "*"}, iam.Call{Action: "xray:PutTelemetryRecords", Resource: "*"})
	}
}

// maySendDeadLetter returns an error if the role may not send to the function's dead-letter queue.
func (s *Service) maySendDeadLetter(f *Function) error {
	return s.options.Guard.Check(roleContext(f), iam.Call{Action: "sqs:SendMessage", Resource: f.DeadLetterQueue})
}

// roleContext returns a context in which the caller is the function's role.
func roleContext(f *Function) context.Context {
	return iam.WithCaller(context.Background(), iam.Caller{Role: f.RoleARN, Session: f.Name})
}
