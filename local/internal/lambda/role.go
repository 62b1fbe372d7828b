package lambda

import (
	"context"

	"snaplake/local/internal/iam"
)

// What Lambda does itself with a function's role, beside the function (Lambda guide, "Defining Lambda function permissions with
// an execution role"). A role that does not allow it fails no invocation: its logs or traces are lost, on AWS as here.

// mayLog tells whether a process's output reaches its log stream.
func (s *Service) mayLog(f *Function, stream string) bool {
	arn := "arn:aws:logs:" + s.options.Region + ":" + s.options.Account + ":log-group:" + f.LogGroup + ":log-stream:" + stream
	return s.options.Guard.Check(as(f),
		iam.Call{Action: "logs:CreateLogStream", Resource: arn}, iam.Call{Action: "logs:PutLogEvents", Resource: arn}) == nil
}

// trace does of an invocation's tracing what IAM sees: nothing shows traces here.
func (s *Service) trace(f *Function) {
	if f.Tracing {
		_ = s.options.Guard.Check(as(f),
			iam.Call{Action: "xray:PutTraceSegments", Resource: "*"}, iam.Call{Action: "xray:PutTelemetryRecords", Resource: "*"})
	}
}

// mayBury tells why an event must not go into a function's dead-letter queue.
func (s *Service) mayBury(f *Function) error {
	return s.options.Guard.Check(as(f), iam.Call{Action: "sqs:SendMessage", Resource: f.DeadLetterQueue})
}

// as makes calls those of a function's role.
func as(f *Function) context.Context {
	return iam.WithCaller(context.Background(), iam.Caller{Role: f.RoleARN, Session: f.Name})
}
