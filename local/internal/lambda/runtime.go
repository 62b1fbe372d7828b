package lambda

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"snaplake/local/internal/wire"
)

// runtimePath is the path prefix of the Runtime API, before the ID of an environment. On AWS, each environment has its own address.
const runtimePath = "/_runtime/"

// maxPayload is Lambda's limit for the response to an invocation, in bytes.
const maxPayload = 6 << 20

// ServeHTTP serves Lambda's Runtime API (Lambda guide, "Using the Lambda runtime API for custom runtimes"). It refuses the operations of
// Lambda's own API, since only services and commands of this program invoke functions.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, isRuntime := strings.CutPrefix(r.URL.Path, runtimePath)
	if !isRuntime {
		wire.AnswerREST(w, nil, &wire.Error{
			Code: "UnknownOperationException", Status: http.StatusNotFound,
			Message: "the local Lambda does not support the operation " + r.Method + " " + r.URL.Path,
		})
		return
	}
	id, path, _ := strings.Cut(rest, "/")
	s.mu.Lock()
	e := s.environments[id]
	s.mu.Unlock()
	if e == nil {
		http.Error(w, "no such execution environment", http.StatusForbidden)
		return
	}
	path, _ = strings.CutPrefix(path, "2018-06-01/runtime/")
	switch {
	case r.Method == http.MethodGet && path == "invocation/next":
		e.next(w, r)
	case r.Method == http.MethodPost && path == "init/error":
		// The process exits by itself and logs the reason.
		accept(w)
	case r.Method == http.MethodPost && strings.HasPrefix(path, "invocation/"):
		e.answer(w, r, strings.TrimPrefix(path, "invocation/"))
	default:
		http.NotFound(w, r)
	}
}

// next waits for the next call and sends it to the process.
func (e *environment) next(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	if e.asked.IsZero() {
		e.asked = time.Now()
	}
	e.mu.Unlock()
	select {
	case c := <-e.calls:
		e.mu.Lock()
		e.current = c
		e.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", c.requestID)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(c.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", e.arn)
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-"+c.requestID[:8]+"-"+strings.ReplaceAll(c.requestID, "-", "")[8:32]+";Sampled=0")
		_, _ = w.Write(c.payload) // run notices when the process has ended
	case <-e.exited:
	case <-r.Context().Done():
	}
}

// answer receives the response or the error of a function. path is "REQUEST/response" or "REQUEST/error".
func (e *environment) answer(w http.ResponseWriter, r *http.Request, path string) {
	id, kind, _ := strings.Cut(path, "/")
	e.mu.Lock()
	c := e.current
	e.mu.Unlock()
	if c == nil || c.requestID != id || (kind != "response" && kind != "error") {
		http.Error(w, "no such invocation", http.StatusBadRequest)
		return
	}
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	switch {
	case err != nil || len(payload) > maxPayload || c.tooLarge:
		failed := c.fail("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload)
		c.answer(failed.Payload, failed.FunctionError)
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	case kind == "error":
		c.answer(knownMembers(payload), "Unhandled")
	default:
		c.answer(payload, "")
	}
	accept(w)
}

// knownMembers removes the members of a function's error that Lambda does not pass on.
func knownMembers(payload []byte) []byte {
	var e struct {
		Message string          `json:"errorMessage"`
		Type    string          `json:"errorType"`
		Trace   json.RawMessage `json:"stackTrace,omitempty"`
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return payload
	}
	b, _ := json.Marshal(e) // cannot fail: all members have been decoded
	return b
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}
