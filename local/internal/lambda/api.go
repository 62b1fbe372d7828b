package lambda

import (
	"encoding/json"
	"net/http"

	"snaplake/local/internal/wire"
)

// routes returns a handler for the supported operations of Lambda's API, and for the Runtime API under runtimePath.
func (s *Service) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc(runtimePath, s.serveRuntime)
	m.HandleFunc("POST /2015-03-31/functions/{function}/invocations", s.serveInvoke)
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		wire.AnswerREST(w, nil, &wire.Error{
			Code: "UnknownOperationException", Status: http.StatusNotFound,
			Message: "the local Lambda does not support the operation " + r.Method + " " + r.URL.Path,
		})
	})
	return m
}

// ServeHTTP serves Lambda's API and the Runtime API.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.api.ServeHTTP(w, r) }

// maxPayload is Lambda's limit for the payload of an invocation and for its response, in bytes.
const maxPayload = 6 << 20

func (s *Service) serveInvoke(w http.ResponseWriter, r *http.Request) {
	answer, err := s.invokeRequest(r)
	if err != nil {
		wire.AnswerREST(w, nil, err)
		return
	}
	w.Header().Set("X-Amzn-RequestId", answer.RequestID)
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if answer.FunctionError != "" {
		w.Header().Set("X-Amz-Function-Error", answer.FunctionError)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer.Payload) // fails only if the client has disconnected
}

func (s *Service) invokeRequest(r *http.Request) (Invocation, error) {
	kind := r.Header.Get("X-Amz-Invocation-Type")
	payload, tooLarge := readLimited(r.Body)
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	switch {
	case kind != "" && kind != "RequestResponse":
		return Invocation{}, wire.Errorf("InvalidParameterValueException", "the local Lambda does not support the invocation type %s", kind)
	case tooLarge:
		return Invocation{}, &wire.Error{
			Code: "RequestTooLargeException", Status: http.StatusRequestEntityTooLarge,
			Message: "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
		}
	case !json.Valid(payload):
		return Invocation{}, wire.Errorf("InvalidRequestContentException", "Could not parse request body into json")
	}
	return s.Invoke(r.Context(), r.PathValue("function"), payload)
}
