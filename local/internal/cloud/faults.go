package cloud

import (
	"net/http"
	"path"
	"slices"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// faults forwards calls to the services, injects the faults of a plan, and reports each call. The zero value only forwards calls.
type faults struct {
	plan *fault.Plan
	// clock, processes and account must be set if plan is set.
	clock     clock.Clock
	processes processes
	account   string
	// The function called, if set, receives each call before the caller receives the response.
	called func(Call)

	// answers maps request keys to the last responses. It covers only the operations for which the plan contains stale responses.
	answers sync.Map
}

// processes ends processes of functions. A process is identified by its session token. The methods return false if no process has the
// token.
type processes interface {
	Kill(token string) bool
	// TimeOut ends the process as if its function had timed out.
	TimeOut(token string) bool
}

// slowDelay is the delay before a response with the fault Slow is sent.
const slowDelay = time.Minute

// pass forwards a call to its service and injects the fault that is planned for the call, if any.
func (f *faults) pass(service http.Handler, name string, w http.ResponseWriter, r *http.Request) {
	if f.plan == nil && f.called == nil {
		service.ServeHTTP(w, r)
		return
	}
	c := Call{Service: name, Operation: operationOf(name, r)}
	if role := iam.CallerOf(r.Context()).Role; role != "" {
		c.Role = path.Base(role)
	}
	c.Fault = f.plan.Call(c.Service, c.Operation)
	a := f.before(&c, r)
	if a == nil {
		a = f.after(service, &c, r)
	}
	c.Status = a.Code
	if f.called != nil {
		f.called(c)
	}
	a.send(w)
}

// before returns the response to a call that must not reach its service, or nil. It clears c.Fault if the fault cannot affect the call.
func (f *faults) before(c *Call, r *http.Request) *answer {
	resumed := slices.Contains(fault.KindsOf(c.Service, c.Operation), fault.EmptyPage) && resume(r)
	switch c.Fault {
	case fault.None, fault.DropAfter, fault.Slow, fault.Hang, fault.KillAfter, fault.UnknownFields, fault.Stopping:
		return nil
	case fault.DropBefore:
		return dropped
	case fault.KillBefore:
		f.processes.Kill(tokenOf(r))
		return dropped
	case fault.EmptyPage:
		if !resumed {
			return emptyList(*c, r, afterEmpty+pageToken(c.Service, r))
		}
		c.Fault = fault.None // the empty page was already returned
		return nil
	case fault.Stale:
		return f.stale(c, r)
	case fault.Denied:
		return f.denied(*c, r)
	}
	return answerOf(r, plannedError(c.Service, c.Fault))
}

// after forwards a call to its service, applies the call's fault, and returns the resulting response.
func (f *faults) after(service http.Handler, c *Call, r *http.Request) *answer {
	key, kept := "", f.plan.Plans(fault.Stale, c.Service, c.Operation)
	if kept {
		key = requestKey(*c, r)
	}
	a := record(service, r)
	if kept && a.Code == http.StatusOK {
		f.answers.Store(key, &answer{new(*a.ResponseRecorder)})
	}
	switch c.Fault {
	case fault.DropAfter:
		return dropped
	case fault.KillAfter:
		f.processes.Kill(tokenOf(r))
		return dropped
	case fault.Hang:
		f.processes.TimeOut(tokenOf(r))
		return dropped
	case fault.Slow:
		f.clock.Advance(slowDelay)
	case fault.UnknownFields:
		a.addUnknown(*c)
	case fault.Stopping:
		if !a.setStopping() {
			c.Fault = fault.None
		}
	}
	return a
}

// tokenOf returns the session token of a request, which identifies the process of a function.
func tokenOf(r *http.Request) string { return r.Header.Get("X-Amz-Security-Token") }

// stale returns the previous response to the same request, or an empty list. It returns nil for the first GetCrawler, whose response is not
// a list.
func (f *faults) stale(c *Call, r *http.Request) *answer {
	if last, found := f.answers.Load(requestKey(*c, r)); found {
		return last.(*answer)
	}
	if c.Operation != "GetCrawler" {
		return emptyList(*c, r, "")
	}
	c.Fault = fault.None
	return nil
}

// requestKey returns a key that is the same for identical requests.
func requestKey(c Call, r *http.Request) string {
	return c.Service + "." + c.Operation + " " + r.URL.RequestURI() + "\n" + string(bodyOf(r))
}

// denied returns the response to a call that IAM denies, in the service's format.
func (f *faults) denied(c Call, r *http.Request) *answer {
	e := deniedError(c, r, f.account)
	if c.Operation == "DeleteObjects" {
		return deniedKeys(r, e)
	}
	return answerOf(r, e)
}

// answerOf returns a response with the error, in the protocol of the request.
func answerOf(r *http.Request, e *wire.Error) *answer {
	return record(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { refuse(w, r, e) }), r)
}
