package stepfunctions_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/stepfunctions"
)

func TestStopExecution_AbortsAndCanBeRedriven(t *testing.T) {
	var changes []stepfunctions.Status
	begun, release := make(chan struct{}), make(chan struct{})
	s := newService(t, func(ctx context.Context, _ string, _ []byte) (stepfunctions.Invocation, error) {
		begun <- struct{}{}
		select {
		case <-release:
			return answer(`{}`)
		case <-ctx.Done():
			return stepfunctions.Invocation{}, ctx.Err()
		}
	}, func(o *stepfunctions.Options) {
		o.StatusChanged = func(c stepfunctions.StatusChange) { changes = append(changes, c.Status) }
	})
	s.create(invokeTask)
	arn := s.start("e", "")
	<-begun
	cause, name := "not needed", "Stopped"
	stop := &sfn.StopExecutionInput{ExecutionArn: &arn, Cause: &cause, Error: &name}
	client := s.client(iam.Caller{})
	stopped := must[*sfn.StopExecutionOutput](t)(client.StopExecution(t.Context(), stop))
	equal(t, evening(), stopped.StopDate.UTC())

	e := s.wait(arn)
	equal(t, []any{stepfunctions.Aborted, name, cause}, []any{e.Status, e.Error, e.Cause})
	equal(t, []string{"1 0 ExecutionStarted", "2 0 TaskStateEntered", "3 2 TaskScheduled", "4 3 TaskStarted", "5 0 ExecutionAborted"},
		lines(s.history(arn)))
	again := must[*sfn.StopExecutionOutput](t)(client.StopExecution(t.Context(), stop))
	equal(t, stopped.StopDate, again.StopDate)

	if err := s.RedriveExecution(arn, ""); err != nil {
		t.Fatal(err)
	}
	<-begun
	close(release)
	equal(t, stepfunctions.Succeeded, s.wait(arn).Status)
	equal(t, []string{"6 5 ExecutionRedriven", "7 2 TaskScheduled"}, lines(s.history(arn))[5:7])
	equal(t, []stepfunctions.Status{
		stepfunctions.Running, stepfunctions.Aborted, stepfunctions.Running, stepfunctions.Succeeded,
	}, changes)
}
