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

// faults passes calls to the services, applies the faults of a plan, and reports each call. The zero value only passes calls.
type faults struct {
	plan *fault.Plan
	// clock, processes and operator are required with a plan. operator is an ARN.
	clock     clock.Clock
	processes processes
	operator  string
	// called, if set, receives each call before its caller has the response.
	called func(Call)

	mu sync.Mutex
	// answers are the last responses by request, for operations with a planned stale response.
	answers map[string]*answer
}

// processes are the processes of the functions, each with a session token of its own. The methods return false if no process has the
// token: the caller is not a function, and only sees the closed connection.
type processes interface {
	// Kill ends the process.
	Kill(token string) bool
	// TimeOut ends it as a function that timed out.
	TimeOut(token string) bool
}

// slow is the delay of a slow response.
const slow = time.Minute

// pass passes a call to its service, and applies its fault.
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
	c.Status = a.status
	if f.called != nil {
		f.called(c)
	}
	a.send(w)
}

// before returns the response to a call that must not reach its service, or nil. It removes a fault without effect from the call.
func (f *faults) before(c *Call, r *http.Request) *answer {
	page, resumed := "", false
	if slices.Contains(fault.KindsOf(c.Service, c.Operation), fault.EmptyPage) {
		page, resumed = resume(c.Service, r)
	}
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
			return emptyList(*c, r, afterEmpty+page)
		}
		c.Fault = fault.None // its empty page came before
		return nil
	case fault.Stale:
		return f.stale(c, r)
	case fault.Denied:
		return f.denied(*c, r)
	}
	return answerOf(r, plannedError(c.Service, c.Fault))
}

// after returns the response of a service with the fault applied.
func (f *faults) after(service http.Handler, c *Call, r *http.Request) *answer {
	keep := f.keeper(*c, r)
	a := record(service, r)
	keep(a)
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
		f.clock.Advance(slow)
	case fault.UnknownFields:
		a.addUnknown(*c)
	case fault.Stopping:
		if !a.stop() {
			c.Fault = fault.None
		}
	}
	return a
}

// tokenOf returns the session token, which identifies a function's process.
func tokenOf(r *http.Request) string { return r.Header.Get("X-Amz-Security-Token") }

// stale returns the last response to the same request, or an empty list. A first GetCrawler has neither: it does not fail.
func (f *faults) stale(c *Call, r *http.Request) *answer {
	question := questionOf(*c, r)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch last := f.answers[question]; {
	case last != nil:
		return last
	case c.Operation != "GetCrawler":
		return emptyList(*c, r, "")
	}
	c.Fault = fault.None
	return nil
}

// keeper returns a function that keeps the response to a request, if a stale response is planned for its operation.
func (f *faults) keeper(c Call, r *http.Request) func(*answer) {
	if !f.plan.Plans(fault.Stale, c.Service, c.Operation) {
		return func(*answer) {}
	}
	question := questionOf(c, r)
	return func(a *answer) {
		if a.status != http.StatusOK {
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.answers == nil {
			f.answers = map[string]*answer{}
		}
		kept := *a
		f.answers[question] = &kept
	}
}

// questionOf returns a key of requests with the same response.
func questionOf(c Call, r *http.Request) string {
	return c.Service + "." + c.Operation + " " + r.URL.RequestURI() + "\n" + string(bodyOf(r))
}

// denied returns IAM's refusal in the service's format.
func (f *faults) denied(c Call, r *http.Request) *answer {
	e := deniedError(c, r, f.operator)
	if c.Operation == "DeleteObjects" {
		return deniedKeys(r, e)
	}
	return answerOf(r, e)
}

// answerOf returns an error in the protocol of the request.
func answerOf(r *http.Request, e *wire.Error) *answer {
	return record(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { refuse(w, r, e) }), r)
}
