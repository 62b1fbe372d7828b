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

// faults let calls through to the services, do to them what a plan says, and tell of each. The zero value lets all through.
type faults struct {
	plan *fault.Plan
	// clock, processes and operator are needed with a plan. The operator is an ARN.
	clock     clock.Clock
	processes processes
	operator  string
	// called, if there is one, is told of each call before its caller has the answer.
	called func(Call)

	mu sync.Mutex
	// answers are the last ones to each request whose answer may be stale by plan.
	answers map[string]*answer
}

// processes are those of the functions, each of which sends a session token of its own. False means that none has that token:
// the caller is no function, and all that it sees is that the connection is closed.
type processes interface {
	// Kill ends the process at once.
	Kill(token string) bool
	// TimeOut ends it with the time-out of its function.
	TimeOut(token string) bool
}

// slow is how long a slow answer takes.
const slow = time.Minute

// pass lets a call through to a service, or does to it what the plan says.
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

// before is the answer to a call that shall not get to its service. Nil means that it shall. A fault that makes no difference is
// taken out of the call.
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
		c.Fault = fault.None // its empty page was before
		return nil
	case fault.Stale:
		return f.stale(c, r)
	case fault.Denied:
		return f.denied(*c, r)
	}
	return answerOf(r, plannedError(c.Service, c.Fault))
}

// after is the answer of a service with what the plan does to it.
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

// tokenOf is what a function's process is known by.
func tokenOf(r *http.Request) string { return r.Header.Get("X-Amz-Security-Token") }

// stale is the last answer to the same request, or an empty list. What is no list has no empty answer: then nothing goes wrong.
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

// keeper keeps the answer to a request, when one to the same request may be stale by plan.
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

// questionOf tells requests apart that may have different answers.
func questionOf(c Call, r *http.Request) string {
	return c.Service + "." + c.Operation + " " + r.URL.RequestURI() + "\n" + string(bodyOf(r))
}

// denied is IAM's refusal in the words of the service.
func (f *faults) denied(c Call, r *http.Request) *answer {
	e := deniedError(c, r, f.operator)
	if c.Operation == "DeleteObjects" {
		return deniedKeys(r, e)
	}
	return answerOf(r, e)
}

// answerOf is an error in the protocol of the request.
func answerOf(r *http.Request, e *wire.Error) *answer {
	return record(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { refuse(w, r, e) }), r)
}
