package stepfunctions

import (
	"context"
	"errors"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
)

// run is what an execution does from its start, or from a redrive, to its end. Only its own goroutine uses it, apart from
// what its first part holds.
type run struct {
	service   *Service
	execution *execution
	revision  *revision

	ctx    context.Context // the state machine's role's; ends when the execution is stopped, and with the service
	cancel context.CancelFunc
	// release lets go of the clock, which the run holds while it works.
	release func()
	began   StatusChange
	ended   StatusChange  // before its end it is nothing
	over    chan struct{} // closed when it has ended and everybody is told

	deadline time.Time // of the whole
	at       position
	resumed  bool  // the state was entered before the redrive
	attempts int64 // how often the task was retried since it was entered or redriven
}

// errTimedOut is the time-out of the whole execution.
var errTimedOut = errors.New("the execution timed out")

// outcome is what a state leads to.
type outcome struct {
	output any
	next   string     // "" is the end
	failed *asl.Error // of a Fail state
}

func (r *run) main() {
	defer r.service.runs.Done()
	defer r.cancel()
	defer r.release()
	r.service.trace(r)
	for r.at.state != "" {
		if !r.enter() {
			return
		}
		out, err := r.step(r.definition())
		if err != nil {
			r.fail(err)
			return
		}
		if out.failed != nil {
			r.failed(out.failed)
			return
		}
		if !r.exit(out) {
			return
		}
	}
	d := withOutput(Details{}, asl.Encode(r.at.input))
	r.service.record(r, r.at.after, "ExecutionSucceeded", d, func(e *execution) { e.end(Succeeded, r.service.opts.Clock.Now(), d) })
}

func (r *run) definition() *asl.State { return r.revision.parsed.States[r.at.state] }

// emit adds an event that follows the one before. It reports false when the execution has ended meanwhile.
func (r *run) emit(kind string, d *Details) bool {
	id, ok := r.service.record(r, r.at.after, kind, d, nil)
	r.at.after = id
	return ok
}

// enter enters the state. In a redrive it is entered already, except for Fail, which is entered again.
func (r *run) enter() bool {
	resumed := r.resumed
	r.resumed, r.attempts = false, 0
	if resumed && r.definition().Type != asl.TypeFail {
		return true
	}
	details := withInput(Details{Name: r.at.state}, asl.Encode(r.at.input))
	_, ok := r.service.record(r, r.at.after, string(r.definition().Type)+"StateEntered", details, func(e *execution) {
		last := e.history[len(e.history)-1]
		r.at.enteredID, r.at.enteredAt, r.at.after = last.ID, last.Time, last.ID
		e.position = r.at
	})
	return ok
}

// exit exits the state.
func (r *run) exit(out outcome) bool {
	text, ok := asl.EncodeWithin(out.output, asl.MaxData)
	if !ok {
		r.fail(asl.TooLarge(r.at.state))
		return false
	}
	details := withOutput(Details{Name: r.at.state}, text)
	_, ok = r.service.record(r, r.at.after, string(r.definition().Type)+"StateExited", details, func(e *execution) {
		r.at = position{state: out.next, input: out.output, after: int64(len(e.history))}
		e.position = r.at
	})
	return ok
}

// step runs the state up to its output.
func (r *run) step(st *asl.State) (outcome, error) {
	if err := r.inTime(); err != nil {
		return outcome{}, err
	}
	if st.Task != nil {
		return r.task(st)
	}
	data, err := st.Filtered(r.scope(r.at.input))
	if err != nil {
		return outcome{}, err
	}
	scope := r.scope(data)
	switch st.Type {
	case asl.TypePass:
		return r.pass(st, scope)
	case asl.TypeFail:
		failed, err := st.Fail.Error(scope)
		return outcome{failed: failed}, err
	case asl.TypeWait:
		until, err := st.Wait.Until(r.service.opts.Clock.Now(), scope)
		if err != nil {
			return outcome{}, err
		}
		if err := r.sleep(until); err != nil {
			return outcome{}, err
		}
		return r.leave(st, scope, st.Next)
	case asl.TypeChoice:
		next, err := st.Choice.Decide(scope)
		if err != nil {
			return outcome{}, err
		}
		return r.leave(st, scope, next)
	default:
		return r.leave(st, scope, "")
	}
}

func (r *run) pass(st *asl.State, scope asl.Scope) (outcome, error) {
	result, err := st.Effective(scope)
	if err != nil {
		return outcome{}, err
	}
	if st.Pass.HasResult {
		result = st.Pass.Result
	}
	out, err := st.Result(r.at.input, r.scope(result))
	return outcome{output: out, next: st.Next}, err
}

func (r *run) leave(st *asl.State, scope asl.Scope, next string) (outcome, error) {
	out, err := st.Output(scope)
	return outcome{output: out, next: next}, err
}

// sleep lets the time pass, but no longer than the execution may take.
func (r *run) sleep(until time.Time) error {
	now := r.service.opts.Clock.Now()
	if until.After(r.deadline) {
		until = r.deadline
	}
	if err := r.service.opts.Clock.Sleep(r.ctx, max(until.Sub(now), 0)); err != nil {
		return err
	}
	return r.inTime()
}

// inTime is the error of an execution that takes too long.
func (r *run) inTime() error {
	if !r.service.opts.Clock.Now().Before(r.deadline) {
		return errTimedOut
	}
	return r.ctx.Err()
}

// fail ends the execution. Nothing happens when it was stopped.
func (r *run) fail(err error) {
	if errors.Is(err, errTimedOut) {
		d := &Details{Error: asl.Timeout}
		r.service.record(r, 0, "ExecutionTimedOut", d, func(e *execution) { e.end(TimedOut, r.deadline, d) })
		return
	}
	if r.ctx.Err() != nil {
		return
	}
	failed, ok := errors.AsType[*asl.Error](err)
	if !ok {
		failed = asl.Runtimef("%v", err)
	}
	if failed.Name == asl.Runtime {
		failed = asl.Runtimef("An error occurred while executing the state '%s' (entered at the event id #%d). %s", r.at.state, r.at.enteredID, failed.Cause)
	}
	r.failed(failed)
}

func (r *run) failed(err *asl.Error) {
	d := &Details{Error: err.Name, Cause: err.Cause}
	r.service.record(r, r.at.after, "ExecutionFailed", d, func(e *execution) { e.end(Failed, r.service.opts.Clock.Now(), d) })
}
