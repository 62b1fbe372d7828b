package lambda

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"snaplake/local/internal/wire"
)

// routes are the operations that there are of Lambda's API, and the Runtime API below runtimePath.
func (s *Service) routes() http.Handler {
	const function = "/2015-03-31/functions/{function}"
	const layer = "/2018-10-31/layers/{layer}/versions"
	m := http.NewServeMux()
	m.HandleFunc(runtimePath, s.serveRuntime)
	m.HandleFunc("POST "+function+"/invocations", s.serveInvoke)
	m.HandleFunc("GET "+function+"/configuration", serve("GetFunctionConfiguration", http.StatusOK, s.getFunctionConfiguration))
	m.HandleFunc("PUT "+function+"/configuration", serve("UpdateFunctionConfiguration", http.StatusOK, s.updateFunctionConfiguration))
	m.HandleFunc("POST "+layer, serve("PublishLayerVersion", http.StatusCreated, s.publishLayerVersion))
	m.HandleFunc("GET "+layer+"/{version}", serve("GetLayerVersion", http.StatusOK, s.getLayerVersion))
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, &wire.Error{Code: "UnknownOperationException", Message: "the local Lambda does not have the operation " + r.Method + " " + r.URL.Path, Status: http.StatusNotFound})
	})
	return m
}

// ServeHTTP answers as Lambda's API does, and as its Runtime API.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.api.ServeHTTP(w, r) }

// maxRequest is Lambda's limit of a request that is no invocation: 50 MB of an archive in base64, and a little for the rest.
const maxRequest = 70167211

// serve answers an operation that is about what its path says, and that takes and gives JSON.
func serve(name string, status int, about func(*http.Request) wire.Operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxRequest))
		if err != nil {
			refuse(w, &wire.Error{
				Code:    "RequestEntityTooLargeException",
				Message: fmt.Sprintf("Request must be smaller than %d bytes for the %s operation", maxRequest, name),
				Status:  http.StatusRequestEntityTooLarge,
			})
			return
		}
		out, err := about(r)(r.Context(), body)
		if err != nil {
			refuse(w, wire.AsError(err))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-RequestId", wire.NewRequestID())
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(out) // fails only when the client has gone
	}
}

// maxPayload is Lambda's limit of an invocation's request and of its answer.
const maxPayload = 6 << 20

func (s *Service) serveInvoke(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("function")
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
