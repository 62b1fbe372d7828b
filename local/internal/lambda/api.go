package lambda

import (
	"encoding/json"
	"net/http"
	"strings"

	"snaplake/local/internal/wire"
)

// ServeHTTP answers the operations Invoke and GetFunctionConfiguration of Lambda's API, and the Runtime API below runtimePath.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, runtimePath) {
		s.serveRuntime(w, r)
		return
	}
	if name, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/2015-03-31/functions/"), "/configuration"); ok && r.Method == http.MethodGet {
		s.serveConfiguration(w, r, name)
		return
	}
	name, isInvoke := strings.CutPrefix(r.URL.Path, "/2015-03-31/functions/")
	name, isInvocation := strings.CutSuffix(name, "/invocations")
	if !isInvoke || !isInvocation || r.Method != http.MethodPost {
		refuse(w, &wire.Error{Code: "UnknownOperationException", Message: "the local Lambda does not have the operation " + r.Method + " " + r.URL.Path, Status: http.StatusNotFound})
		return
	}
	s.serveInvoke(w, r, name)
}

// maxPayload is Lambda's limit of a request and of an answer.
const maxPayload = 6 << 20

func (s *Service) serveInvoke(w http.ResponseWriter, r *http.Request, name string) {
	kind := r.Header.Get("X-Amz-Invocation-Type")
	if kind != "" && kind != "RequestResponse" && kind != "Event" {
		refuse(w, wire.Errorf("InvalidParameterValueException", "the local Lambda does not have the invocation type %s", kind))
		return
	}
	payload, tooLarge := readLimited(r.Body)
	if tooLarge {
		refuse(w, &wire.Error{Code: "RequestTooLargeException", Message: "Request must be smaller than 6291456 bytes for the InvokeFunction operation", Status: http.StatusRequestEntityTooLarge})
		return
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if !json.Valid(payload) {
		refuse(w, wire.Errorf("InvalidRequestContentException", "Could not parse request body into json"))
		return
	}
	if kind == "Event" {
		if err := s.InvokeEvent(r.Context(), name, payload); err != nil {
			refuse(w, wire.AsError(err))
			return
		}
		w.Header().Set("X-Amzn-RequestId", wire.NewRequestID())
		w.WriteHeader(http.StatusAccepted)
		return
	}
	answer, err := s.Invoke(r.Context(), name, payload)
	if err != nil {
		refuse(w, wire.AsError(err))
		return
	}
	w.Header().Set("X-Amzn-RequestId", answer.RequestID)
	w.Header().Set("X-Amz-Executed-Version", answer.ExecutedVersion)
	if answer.FunctionError != "" {
		w.Header().Set("X-Amz-Function-Error", answer.FunctionError)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer.Payload) // the client has gone: nobody is left to tell
}

func refuse(w http.ResponseWriter, e *wire.Error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", e.Code)
	w.Header().Set("X-Amzn-RequestId", wire.NewRequestID())
	w.WriteHeader(e.HTTPStatus())
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": e.Message})
}
