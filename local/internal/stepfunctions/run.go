package stepfunctions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
)

// run is one run of an execution. Every redrive begins a new run. After start has returned, only the run's own goroutine uses the run.
type run struct {
	service   *Service
	execution *execution

	ctx     context.Context // carries the role as the caller; canceled by Close
	cancel  context.CancelFunc
	release func() // releases the clock, which is held while the run is not sleeping
	over    chan struct{}

	deadline time.Time // of the execution
	at       position
	resumed  bool  // whether the state was entered before the redrive
	retries  int64 // of the current task, since its state was entered or redriven
}

var (
	errTimedOut    = errors.New("the execution timed out")
	errHistoryFull = errors.New("the history is full")
)

// start records the first event of the run and executes the states in the background.
func (r *run) start(kind string, d Details) {
	s, e := r.service, r.execution
	s.record(e, int64(len(e.History)), kind, &d)
	s.mu.Lock()
	change := e.statusChange()
	s.mu.Unlock()
	s.notify(e, change)
	go r.main()
}

func (r *run) main() {
	defer r.service.runs.Done()
	defer r.cancel()
	defer r.release()
	r.service.checkTracing(r)
	var err error
	for err == nil && r.at.State != "" {
		if err = r.enter(); err == nil {
			err = r.step()
		}
	}
	r.end(err)
}

func (r *run) state() *asl.State { return r.execution.Machine.parsed.States[r.at.State] }

// emit records the next event of the run.
func (r *run) emit(kind string, d *Details) (Event, error) {
	if err := r.ctx.Err(); err != nil {
		return Event{}, err
	}
	if len(r.execution.History) == maxHistory-1 {
		return Event{}, errHistoryFull
	}
	event := r.service.record(r.execution, r.at.previousID, kind, d)
	r.at.previousID = event.ID
	return event, nil
}

// enter enters the current state, unless a redrive resumes it.
func (r *run) enter() error {
	r.retries = 0
	if r.resumed {
		r.resumed = false
		return nil
	}
	event, err := r.emit(r.state().Type+"StateEntered", &Details{Name: r.at.State, Input: asl.Encode(r.at.Input)})
	r.at.EnteredID, r.at.EnteredAt = event.ID, event.Time
	return err
}

// step executes the current state and moves to the next one.
func (r *run) step() error {
	if err := r.checkDeadline(); err != nil {
		return err
	}
	st := r.state()
	output, next := r.at.Input, st.Next
	var err error
	switch {
	case st.Task != nil:
		output, err = r.task(st.Task)
	case st.Wait != nil:
		var d time.Duration
		if d, err = st.Wait.Duration(r.scope(r.at.Input)); err == nil {
			err = r.sleep(d)
		}
	default:
		next, err = st.Choice.Decide(r.scope(r.at.Input))
	}
	if err != nil {
		return err
	}
	event, err := r.emit(st.Type+"StateExited", &Details{Name: r.at.State, Output: asl.Encode(output)})
	if err == nil {
		r.at = position{State: next, Input: output, previousID: event.ID}
	}
	return err
}

// sleep waits for d, but not beyond the execution's deadline.
func (r *run) sleep(d time.Duration) error {
	left := r.deadline.Sub(r.service.opts.Clock.Now())
	if err := r.service.opts.Clock.Sleep(r.ctx, max(min(d, left), 0)); err != nil {
		return err
	}
	return r.checkDeadline()
}

// checkDeadline returns errTimedOut if the execution's deadline has passed.
func (r *run) checkDeadline() error {
	if !r.service.opts.Clock.Now().Before(r.deadline) {
		return errTimedOut
	}
	return r.ctx.Err()
}

// end sets the final status of the execution, unless the service has been closed.
func (r *run) end(err error) {
	now := r.service.opts.Clock.Now()
	failed, ok := errors.AsType[*asl.Error](err)
	switch {
	case r.service.ctx.Err() != nil:
		r.service.mu.Lock()
		r.execution.Position = r.at // for Save
		r.service.mu.Unlock()
	case err == nil:
		r.finish(Succeeded, "ExecutionSucceeded", now, Details{Output: asl.Encode(r.at.Input)})
	case errors.Is(err, errTimedOut):
		r.at.previousID = 0 // as in AWS's histories
		r.finish(TimedOut, "ExecutionTimedOut", r.deadline, Details{Error: asl.Timeout})
	case ok && failed.Name != asl.Runtime:
		r.finish(Failed, "ExecutionFailed", now, Details{Error: failed.Name, Cause: failed.Cause})
	case ok:
		cause := fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s",
			r.at.State, r.at.EnteredID, failed.Cause)
		r.finish(Failed, "ExecutionFailed", now, Details{Error: asl.Runtime, Cause: cause})
	case errors.Is(err, errHistoryFull):
		cause := fmt.Sprintf("The execution reached the maximum number of history events (%d).", maxHistory)
		r.finish(Failed, "ExecutionFailed", now, Details{Error: asl.Runtime, Cause: cause})
	}
}

func (r *run) finish(status Status, kind string, at time.Time, d Details) {
	s, e := r.service, r.execution
	s.record(e, r.at.previousID, kind, &d)
	s.mu.Lock()
	e.Position, e.Status, e.StoppedAt = r.at, status, at
	e.Error, e.Cause, e.Output = d.Error, d.Cause, d.Output
	if status == TimedOut {
		e.Error = "" // only the history contains States.Timeout
	}
	change := e.statusChange()
	s.mu.Unlock()
	s.notify(e, change)
	close(r.over)
}
