package lambda

import (
	"context"

	"snaplake/local/internal/iam"
)

// Lambda itself uses a function's role as well (Lambda guide, "Defining Lambda function permissions with an execution role"). Without
// the permissions no invocation fails: its logs or traces are lost, on AWS as here.

// mayLog reports whether the role may write logs.
func (s *Service) mayLog(f *Function, stream string) bool {
	arn := "arn:aws:logs:" + s.options.Region + ":" + s.options.Account + ":log-group:" + f.LogGroup + ":log-stream:" + stream
	return s.options.Guard.Check(as(f),
		iam.Call{Action: "logs:CreateLogStream", Resource: arn}, iam.Call{Action: "logs:PutLogEvents", Resource: arn}) == nil
}

// trace checks the permissions of tracing. Nothing shows traces here.
func (s *Service) trace(f *Function) {
	if f.Tracing {
		_ = s.options.Guard.Check(as(f),
			iam.Call{Action: "xray:PutTraceSegments", Resource: "*"}, iam.Call{Action: "xray:PutTelemetryRecords", Resource: "*"})
	}
}

// maySendDeadLetter returns an error when the role may not send to the function's dead-letter queue.
func (s *Service) maySendDeadLetter(f *Function) error {
	return s.options.Guard.Check(as(f), iam.Call{Action: "sqs:SendMessage", Resource: f.DeadLetterQueue})
}

// as returns a context for calls of a function's role.
func as(f *Function) context.Context {
	return iam.WithCaller(context.Background(), iam.Caller{Role: f.RoleARN, Session: f.Name})
}
